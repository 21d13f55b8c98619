"""Read a picture of one number at once: from a line's columns to texts, and to each digit's place."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import AnyArray, Columns, Ink
from tenfold.ctc import NONE, Text, align, find_texts
from tenfold.image.line import ROWS, Line, picture_to_line, without_lines
from tenfold.line_recognizer import LineRecognizer
from tenfold.reading.lattice import Lattice

N_TEXTS: Final = 5
"""Texts that a reading lists, at most."""

INKED: Final = 96
"""Ink, of 255, that a digit's box holds."""

FAINTEST: Final = 0.05
"""Probability, in a column, from which a digit may be there: an edge of the lattice."""

MOST_SKIPPED: Final = 2
"""Pieces in a row that may be nothing in a lattice."""

_LEAST: Final = 1e-6


@dataclass(frozen=True, eq=False)
class LineDigit:
    """One digit of a number.

    Attributes
    ----------
    label : int
        0–9, as in the most probable text.
    box : tuple of int
        Left, top, width and height of its ink, in pixels of the picture.
    probabilities : ndarray of shape (11,), dtype=float32
        Of each digit, and of none, in its columns.
    columns : tuple of int
        The first of the line's columns that are its own, and the one after the last.
    """

    label: int
    box: tuple[int, int, int, int]
    probabilities: NDArray[np.float32]
    columns: tuple[int, int]


@dataclass(frozen=True, eq=False)
class LineReading:
    """What a picture of one number says.

    Attributes
    ----------
    texts : tuple of Text
        The most probable, in order; the first is what is read, its probability the confidence.
    digits : tuple of LineDigit
        Of the first text.
    lattice : Lattice
        All that may be read, for a decoder that knows more: see `columns_to_lattice`.
    """

    texts: tuple[Text, ...]
    digits: tuple[LineDigit, ...]
    lattice: Lattice

    @property
    def text(self) -> str:
        """The most probable text."""
        return str(self.texts[0])

    @property
    def confidence(self) -> float:
        """Its probability."""
        return self.texts[0].probability


def read_number(grey: Ink, recognizer: LineRecognizer) -> LineReading:
    """Read a grey picture that shows one number.

    Parameters
    ----------
    grey : ndarray of shape (height, width), dtype=uint8
        0 black … 255 white, dark on light or light on dark.
    recognizer : LineRecognizer
        A model of lines.
    """
    line = picture_to_line(grey)
    columns = recognizer.read_line(line.ink)
    texts = find_texts(columns, N_TEXTS)
    spans = align(columns, texts[0].digits)
    boxes = _find_boxes(spans, line, len(columns))
    own = _share_columns(spans, len(columns))
    digits = tuple(
        LineDigit(label, box, _summarize(columns[start:end]), (start, end))
        for label, box, (start, end) in zip(texts[0].digits, boxes, own.tolist(), strict=True)
    )
    return LineReading(tuple(texts), digits, columns_to_lattice(columns, line))


def _share_columns(spans: NDArray[np.int64], n_columns: int) -> NDArray[np.int64]:
    """Widen spans of columns up to halfway to the next, the first and the last to the ends."""
    if not len(spans):
        return spans
    halfway = (spans[1:, 0] + spans[:-1, 1] + 1) // 2
    return np.stack(
        [np.append(0, halfway)[: len(spans)], np.append(halfway, n_columns)[-len(spans) :]], axis=1
    )


def _summarize(columns: AnyArray) -> NDArray[np.float32]:
    """Return the probability of each digit in some neighboring columns, and of none in any.

    That of none is exact, as columns are independent; the rest is shared by how likely each digit is in any.
    """
    none = columns[:, NONE].prod()
    digits = 1 - (1 - columns[:, :NONE]).prod(axis=0)
    shares = digits * (1 - none) / max(float(digits.sum()), _LEAST)
    return np.append(shares, 1 - shares.sum()).astype(np.float32)


def _find_boxes(spans: NDArray[np.int64], line: Line, n_columns: int) -> list[tuple[int, int, int, int]]:
    """Return the box of the ink around each span of columns, up to halfway to the next."""
    stride = line.ink.shape[1] / max(1, n_columns)
    centers = spans.mean(axis=1) * stride
    halfway = (centers[1:] + centers[:-1]) / 2
    reach = float(ROWS) * 0.6  # no digit is wider: what is beyond is a line, or a mark
    mask = without_lines((line.ink > INKED).astype(np.uint8))
    starts = np.maximum(np.concatenate([[0.0], halfway]), centers - reach)
    ends = np.minimum(np.concatenate([halfway, [float(line.ink.shape[1])]]), centers + reach)
    return [
        _to_picture(_ink_box(mask, int(start), int(np.ceil(end))), line)
        for start, end in zip(starts, ends, strict=True)
    ]


def _ink_box(mask: AnyArray, start: int, end: int) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of the ink between two columns; of all rows where there is none."""
    part = mask[:, start:end]
    rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
    if not len(rows):
        return start, 0, end, ROWS
    return start + int(columns[0]), int(rows[0]), start + int(columns[-1]) + 1, int(rows[-1]) + 1


def _to_picture(box: tuple[int, int, int, int], line: Line) -> tuple[int, int, int, int]:
    """Return left, top, width and height in the picture of a box in a line."""
    left, top, wide, high = line.box
    across, down = wide / line.ink.shape[1], high / ROWS
    start, first = max(0, round(left + box[0] * across)), max(0, round(top + box[1] * down))
    return start, first, round((box[2] - box[0]) * across), round((box[3] - box[1]) * down)


def columns_to_lattice(columns: Columns, line: Line) -> Lattice:
    """Make a lattice of all digits that may stand in a line.

    Parameters
    ----------
    columns : ndarray of shape (n_columns, 11), dtype=float32
        Of the line, by a `LineRecognizer`.
    line : Line
        Whose boxes are those of the edges.

    Returns
    -------
    Lattice
        Neighboring columns with one likely digit are a piece, from place to place. An edge is one of these as
        a digit, with up to two before it that are nothing; at the end, also with up to two after it. Its
        weight is how likely that is.

    Notes
    -----
    Exact where digits stand apart, with one digit likely in each piece: there a path's probability is that of
    its text by `find_texts`. An approximation elsewhere, as pieces are what they are: columns are shared out
    among them once and for all, by which digit is likeliest in each.
    """
    spans = np.array(_find_spans(columns), np.int64).reshape(-1, 2)
    summaries = np.array([_summarize(columns[start:end]) for start, end in spans]).reshape(-1, NONE + 1)
    boxes = np.array(_find_boxes(spans, line, len(columns)), np.int64).reshape(-1, 4)
    edges = _list_edges(len(spans))
    starts, kept, ends = np.array(edges, np.int64).reshape(-1, 3).T
    skips = [[k for k in range(start, end) if k != keep] for start, keep, end in edges]
    logs = np.log(np.maximum(summaries[:, NONE].astype(np.float64), _LEAST))
    return Lattice(
        n_places=len(spans) + 1,
        starts=starts,
        ends=ends,
        probabilities=summaries[kept].astype(np.float32),
        log_weights=np.array([logs[skip].sum() for skip in skips], np.float64),
        boxes=boxes[kept],
        is_cut=np.zeros(len(kept), np.bool_),
    )


def _list_edges(n: int) -> list[tuple[int, int, int]]:
    """Return the start, the piece that is a digit, and the end, of each edge; no two paths keep the same."""
    kept = [
        (start, keep, keep + 1) for keep in range(n) for start in range(max(0, keep - MOST_SKIPPED), keep + 1)
    ]
    at_end = [(start, keep, n) for start, keep, _ in kept if n - 1 - MOST_SKIPPED <= keep < n - 1]
    return kept + at_end


def _find_spans(columns: Columns) -> list[tuple[int, int]]:
    """Return the runs of neighboring columns in which one digit, the same, may be."""
    likely = np.where(columns[:, :NONE].max(axis=1) > FAINTEST, columns[:, :NONE].argmax(axis=1), NONE)
    changes = np.flatnonzero(np.diff(likely)) + 1
    bounds = [0, *changes.tolist(), len(likely)]
    return [(start, end) for start, end in pairwise(bounds) if likely[start] != NONE]
