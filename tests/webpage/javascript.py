"""Grey pictures, given to the page's JavaScript."""

import json
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from tenfold.arrays import Ink
from tests.webpage.node import run_node


def pack(pictures: Sequence[Ink]) -> bytes:
    """Return grey pictures as the scripts take them: width, height and pixels of each."""
    return b"".join(struct.pack("<II", *grey.shape[::-1]) + grey.tobytes() for grey in pictures)


def to_digit_images(pictures: Sequence[Ink]) -> list[Ink | None]:
    """Return what the page makes of grey pictures: digit images, or None where there is no ink."""
    answers = ask("digit_images.mjs", pictures)
    return [answer and np.array(answer, np.uint8).reshape(28, 28) for answer in answers]


def ask(script: str, pictures: Sequence[Ink], *arguments: str) -> list[Any]:
    """Return a script's answer to each grey picture."""
    answers: list[Any] = json.loads(run_node(script, *arguments, data=pack(pictures)))
    return answers
