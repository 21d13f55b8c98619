"""The batcher: what comes together is read together, and each gets its own."""

import asyncio

import numpy as np
import pytest

import tenfold
from tenfold.arrays import Images
from tenfold.data import Dataset
from tenfold.reading import Reader
from tenfold.serve.batching import MOST, Batcher
from tenfold.serve.failures import Failure


@pytest.fixture
def images(digits: Dataset) -> Images:
    """Return digit images."""
    return digits.test.images[:50]


def make_batcher(sizes: list[int], **settings: float) -> Batcher:
    """Return a batcher of one thread that notes the sizes of its batches."""
    options = {"threads": 1, "window": 0.02, "max_waiting": 10_000} | settings
    return Batcher(**options, observe=sizes.append)  # type: ignore[arg-type]


def test_batcher_reads_single_images_together(shipped: Reader, images: Images) -> None:
    """Images that come within the window are one batch, and each asker gets those of its own."""
    sizes: list[int] = []

    async def ask() -> list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
        batcher = make_batcher(sizes)
        return await asyncio.gather(
            *(batcher.predict_proba(shipped, images[start : start + 1 + start % 3]) for start in range(40))
        )

    answers = asyncio.run(ask())

    assert sizes == [sum(1 + start % 3 for start in range(40))]
    for start, answer in enumerate(answers):
        expected = shipped.predict_proba(images[start : start + 1 + start % 3])
        np.testing.assert_allclose(answer, expected, atol=1e-6)


@pytest.mark.parametrize("threads", [1, 3])
def test_batcher_cuts_large_requests(shipped: Reader, images: Images, threads: int) -> None:
    """No batch is larger than a recognizer runs at a time; the answer is in the order of the images."""
    sizes: list[int] = []
    many = np.resize(images, (1999, 28, 28))

    async def ask() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return await make_batcher(sizes, threads=threads).predict_proba(shipped, many)

    answer = asyncio.run(ask())

    assert max(sizes) <= MOST
    assert sum(sizes) == 1999
    np.testing.assert_allclose(answer, np.resize(shipped.predict_proba(images), (1999, 11)), atol=1e-5)


def test_batcher_lets_single_images_pass_large_requests(shipped: Reader, images: Images) -> None:
    """A single image that comes after thousands is read long before the last of them."""
    many = np.resize(images, (100 * MOST, 28, 28))
    order: list[str] = []

    async def ask() -> None:
        batcher = make_batcher([], window=0.0)

        async def note(name: str, asked: Images) -> None:
            await batcher.predict_proba(shipped, asked)
            order.append(name)

        large = asyncio.create_task(note("large", many))
        await asyncio.sleep(0.01)
        await note("single", images[:1])
        await large

    asyncio.run(ask())

    assert order == ["single", "large"]


def test_batcher_keeps_models_apart(shipped: Reader, images: Images) -> None:
    """Images for two models are never one batch, and each is read by the model that was asked."""
    sizes: list[int] = []
    other = tenfold.load("robust-cnn", threads=1)

    async def ask() -> list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
        batcher = make_batcher(sizes)
        return await asyncio.gather(
            *(batcher.predict_proba(model, images[:4]) for model in (shipped, other, shipped))
        )

    first, second, third = asyncio.run(ask())

    assert sizes == [4, 4, 4]
    np.testing.assert_allclose(first, shipped.predict_proba(images[:4]), atol=1e-6)
    np.testing.assert_allclose(second, other.predict_proba(images[:4]), atol=1e-6)
    np.testing.assert_array_equal(first, third)


def test_batcher_refuses_when_full_and_recovers(shipped: Reader, images: Images) -> None:
    """Where enough images wait, more are refused; once these are read, more are taken."""

    async def ask() -> None:
        batcher = make_batcher([], max_waiting=8)
        waiting = [asyncio.create_task(batcher.predict_proba(shipped, images[:4])) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Failure, match="Too many images wait"):
            await batcher.predict_proba(shipped, images[:1])
        await asyncio.gather(*waiting)
        assert batcher.n_waiting == 0
        assert len(await batcher.predict_proba(shipped, images[:1])) == 1

    asyncio.run(ask())


def test_batcher_leaves_out_who_is_gone(shipped: Reader, images: Images) -> None:
    """Images whose asker has given up are not read, and hold up nobody."""
    sizes: list[int] = []

    async def ask() -> None:
        batcher = make_batcher(sizes)
        gone = asyncio.create_task(batcher.predict_proba(shipped, images[:7]))
        stays = asyncio.create_task(batcher.predict_proba(shipped, images[:2]))
        await asyncio.sleep(0)
        gone.cancel()
        assert len(await stays) == 2

    asyncio.run(ask())

    assert sizes == [2]


def test_batcher_tells_everybody_of_an_error(images: Images) -> None:
    """Where the model fails, all of the batch are told, and the next batch is read."""

    class Broken(Reader):
        def __init__(self) -> None:
            pass

        def predict_proba(self, images: Images) -> Images:  # type: ignore[override]
            raise MemoryError(len(images))

    async def ask() -> None:
        batcher = make_batcher([])
        broken = Broken()
        told = await asyncio.gather(
            *(batcher.predict_proba(broken, images[:1]) for _ in range(3)), return_exceptions=True
        )
        assert [type(error) for error in told] == [MemoryError] * 3
        assert batcher.n_waiting == 0

    asyncio.run(ask())
