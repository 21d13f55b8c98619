"""What the confidence of a number is worth, on composed strings; and the exponent that makes it so."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

import tenfold
from benchmarks.table import machine, markdown_table
from tenfold.data import split_training
from tenfold.evaluation import measure_reliability
from tenfold.reading import Found, Reader, decide, parse_expectation
from tenfold.reading.decide import SHARPNESS, temper
from tenfold.training.strings import compose_pictures

N_PICTURES = 1500
N_BINS = 10


@dataclass(frozen=True)
class Answer:
    """One number that was read: whether it is right, how surely by its digits alone, and by which way."""

    is_right: bool
    confidence: float
    is_cut_out: bool


def main() -> str:
    """Read composed pictures of digits that no model was trained on in its trial; return the table."""
    held_out = split_training(tenfold.load_dataset("mnist").train).validation
    reader = tenfold.load()
    fitted, reported = (_read(reader, held_out, seed=seed) for seed in (0, 1))
    sharpness = _fit([answer for answer in fitted if answer.is_cut_out])
    by_pieces = [answer for answer in reported if answer.is_cut_out]
    rows = [
        _row("by pieces, the digits' alone", by_pieces, 1.0),
        _row(f"by pieces, log odds × {SHARPNESS}, as tenfold gives it", by_pieces, SHARPNESS),
        _row(f"by pieces, log odds × {sharpness:.2f}, fitted here on other strings", by_pieces, sharpness),
        _row("as a line", [answer for answer in reported if not answer.is_cut_out], 1.0),
    ]
    headings = ["confidence of a number", "n", "right", "mean confidence", f"ECE, {N_BINS} bins"]
    return f"{markdown_table(headings, rows)}\n\n{machine('onnxruntime')}"


def _read(reader: Reader, samples: tenfold.data.Split, *, seed: int) -> list[Answer]:
    """Read composed pictures; those that give one number count."""
    answers = []
    for picture, digits in compose_pictures(N_PICTURES, samples, seed=seed):
        found = reader.find(picture)
        if len(found.lattices) != 1:
            continue
        plain = Found((replace(found.lattices[0], is_cut_out=False),), found.lines)
        reading = decide(plain, parse_expectation(()), least=reader.least)
        text = "".join(map(str, digits.tolist()))
        answers.append(Answer(reading.text == text, reading.confidence, found.lattices[0].is_cut_out))
    return answers


def _columns(answers: list[Answer], sharpness: float) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    confidences = [temper(answer.confidence, sharpness=sharpness) for answer in answers]
    return np.array(confidences), np.array([answer.is_right for answer in answers])


def _fit(answers: list[Answer]) -> float:
    """Return the factor under which the outcomes are most probable."""

    def loss(sharpness: float) -> float:
        confidences, is_right = _columns(answers, sharpness)
        return -float(np.log(np.where(is_right, confidences, 1 - confidences)).mean())

    return float(minimize_scalar(loss, bounds=(0.05, 2), method="bounded").x)


def _row(name: str, answers: list[Answer], sharpness: float) -> list[str]:
    confidences, is_right = _columns(answers, sharpness)
    ece = measure_reliability(confidences, is_right, n_bins=N_BINS).ece
    return [name, f"{len(answers):,}", f"{is_right.mean():.1%}", f"{confidences.mean():.1%}", f"{ece:.1%}"]
