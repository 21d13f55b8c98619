"""What every test shares: no network, a cache of its own, the data sets, and one trained model."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jaxtyping import install_import_hook

if "PYTEST_XDIST_WORKER" in os.environ:  # several processes, each with as many threads as cores, only wait
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

os.environ["TENFOLD_STORE"] = "none"  # also for services that fixtures of a whole module start


def find_typed_modules() -> Iterator[str]:
    """Yield the modules whose functions take or return arrays."""
    source = Path(__file__).parents[1] / "src"
    for path in source.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "from tenfold.arrays import" in text:
            yield ".".join(path.relative_to(source).with_suffix("").parts)


# Their shapes and types are checked at run time, in the tests alone. In all modules that would take longer.
install_import_hook(list(find_typed_modules()), "beartype.beartype")

from tenfold import recipes, recognizer, training  # noqa: E402  # the hook comes first
from tenfold.data import Dataset, load_dataset  # noqa: E402
from tests.chromium import CHROMIUM  # noqa: E402

TENFOLD_DATA = os.environ.get("TENFOLD_DATA")


@pytest.fixture(scope="session")
def _caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return paths for caches, none of them made before it is used."""
    folder = tmp_path_factory.mktemp("caches")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture
def cache(_caches: Iterator[Path]) -> Path:
    """Return the path of the cache of a test, which no other test has."""
    return next(_caches)


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    """Keep each test off the network and out of the user's cache and data."""
    monkeypatch.setenv("TENFOLD_OFFLINE", "1")
    monkeypatch.setenv("TENFOLD_CACHE", str(cache))
    monkeypatch.delenv("TENFOLD_DATA", raising=False)


@pytest.fixture(scope="session")
def mnist_folder() -> Path:
    """Return the folder of MNIST's four files, or skip."""
    folder = Path(TENFOLD_DATA or "", "mnist").resolve()
    if not TENFOLD_DATA or not folder.is_dir():
        pytest.skip("needs MNIST: set TENFOLD_DATA to a folder that holds mnist/")
    return folder


@pytest.fixture(scope="session")
def mnist(mnist_folder: Path) -> Dataset:
    """Return MNIST, verified."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TENFOLD_DATA", str(mnist_folder.parent))
        return load_dataset("mnist")


@pytest.fixture(scope="session")
def digits() -> Dataset:
    """Return the embedded digits."""
    return load_dataset("digits")


@pytest.fixture(scope="session")
def run(digits: Dataset) -> training.Run:
    """Return a short training run of the tutorial's recipe on the embedded digits."""
    settings = {"max_iter": "8", "hidden_units": "32"}
    return training.train(recipes.with_settings(recipes.find_recipe("tutorial-mlp"), settings), digits)


@pytest.fixture(scope="session")
def reader(run: training.Run) -> recognizer.Recognizer:
    """Return the recognizer of that run's model file."""
    return recognizer.Recognizer(run.model)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Start Chromium, or skip: one for all tests, since Playwright runs once in a thread."""
    if not CHROMIUM:
        pytest.skip("needs Chromium: apt-get install chromium")
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
