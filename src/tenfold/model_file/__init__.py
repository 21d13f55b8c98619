"""The model file: one ONNX file with its card inside, inspected before anything runs it."""

from tenfold.model_file.card import DIGITS, FORMAT, LINES, Card
from tenfold.model_file.inspect import ModelFile, inspect
from tenfold.model_file.store import LINE_READERS, SHIPPED, add_card, load, save

__all__ = [
    "DIGITS",
    "FORMAT",
    "LINES",
    "LINE_READERS",
    "SHIPPED",
    "Card",
    "ModelFile",
    "add_card",
    "inspect",
    "load",
    "save",
]
