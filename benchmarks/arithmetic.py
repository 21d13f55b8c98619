"""What the multiplications alone would cost: how many there are, and how fast this processor does them.

A time beside this limit says how much of it is arithmetic and how much is everything else. The limit is an
anchor, not a law: the product is in float32, so work in bfloat16 may go below it, work in float64 can only
reach half of it, and there are ways to convolve with fewer multiplications.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import scipy.optimize
import torch
from threadpoolctl import threadpool_limits
from torch.utils.flop_counter import FlopCounterMode

SIDE = 2048
ROUNDS = 20


def product_speed() -> float:
    """Return the FLOP/s of a large float32 matrix product, the best of several, on torch's threads."""
    left, right = torch.rand(2, SIDE, SIDE)
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        torch.mm(left, right)
        seconds.append(time.perf_counter() - started)
    return 2 * SIDE**3 / min(seconds)


def count_flops(work: Callable[[], object]) -> int:
    """Return the FLOP of all matrix products and convolutions that torch computes in `work`."""
    counter = FlopCounterMode(display=False)
    with counter:
        work()
    return int(counter.get_total_flops())


def perceptron_flops(n_hidden: int, *, backward: bool) -> int:
    """Return the FLOP that one digit image costs a perceptron outside of torch.

    Backward there are the gradients of both layers' weights, and that of the hidden layer; nobody needs the
    gradient of the pixels.
    """
    first, second = 2 * 28 * 28 * n_hidden, 2 * n_hidden * 10
    return 2 * first + 3 * second if backward else first + second


@contextmanager
def counted_evaluations() -> Iterator[list[int]]:
    """Collect how often each fit in the block computes loss and gradient: more often than it iterates.

    scikit-learn tells the iterations alone. It calls SciPy's public `minimize`, whose result has both.
    """
    minimize, counts = scipy.optimize.minimize, []

    def minimize_and_count(*arguments: object, **options: object) -> scipy.optimize.OptimizeResult:
        result = minimize(*arguments, **options)
        counts.append(result.nfev)
        return result

    scipy.optimize.minimize = minimize_and_count
    try:
        yield counts
    finally:
        scipy.optimize.minimize = minimize


@contextmanager
def limited_threads(n_threads: int) -> Iterator[None]:
    """Give torch, and the BLAS below NumPy, so many threads within the block."""
    usual = torch.get_num_threads()
    with threadpool_limits(n_threads):
        torch.set_num_threads(n_threads)
        try:
            yield
        finally:
            torch.set_num_threads(usual)
