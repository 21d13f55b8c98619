"""The picture of a sweep."""

from pathlib import Path

import pytest
from PIL import Image

from tenfold.recipes import find_recipe
from tenfold.sweep import Plan, Result, Tried, parse_space, save_plot
from tenfold.sweep.plot import HEIGHT, WIDTH, find_floor

SETTINGS = [("lr", "1e-3..1e-1"), ("network", "conv3,conv4"), ("epochs", "1..3"), ("rotation", "0..20")]


def make_result(n: int, n_trials: int, state: str = "complete") -> Result:
    """Return a result with so many fields and trials."""
    plan = Plan(
        space=parse_space(find_recipe("fast-cnn"), SETTINGS[:n]),
        dataset="digits",
        checksums=("", ""),
        seed=0,
        n_trials=n_trials,
        store="trials.db",
        study="test",
    )
    usual = {"learning_rate": 0.01, "network": "conv4", "epochs": 2, "rotation": 5.0}
    values = {part.field: usual[part.field] for part in plan.space.searched}
    trials = [Tried(i, values, 0.9 + i / 100, 2, 1.0, state) for i in range(n_trials)]
    return Result(plan, tuple(trials))


@pytest.mark.parametrize(("n", "columns", "rows"), [(1, 2, 1), (2, 3, 1), (3, 3, 2), (4, 3, 2)])
def test_save_plot_draws_a_field_beside_the_other(n: int, columns: int, rows: int, tmp_path: Path) -> None:
    """There is a drawing by trial, and one for each field, three in a row."""
    save_plot(tmp_path / "it.png", make_result(n, 5))
    with Image.open(tmp_path / "it.png") as picture:
        assert picture.size == (round(100 * WIDTH * columns), round(100 * HEIGHT * rows))


@pytest.mark.parametrize(("n_trials", "state"), [(0, "complete"), (2, "diverged"), (2, "failed")])
def test_save_plot_draws_where_nothing_came_of_it(n_trials: int, state: str, tmp_path: Path) -> None:
    """A sweep without a trial, or without one that is complete, is drawn, too."""
    save_plot(tmp_path / "it.png", make_result(2, n_trials, state))
    assert (tmp_path / "it.png").stat().st_size > 0


def test_the_floor_leaves_the_best_room() -> None:
    """No accuracy above the median is on the edge, nor any where all are near; what is far below is."""
    assert find_floor([]) == 0
    assert find_floor([0.98, 0.985, 0.99]) == 0.98
    floor = find_floor([0.1, 0.2, 0.98, 0.985, 0.99])
    assert 0.2 < floor < 0.98
