"""Read handwritten digits: data, training, one model file, and what it says of itself."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenfold.data import load_dataset
    from tenfold.reading import load
    from tenfold.training.estimator import DigitClassifier

__version__ = "0.1.0"
__all__ = ["DigitClassifier", "__version__", "load", "load_dataset"]

_HOMES = {
    "DigitClassifier": "tenfold.training.estimator",
    "load": "tenfold.reading",
    "load_dataset": "tenfold.data",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Import a public name when it is first used, so that ``import tenfold`` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'tenfold' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
