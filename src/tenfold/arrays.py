"""Names for the arrays that pass between modules.

Shapes and types are checked at run time in the tests only, through jaxtyping's import hook, which is loaded
before this module. A type checker and everybody else see plain NumPy arrays, and need no jaxtyping.
"""

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING or "jaxtyping" not in sys.modules:
    Images = NDArray[np.uint8]
    DigitImage = NDArray[np.uint8]
    Ink = NDArray[np.uint8]
    Box = NDArray[np.uint8]  # ink, cut out or scaled: not of the shape of the picture
    LineInk = NDArray[np.uint8]
    Lines = NDArray[np.uint8]
    Labels = NDArray[np.int64]
    Probabilities = NDArray[np.float32]
    Columns = NDArray[np.float32]  # probabilities for each few columns of a line
    LineBatch = NDArray[np.float32]  # those of several lines
    Embeddings = NDArray[np.float32]
    Embedding = NDArray[np.float32]
    PackedEmbeddings = NDArray[np.int16]
    Relevance = NDArray[np.float32]  # of each pixel of a digit image
    Indices = NDArray[np.int64]
    Counts = NDArray[np.int64]
    Histogram = NDArray[np.int64]
    Scores = NDArray[np.float64]
else:
    from jaxtyping import Float32, Float64, Int16, Int64, UInt8

    Images = UInt8[np.ndarray, "n 28 28"]
    DigitImage = UInt8[np.ndarray, "28 28"]
    Ink = UInt8[np.ndarray, "height width"]
    Box = UInt8[np.ndarray, "box_height box_width"]
    LineInk = UInt8[np.ndarray, "32 columns"]
    Lines = UInt8[np.ndarray, "n 32 columns"]
    Labels = Int64[np.ndarray, "n"]
    Probabilities = Float32[np.ndarray, "n 11"]
    Columns = Float32[np.ndarray, "m 11"]
    LineBatch = Float32[np.ndarray, "n m 11"]
    Embeddings = Float32[np.ndarray, "n d"]
    Embedding = Float32[np.ndarray, "d"]
    PackedEmbeddings = Int16[np.ndarray, "n d"]
    Relevance = Float32[np.ndarray, "28 28"]
    Indices = Int64[np.ndarray, "m"]
    Counts = Int64[np.ndarray, "classes classes"]
    Histogram = Int64[np.ndarray, "256"]
    Scores = Float64[np.ndarray, "classes"]

AnyArray = NDArray[Any]
