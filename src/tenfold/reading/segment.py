"""A run of ink, cut into what may be digits in every way that makes sense."""

import itertools
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Box, Ink, Probabilities
from tenfold.image import even_strokes, to_digit_image
from tenfold.reading.group import Run
from tenfold.reading.lattice import Lattice
from tenfold.reading.locate import Parts
from tenfold.recognizer import NONE, Recognizer

MOST_PIECES: Final = 7
"""Of what is cut, that one digit may consist of."""

SURE: Final = 0.9
"""Probability of a digit from which on ink is not cut."""

SIGN: Final = 0.95
WIDEST_SIGN: Final = 1.1
"""Probability of "not a digit", and width in heights of its run, of a letter or a sign, which is not cut."""

SINGLE: Final = 1.2
"""Width, in heights of its run, from which on ink is cut even so."""

WIDEST: Final = 1.6
"""Of a digit, in heights of its run."""

NARROWEST: Final = 0.75
"""Width of a piece, in heights, from which on it may be two digits."""

STEP: Final = 0.2
"""Distance between cuts, at least, in heights."""

CUT: Final = np.log(0.1)
"""Logarithm of how likely it is that connected ink is cut at a given place."""

GAP: Final = -12.0
"""Logarithm of how likely it is that one digit has a gap, per height of the run that the gap is wide."""


@dataclass(frozen=True, eq=False)
class Piece:
    """Ink that is a digit or a part of one.

    Attributes
    ----------
    left, top, right, bottom : int
        Where it is in the picture.
    ink : ndarray of shape (height, width), dtype=uint8
        0 paper … 255 ink, without that of other pieces.
    is_cut : bool
        Whether it is connected to the piece before.
    is_sign : bool
        Whether it is surely no digit as it stands, and too narrow for two: not to be cut.
    probabilities : ndarray of shape (11,), dtype=float32, or None
        Of each class, if it is surely one digit, not to be cut or joined.
    """

    left: int
    top: int
    right: int
    bottom: int
    ink: Box
    is_cut: bool = False
    is_sign: bool = False
    probabilities: NDArray[np.float32] | None = None


def make_lattice(parts: Parts, run: Run, reader: Recognizer) -> Lattice:
    """Return all ways to cut a run into digits, each piece read.

    What is surely one digit as it stands is neither cut nor joined to another.

    Parameters
    ----------
    parts : Parts
        Of the picture.
    run : Run
        Of these parts.
    reader : Recognizer
        Reads the pieces.
    """
    pieces = _mark_whole(_take_pieces(parts, run), run.height, reader)
    pieces = [part for piece in pieces for part in _cut(piece, run.height)]
    edges = _choose_edges(pieces, run.height)
    joined = [_lay_together(pieces[start:end]) for start, end, _ in edges]
    starts, ends, weights = (np.array(column) for column in zip(*edges, strict=True))
    return Lattice(
        n_places=len(pieces) + 1,
        starts=starts.astype(np.int64),
        ends=ends.astype(np.int64),
        probabilities=_read(joined, reader),
        log_weights=weights.astype(np.float64),
        boxes=np.array([_box(piece) for piece in joined], np.int64),
        is_cut=np.array([pieces[start].is_cut for start in starts], np.bool_),
        is_cut_out=True,
    )


def _read(pieces: list[Piece], reader: Recognizer) -> Probabilities:
    """Return the probabilities of each class for each piece."""
    unread = [to_digit_image(even_strokes(piece.ink)) for piece in pieces if piece.probabilities is None]
    rows = iter(reader.predict_proba(np.stack(unread)) if unread else ())
    return np.stack([next(rows) if piece.probabilities is None else piece.probabilities for piece in pieces])


def _box(piece: Piece) -> tuple[int, int, int, int]:
    return piece.left, piece.top, piece.right - piece.left, piece.bottom - piece.top


def _take_pieces(parts: Parts, run: Run) -> list[Piece]:
    """Return the pieces of a run with their ink, and the soft edges of their strokes."""
    import cv2

    pieces = []
    piece_of = np.full(len(parts.areas) + 1, -1)
    for number, members in enumerate(run.pieces):
        piece_of[members + 1] = number
    for number, (left, top, right, bottom) in enumerate(run.boxes.tolist()):
        labels = parts.labels[top:bottom, left:right]
        is_member = (piece_of[labels] == number).view(np.uint8)
        around = np.asarray(cv2.dilate(is_member, np.ones((3, 3), np.uint8)), np.uint8) * (labels == 0)
        ink = parts.ink[top:bottom, left:right] * (is_member | around)
        pieces.append(Piece(left, top, right, bottom, ink))
    return pieces


def _mark_whole(pieces: list[Piece], height: float, reader: Recognizer) -> list[Piece]:
    """Return the pieces, those marked that are surely one digit."""
    marked = []
    for piece, row in zip(pieces, _read(pieces, reader), strict=True):
        width = (piece.right - piece.left) / height
        is_sign = bool(row[NONE] >= SIGN) and width <= WIDEST_SIGN
        is_digit = bool(row[:NONE].max() >= SURE) and width <= SINGLE
        marked.append(replace(piece, is_sign=is_sign, probabilities=row if is_digit else None))
    return marked


def _cut(piece: Piece, height: float) -> list[Piece]:
    """Cut a piece into those that it may consist of."""
    if piece.probabilities is not None or piece.is_sign:
        return [piece]
    cut = []
    for left, right in itertools.pairwise([0, *_find_cuts(piece.ink, height), piece.ink.shape[1]]):
        rows = np.flatnonzero(piece.ink[:, left:right].any(axis=1))
        if len(rows):
            top, bottom = int(rows[0]), int(rows[-1]) + 1
            place = piece.left + left, piece.top + top, piece.left + right, piece.top + bottom
            cut.append(Piece(*place, ink=piece.ink[top:bottom, left:right], is_cut=left > 0))
    return cut


def _find_cuts(ink: Ink, height: float) -> list[int]:
    """Return the columns where wide ink may be cut: where it is least, not too close to each other."""
    width = ink.shape[1]
    step = max(2, round(STEP * height))
    if width < NARROWEST * height or width < 2 * step:
        return []
    amount = np.convolve(ink.sum(axis=0, dtype=np.float64), [0.25, 0.5, 0.25], "same")
    cuts: list[int] = []
    for column in np.argsort(amount[step : width - step], kind="stable") + step:
        if all(abs(column - cut) >= step for cut in cuts):
            cuts.append(int(column))
    return sorted(cuts)


def _choose_edges(pieces: list[Piece], height: float) -> list[tuple[int, int, float]]:
    """Return which pieces may be one digit together: the first, the one after the last, and a log weight."""
    edges = []
    for start, first in enumerate(pieces):
        weight = CUT * first.is_cut
        for end in range(start + 1, min(start + MOST_PIECES, len(pieces)) + 1):
            last = pieces[end - 1]
            if end > start + 1:
                if last.probabilities is not None or last.right - first.left > WIDEST * height:
                    break
                if not last.is_cut:
                    weight += GAP * max(0.0, (last.left - pieces[end - 2].right) / height + 0.1)
            edges.append((start, end, weight))
            if first.probabilities is not None:
                break
    return edges


def _lay_together(pieces: list[Piece]) -> Piece:
    """Return the ink of several pieces as one."""
    if len(pieces) == 1:
        return pieces[0]
    left, top = min(piece.left for piece in pieces), min(piece.top for piece in pieces)
    right, bottom = max(piece.right for piece in pieces), max(piece.bottom for piece in pieces)
    ink = np.zeros((bottom - top, right - left), np.uint8)
    for piece in pieces:
        place = ink[piece.top - top : piece.bottom - top, piece.left - left : piece.right - left]
        np.maximum(place, piece.ink, out=place)
    return Piece(left, top, right, bottom, ink)
