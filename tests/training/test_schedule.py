"""The learning rate: up, and down again."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tenfold.training.schedule import one_cycle


def reference(n_steps: int) -> list[float]:
    """Return the rates of PyTorch's scheduler for a peak of 1."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=1.0,
        total_steps=n_steps,
        pct_start=0.25,
        div_factor=25,
        final_div_factor=400,
        cycle_momentum=False,
    )
    rates = []
    for _ in range(n_steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if len(rates) < n_steps:
            scheduler.step()
    return rates


@pytest.mark.parametrize("n_steps", [8, 9, 23, 100, 472])
def test_one_cycle_is_pytorchs(n_steps: int) -> None:
    """From eight steps on each rate is that of OneCycleLR, from 1/25 over 1 to 1/10000."""
    assert [one_cycle(step, n_steps) for step in range(n_steps)] == pytest.approx(reference(n_steps))


@pytest.mark.parametrize(
    ("n_steps", "rates"), [(1, [1 / 25]), (2, [1 / 25, 1.0]), (3, [1 / 25, 1.0, 1 / 10_000])]
)
def test_one_cycle_takes_the_shortest_runs(n_steps: int, rates: list[float]) -> None:
    """A run too short for the whole cycle gets its first steps."""
    assert [one_cycle(step, n_steps) for step in range(n_steps)] == pytest.approx(rates)


@given(n_steps=st.integers(1, 2000))
def test_one_cycle_rises_once_and_falls_once(n_steps: int) -> None:
    """Every rate is positive and at most the peak; before the highest they rise, after it they fall."""
    rates = [one_cycle(step, n_steps) for step in range(n_steps)]
    top = rates.index(max(rates))
    assert 0 < min(rates) <= max(rates) <= 1
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert top <= max(1, n_steps / 4)
