"""A page to draw on and a REST service, with NumPy, OpenCV and ONNX Runtime alone."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenfold.serve.app import make_app
    from tenfold.serve.settings import Settings

__all__ = ["Settings", "make_app"]

_HOMES = {"Settings": "tenfold.serve.settings", "make_app": "tenfold.serve.app"}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Import a name when it is first used: the processes that read pictures need no web framework."""
    if name not in _HOMES:
        raise AttributeError(f"module 'tenfold.serve' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
