"""What the multiplications alone would cost: how many there are, and how fast this processor does them.

A time beside this limit says how much of it is arithmetic and how much is everything else. The limit is an
anchor, not a law: the product is in float32, so work in bfloat16 may go below it, work in float64 can only
reach half of it, and there are ways to convolve with fewer multiplications. Libraries differ in which of the
processor's instructions they use, so the fastest of two counts.
"""

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import onnxruntime
import scipy.optimize
import torch
from onnx import parser
from threadpoolctl import threadpool_limits
from torch.utils.flop_counter import FlopCounterMode

SIDES = (512, 2048)
"""Of the matrices: some that the processor's cache holds, and some that it does not."""

ROUNDS = 20

PRODUCT = """
<ir_version: 10, opset_import: ["" : 18]>
product (float[n, n] left, float[n, n] right) => (float[n, n] result) { result = MatMul (left, right) }
"""


def product_speed() -> float:
    """Return the FLOP/s of a float32 matrix product, the best of several, in torch or ONNX Runtime.

    Both use as many threads as torch has.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(parser.parse_model(PRODUCT).SerializeToString(), options)
    speeds = []
    for side in SIDES:
        pair = np.random.default_rng(0).random((2, side, side), np.float32)
        left, right = torch.from_numpy(pair)
        inputs = dict(zip(("left", "right"), pair, strict=True))
        ways = functools.partial(torch.mm, left, right), functools.partial(session.run, None, inputs)
        speeds += [2 * side**3 / _shortest(multiply) for multiply in ways]
    return max(speeds)


def _shortest(work: Callable[[], object]) -> float:
    """Return the seconds of the fastest of several runs."""
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


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
