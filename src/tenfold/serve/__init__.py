"""A page to draw on and a REST service, with NumPy, OpenCV and ONNX Runtime alone."""

from tenfold.serve.app import make_app
from tenfold.serve.settings import Settings

__all__ = ["Settings", "make_app"]
