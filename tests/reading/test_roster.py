"""Numbers of a list given to pictures, each to one."""

from itertools import permutations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from tenfold.reading import assign_unique, decode
from tenfold.reading.assignment import assign
from tenfold.reading.chain import make_chain, text_probabilities
from tests.reading.lattices import random_lattice, weights_of_texts, written


@pytest.mark.parametrize("seed", range(20))
def test_assign_costs_as_little_as_scipys(seed: int) -> None:
    """Columns differ, and their cost is that of SciPy's assignment, ties included."""
    generator = np.random.default_rng(seed)
    n_rows = int(generator.integers(1, 30))
    costs = generator.normal(size=(n_rows, n_rows + int(generator.integers(0, 5))))
    costs = costs.round(int(generator.integers(0, 3)))
    columns = assign(costs)
    rows, best = linear_sum_assignment(costs)
    assert len(set(columns.tolist())) == n_rows
    assert costs[rows, columns].sum() == pytest.approx(costs[rows, best].sum())


def test_text_probabilities_equal_reading_all_paths() -> None:
    """Each text is as probable as the paths that read so, whatever its length."""
    lattice = random_lattice(1, 5)
    weights = weights_of_texts(lattice)
    texts = ["", "7", *list(weights)[::97], "00000000"]
    whole = sum(weights.values())
    expected = [weights.get(text, 0.0) / whole for text in texts]
    assert text_probabilities(make_chain(lattice), texts) == pytest.approx(expected)


def test_each_picture_gets_a_number_of_its_own() -> None:
    """Of two pictures that read alike, the surer one keeps the number, the other gets its second choice."""
    lattices = [
        written("104", sure=0.6, seconds="107"),
        written("104", sure=0.9, seconds="107"),
        written("555", sure=0.9),
    ]
    found = assign_unique(lattices, ["104", "107", "555", "900"])
    assert [candidate.text if candidate else None for candidate in found] == ["107", "104", "555"]
    assert [decode(lattice)[0].text for lattice in lattices] == ["104", "104", "555"]


def test_the_whole_is_the_most_probable() -> None:
    """No other way to give the numbers has a greater product of probabilities."""
    lattices = [random_lattice(seed, 4) for seed in range(4)]
    roster = ["123", "456", "78", "901", "333"]
    shares = np.array([text_probabilities(make_chain(lattice), roster) for lattice in lattices])
    best = max(float(np.prod(shares[range(4), list(way)])) for way in permutations(range(5), 4))
    found = assign_unique(lattices, roster)
    assert np.prod([candidate.unaided if candidate else 0.0 for candidate in found]) == pytest.approx(best)


def test_confidence_is_against_one_exchange() -> None:
    """Two pictures that could as well change numbers are unsure; one that stands apart is sure."""
    same = [written("104", sure=0.5, seconds="107"), written("107", sure=0.5, seconds="104")]
    apart = written("555", sure=0.999, seconds="666")
    found = assign_unique([*same, apart], ["104", "107", "555"])
    probabilities = [candidate.probability if candidate else 0.0 for candidate in found]
    assert probabilities == pytest.approx([0.5, 0.5, 1.0])


def test_what_fits_no_number_gets_none() -> None:
    """A picture that reads as none of the list, or for which no number is left, gets none."""
    assert assign_unique([written("12")], ["123", "456"]) == [None]
    found = assign_unique([written("12", sure=0.8), written("12", sure=0.9)], ["12"])
    assert found[0] is None
    assert found[1] is not None
    assert assign_unique([written("12")], []) == [None]
    assert assign_unique([], ["12"]) == []
