"""General OCR, where it is installed: what people read crops of digits with who have nothing made for it.

RapidOCR runs the small models of PP-OCR in ONNX Runtime; Tesseract is a program. Both get a crop in its
colors, as its file has it, upright, and one thread. Whatever they read that is no digit is dropped, since
the truth has no separators either; a letter is never taken for the digit that it resembles.
"""

import io
import os
import re
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from benchmarks.table import markdown_table
from tenfold.evaluation import wilson_interval

Read = Callable[[Image.Image], str]
"""From a crop in RGB to its digits."""

RECOGNITION, RAPIDOCR, TESSERACT = "RapidOCR, recognition alone", "RapidOCR", "Tesseract 5"

GET_RAPIDOCR = "not installed: `pip install '.[bench]'`"
GET_TESSERACT = "not installed: `apt-get install tesseract-ocr`"

HEIGHT = 36
"""In pixels. Of the heights and margins that were tried, Tesseract reads the most with this as both."""

_ONE_THREAD = {
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


@dataclass(frozen=True)
class Tool:
    """A way to read a crop; or, where it is missing, how to get it."""

    name: str
    note: str
    """Its version, or how to get it."""

    read: Read | None = None


@dataclass(frozen=True)
class Score:
    """How many crops were read right, the whole text, of how many; and the median time of one."""

    n_right: int
    n: int
    milliseconds: float

    def __str__(self) -> str:
        low, high = wilson_interval(self.n_right, self.n)
        share = f"{self.n_right / self.n:.1%} ({low:.1%}–{high:.1%})"
        return f"{share}, {self.milliseconds:.1f} ms"


def keep_digits(text: str) -> str:
    """Drop all that is not one of the ten digits of ASCII."""
    return re.sub(r"[^0-9]", "", text)


def open_tools(*, is_single: bool) -> list[Tool]:
    """Return what reads crops, of one digit each or of a number; what is missing comes without `read`."""
    return [*_open_rapidocr(), _open_tesseract(is_single=is_single)]


def load_crop(path: Path) -> Image.Image:
    """Read a picture in its colors, upright."""
    with Image.open(path) as picture:
        return ImageOps.exif_transpose(picture).convert("RGB")


def score_tool(read: Read, crops: Iterable[tuple[Image.Image, str]]) -> Score:
    """Read crops, of which the truth is known, one by one."""
    hits, seconds = [], []
    for crop, truth in crops:
        started = time.perf_counter()
        text = read(crop)
        seconds.append(time.perf_counter() - started)
        hits.append(text == truth)
    return Score(sum(hits), len(hits), 1000 * statistics.median(seconds))


def comparison_table(rows: Sequence[tuple[str, Score, Sequence[tuple[Tool, Score | None]]]]) -> str:
    """Return the table of sets, each with tenfold's score and those of the tools, and the versions."""
    tools = [tool for tool, _ in rows[0][2]]
    table = markdown_table(
        ["set", "n", "tenfold", *(tool.name for tool in tools)],
        [
            [name, str(ours.n), str(ours), *(str(score or tool.note) for tool, score in theirs)]
            for name, ours, theirs in rows
        ],
    )
    found = dict.fromkeys(tool.note for tool in tools if tool.read)
    note = "Read right, the whole text (95 % interval); milliseconds for each crop, median, on one thread."
    return f"{table}\n\n{note}{''.join(f' {each}.' for each in found)}"


def _open_rapidocr() -> list[Tool]:
    try:
        from rapidocr import RapidOCR
    except ModuleNotFoundError as error:
        if error.name != "rapidocr":
            raise
        return [Tool(name, GET_RAPIDOCR) for name in (RECOGNITION, RAPIDOCR)]
    engine: Any = RapidOCR(params={"Global.log_level": "critical", **_ONE_THREAD})

    def read(crop: Image.Image, *, finds: bool) -> str:
        # It finds little that fills its picture. All crops are upright, so none is to be turned.
        picture = add_margin(crop, max(crop.size) // 4) if finds else crop
        output = engine(picture, use_det=finds, use_cls=False)
        return join_from_left(output.txts or (), output.boxes if finds else None)

    note = f"RapidOCR {version('rapidocr')}"
    return [
        Tool(RECOGNITION, note, lambda crop: read(crop, finds=False)),
        Tool(RAPIDOCR, note, lambda crop: read(crop, finds=True)),
    ]


def join_from_left(texts: Iterable[str], boxes: Iterable[Sequence[Sequence[float]]] | None) -> str:
    """Return the digits of all texts, in the order of their boxes' left ends: a crop is of one line."""
    if boxes is not None:
        lefts = [min(point[0] for point in box) for box in boxes]
        texts = [text for _, text in sorted(zip(lefts, texts, strict=True), key=itemgetter(0))]
    return keep_digits("".join(texts))


def _open_tesseract(*, is_single: bool) -> Tool:
    program = shutil.which("tesseract")
    if program is None:
        return Tool(TESSERACT, GET_TESSERACT)
    mode = "10" if is_single else "7"  # a character; a line
    command = [program, "stdin", "stdout", "--psm", mode, "-c", "tessedit_char_whitelist=0123456789"]

    def read(crop: Image.Image) -> str:
        file = io.BytesIO()
        scale_line(crop).save(file, "PPM")
        return keep_digits(_run(command, file.getvalue()))

    number = _run([program, "--version"]).split()[1]
    return Tool(TESSERACT, f"Tesseract {number}, started anew for each crop", read)


def scale_line(crop: Image.Image) -> Image.Image:
    """Return a crop in grey, as high as Tesseract reads it best, with a margin of that height."""
    width = max(1, round(crop.width * HEIGHT / crop.height))
    return add_margin(crop.convert("L").resize((width, HEIGHT), Image.Resampling.BICUBIC), HEIGHT)


def add_margin(picture: Image.Image, size: int) -> Image.Image:
    """Return a picture on more paper: so many pixels on each side, in the median of its border."""
    pixels = np.atleast_3d(np.asarray(picture))
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    paper = tuple(int(shade) for shade in np.median(border, axis=0))
    return ImageOps.expand(picture, size, paper if len(paper) > 1 else paper[0])


def _run(command: Sequence[str], sent: bytes = b"") -> str:
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    done = subprocess.run(command, check=True, capture_output=True, input=sent, env=environment)
    return done.stdout.decode()
