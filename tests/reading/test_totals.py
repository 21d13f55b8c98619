"""A line of numbers whose last is the sum of the others."""

from itertools import product

import pytest

from tenfold.errors import InputError
from tenfold.reading import decode_line, is_forced, parse_expectation
from tests.reading.lattices import random_lattice, weights_of_texts, written


def test_a_sum_corrects_its_numbers() -> None:
    """The second choice of a digit is taken where the sum asks for it, in a number or in the total."""
    parts = [written("12", sure=0.6, seconds="17"), written("30", sure=0.9, seconds="36")]
    first, *_ = decode_line([*parts, written("47", sure=0.9, seconds="22")])
    assert first.texts == ("17", "30", "47")
    assert [len(edges) for edges in first.edges] == [2, 2, 2]
    total = written("48", sure=0.7, seconds="42")
    assert decode_line([*parts, total])[0].texts in {("12", "36", "48"), ("12", "30", "42")}


@pytest.mark.parametrize("seed", range(4))
def test_decode_line_equals_all_combinations(seed: int) -> None:
    """Texts and probabilities are those of all combinations whose sum is right, tried one by one."""
    lattices = [random_lattice(seed, 2), random_lattice(seed + 10, 2), random_lattice(seed + 20, 3)]
    weights = [weights_of_texts(lattice) for lattice in lattices]
    wholes = [sum(texts.values()) for texts in weights]
    joint = {}
    for texts in product(*weights):
        unpadded = {str(int(texts[-1])), texts[-1]} if len(texts[-1]) <= 2 else set()
        if int(texts[0]) + int(texts[1]) == int(texts[2]) and texts[-1] in unpadded:
            joint[texts] = 1.0
            for text, weight, whole in zip(texts, weights, wholes, strict=True):
                joint[texts] *= weight[text] / whole
    found = decode_line(lattices)
    likeliest = max(weights[2], key=lambda text: weights[2][text])
    kept = {
        texts: share
        for texts, share in joint.items()
        if texts[2] in {str(int(texts[2])), str(int(texts[2])).zfill(len(likeliest))}
    }
    assert [line.texts for line in found] == sorted(kept, key=lambda texts: -kept[texts])[:3]
    for line in found:
        assert line.unaided == pytest.approx(kept[line.texts])
        assert line.probability == pytest.approx(kept[line.texts] / sum(kept.values()))


def test_rules_hold_for_the_numbers_not_for_the_total() -> None:
    """What is expected of a number is not expected of their sum; the sum may be padded with zeros."""
    lattices = [written("7", sure=0.9, seconds="1"), written("5"), written("012")]
    assert decode_line(lattices, parse_expectation("range=0..9,sum=total"))[0].texts == ("7", "5", "012")
    assert decode_line(lattices, parse_expectation("range=50..60,sum=total")) == []


def test_a_sum_that_is_wrong_is_forced() -> None:
    """Where no probable reading adds up there is a line by force alone."""
    lines = decode_line([written("7", sure=0.9999999, seconds="1"), written("2"), written("3", sure=0.9)])
    assert lines[0].texts == ("1", "2", "3")
    assert is_forced(lines)


@pytest.mark.parametrize("count", [0, 1])
def test_a_total_of_nothing_is_an_error(count: int) -> None:
    """There is no sum without a number besides it."""
    with pytest.raises(InputError, match=rf"must have 2 numbers or more\. Got {count}\."):
        decode_line([written("1")] * count)
