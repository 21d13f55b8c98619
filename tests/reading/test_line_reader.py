"""From a line's columns to digits with places, and to a lattice that says the same."""

import itertools
from collections import defaultdict

import numpy as np
import pytest

from tenfold.ctc import NONE, Prefix, find_texts
from tenfold.image.line import ROWS, Line
from tenfold.reading.lattice import Lattice
from tenfold.reading.line_reader import columns_to_lattice

STRIDE = 4


def make_line(n_columns: int) -> Line:
    """Return a line with a stroke in every second column, twice as large in its picture."""
    ink = np.zeros((ROWS, n_columns * STRIDE), np.uint8)
    ink[6:26, 6::8] = 255
    return Line(ink, (10.0, 20.0, n_columns * STRIDE * 2.0, ROWS * 2.0))


def make_columns(*spikes: dict[int, float]) -> np.ndarray:
    """Return columns with so probable digits, each after one that shows none."""
    columns = np.zeros((2 * len(spikes) + 1, NONE + 1), np.float32)
    for position, spike in enumerate(spikes):
        for digit, probability in spike.items():
            columns[2 * position + 1, digit] = probability
    columns[:, NONE] = 1 - columns[:, :NONE].sum(axis=1)
    return columns


def add_up_paths(lattice: Lattice) -> dict[Prefix, float]:
    """Return the weight of every text of a lattice, by going through all paths."""
    at: list[dict[Prefix, float]] = [defaultdict(float) for _ in range(lattice.n_places)]
    at[0][()] = 1.0
    for place in range(lattice.n_places):
        for edge in np.flatnonzero(lattice.starts == place).tolist():
            weights = np.exp(lattice.log_weights[edge]) * lattice.probabilities[edge, :NONE]
            for (text, share), digit in itertools.product(
                at[place].items(), np.flatnonzero(weights).tolist()
            ):
                at[int(lattice.ends[edge])][*text, digit] += share * float(weights[digit])
    return at[-1]


def test_sure_digits_are_one_edge_each() -> None:
    """Edges are in order, with their digit, and boxes around their ink in the picture."""
    columns = make_columns({3: 1.0}, {3: 1.0}, {9: 1.0})
    lattice = columns_to_lattice(columns, make_line(len(columns)))
    assert lattice.n_places == 4
    singles = np.flatnonzero(lattice.ends - lattice.starts == 1)
    assert lattice.probabilities[singles].argmax(axis=1).tolist() == [3, 3, 9]
    assert lattice.boxes[singles].tolist() == [[22 + 16 * k, 32, 2, 40] for k in range(3)]
    np.testing.assert_allclose(lattice.probabilities.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize(
    "spikes",
    [
        [{1: 0.9}, {2: 0.6, 7: 0.3}, {0: 0.99}],
        [{4: 0.5, 9: 0.5}, {1: 0.2}, {8: 0.97}],
        [{1: 0.4}, {6: 0.9}, {6: 0.8, 0: 0.1}, {1: 0.3}],
    ],
    ids=str,
)
def test_the_lattice_weighs_texts_as_the_columns_do(spikes: list[dict[int, float]]) -> None:
    """Where digits stand apart, the shares of texts that both know are the same."""
    columns = make_columns(*spikes)
    shares = add_up_paths(columns_to_lattice(columns, make_line(len(columns))))
    texts = find_texts(columns, 40)
    known = [text for text in texts if shares.get(text.digits) and text.probability > 1e-4]
    assert known[0] == texts[0]
    ratios = [shares[text.digits] / text.probability for text in known]
    assert ratios == pytest.approx([1.0] * len(ratios), rel=1e-3)


def test_without_digits_there_are_no_edges() -> None:
    """A line that shows none has one place, both start and end."""
    columns = make_columns({}, {})
    lattice = columns_to_lattice(columns, make_line(len(columns)))
    assert (lattice.n_places, len(lattice), lattice.boxes.shape) == (1, 0, (0, 4))
