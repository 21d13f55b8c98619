"""The page's JavaScript, run by Node."""

import json
import shutil
import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tenfold.arrays import Ink

HERE = Path(__file__).parent


def run_node(script: str, data: bytes, *arguments: str) -> bytes:
    """Return what a script of this folder writes when it is given some bytes; skip where Node is missing."""
    node = shutil.which("node")
    if not node:
        pytest.skip("needs Node.js 20 or newer: the program `node`")
    command = [node, str(HERE / script), *arguments]
    answer = subprocess.run(command, input=data, capture_output=True, check=False, timeout=110)
    assert not answer.returncode, answer.stderr.decode()
    return answer.stdout


def pack(pictures: Sequence[Ink]) -> bytes:
    """Return grey pictures as the scripts take them: width, height and pixels of each."""
    return b"".join(struct.pack("<II", *grey.shape[::-1]) + grey.tobytes() for grey in pictures)


def to_digit_images(pictures: Sequence[Ink]) -> list[Ink | None]:
    """Return what the page makes of grey pictures: digit images, or None where there is no ink."""
    answers = json.loads(run_node("digit_images.mjs", pack(pictures)))
    return [answer and np.array(answer, np.uint8).reshape(28, 28) for answer in answers]


def ask(script: str, pictures: Sequence[Ink], *arguments: str) -> list[Any]:
    """Return a script's answer to each grey picture."""
    answers: list[Any] = json.loads(run_node(script, pack(pictures), *arguments))
    return answers
