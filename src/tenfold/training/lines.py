"""Train a network to read runs of digits, on strings composed for it, and calibrate it on others."""

import functools
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor, nn

from tenfold.arrays import AnyArray
from tenfold.ctc import NONE, find_texts
from tenfold.data import Split, split_training
from tenfold.image import line
from tenfold.recipes import LineRecipe
from tenfold.training.calibrate import choose_threshold
from tenfold.training.checkpoint import Checkpoints
from tenfold.training.fit import Lessons, fit, precision
from tenfold.training.network import Calibrated, prepare_folder
from tenfold.training.progress import Progress
from tenfold.training.strings import Strings, compose_strings, iterate_batches, pad_lines

CHUNK: Final = 2048
"""Strings that are composed at a time, sorted by width within."""

STRETCH: Final = 0.18
"""Most that the logarithm of a batch's width changes."""

SHIFT: Final = 2
"""Most rows that a batch is shifted, either way."""

GAMMA: Final = 0.4
"""Most that the logarithm of the exponent of a batch's ink differs from 0."""

MOST_WRONG: Final = 0.01
"""Share of accepted strings that may be wrong at the threshold."""

MOST_REJECTED: Final = 0.5
"""Share of strings that the threshold may reject: they are harder than most of what people write."""

STRIDE: Final = 4
"""Pixels to a column."""

_LOG_BOUNDS: Final = (-1.5, 3.0)


def train_line_reader(
    recipe: LineRecipe,
    samples: Split,
    *,
    seed: int,
    on_progress: Callable[[Progress], None],
    folder: Path | None,
    resuming: bool,
) -> Calibrated:
    """Train a recipe's network on strings composed of most digits, and calibrate it on strings of the others.

    Parameters
    ----------
    recipe : LineRecipe
        What to train.
    samples : Split
        The training split of a dataset. Ten twelfths of its digits are for training; one is to report on
        after each epoch, and for the threshold; one for the temperature.
    seed, on_progress, folder, resuming
        As `train_network` takes them.

    Raises
    ------
    CheckpointError
        There is nothing to resume from, or it is of another recipe, dataset or seed.
    """
    origin = prepare_folder(recipe, samples, seed=seed, folder=folder, resuming=resuming)
    splits = split_training(samples, seed=seed)
    validation = compose_strings(recipe.held_out, splits.validation, seed=seed)
    checkpoints = Checkpoints(folder / "fit", origin, resuming) if folder else None
    lessons = _make_lessons(recipe, splits.train, validation)
    network = fit(recipe, lessons, seed=seed, on_progress=on_progress, checkpoints=checkpoints)
    calibration = compose_strings(recipe.held_out, splits.calibration, seed=seed)
    temperature = fit_line_temperature(compute_columns(network, calibration), calibration)
    threshold = _choose_threshold(network, temperature, validation)
    return Calibrated(network, temperature, {"unsure": threshold})


def validate_line_reader(
    recipe: LineRecipe, samples: Split, *, seed: int, on_progress: Callable[[Progress], None]
) -> float:
    """Train as `train_line_reader` does; return the share of strings of other digits that are read exactly.

    Parameters
    ----------
    recipe, samples, seed, on_progress
        As `train_line_reader` takes them.
    """
    splits = split_training(samples, seed=seed)
    validation = compose_strings(recipe.held_out, splits.validation, seed=seed)
    lessons = _make_lessons(recipe, splits.train, validation)
    return measure_exact(fit(recipe, lessons, seed=seed, on_progress=on_progress), validation)


def _make_lessons(recipe: LineRecipe, samples: Split, validation: Strings) -> Lessons:
    """Return the lessons of a reader: strings of some digits, and those of others to report on."""
    return Lessons(
        n_outputs=NONE + 1,
        n_batches=recipe.showings
        * sum(math.ceil(size / recipe.batch_size) for size in _chunks(recipe.strings)),
        draw=functools.partial(_draw_strings, recipe, samples),
        measure=functools.partial(measure_exact, strings=validation),
    )


def _chunks(n: int) -> list[int]:
    """Return the sizes of the pieces in which so many strings are composed."""
    return [min(CHUNK, n - start) for start in range(0, n, CHUNK)]


def _draw_strings(
    recipe: LineRecipe, samples: Split, generator: torch.Generator
) -> Iterator[tuple[int, Callable[[nn.Module], Tensor]]]:
    """Compose an epoch's strings, and show them in batches of similar widths."""
    for size in _chunks(recipe.strings):
        seed = int(torch.randint(2**31, (1,), generator=generator))
        strings, draws = compose_strings(size, samples, seed=seed), np.random.default_rng(seed)
        for _ in range(recipe.showings):
            for positions in iterate_batches(strings, recipe.batch_size, draws):
                yield len(positions), _make_lesson(strings, positions, draws)


def _make_lesson(strings: Strings, positions: AnyArray, draws: Generator) -> Callable[[nn.Module], Tensor]:
    """Return the loss of one batch, stretched, shifted and shaded by a draw of its own."""
    lines = tuple(strings.lines[position] for position in positions)
    labels = [strings.labels[position] for position in positions]
    width = max(ink.shape[1] for ink in lines)
    stretched = max(line.NARROWEST, round(width * float(np.exp(draws.uniform(-STRETCH, STRETCH)))))
    widths = [max(STRIDE, ink.shape[1] * stretched / width) for ink in lines]
    ink = torch.from_numpy(pad_lines(lines, width)).unsqueeze(1).float() / 255
    ink = F.interpolate(ink, size=(line.ROWS, stretched), mode="bilinear", align_corners=False)
    shift = int(draws.integers(-SHIFT, SHIFT + 1))
    ink = F.pad(ink, (0, 0, shift, -shift)) ** float(np.exp(draws.uniform(-GAMMA, GAMMA)))
    return functools.partial(_ctc_loss, ink, widths, labels)


def _ctc_loss(
    ink: Tensor, widths: list[float], labels: list[NDArray[np.int64]], network: nn.Module
) -> Tensor:
    """Return how improbable the labels are, per digit."""
    device = next(network.parameters()).device
    ink = ink.to(device)
    with precision(device.type):
        logits, _ = network(ink.contiguous(memory_format=torch.channels_last))
    log_probabilities = F.log_softmax(logits.float(), dim=2).transpose(0, 1)
    columns = torch.tensor([min(logits.shape[1], math.ceil(width / STRIDE)) for width in widths])
    targets = torch.from_numpy(np.concatenate(labels)).to(device)
    lengths = torch.tensor([len(digits) for digits in labels])
    return F.ctc_loss(log_probabilities, targets, columns, lengths, blank=NONE, zero_infinity=True)


@torch.inference_mode()
def compute_columns(network: nn.Module, strings: Strings) -> list[Tensor]:
    """Return a network's logits (columns, 11) for each line, on the CPU."""
    network.eval()
    device = next(network.parameters()).device
    inks = [torch.from_numpy(ink)[None, None].to(device).float() / 255 for ink in strings.lines]
    return [network(ink)[0][0].float().cpu() for ink in inks]


def measure_exact(network: nn.Module, strings: Strings) -> float:
    """Return the share of strings whose most probable path spells their digits."""
    hits = [
        _spell(logits) == digits.tolist()
        for logits, digits in zip(compute_columns(network, strings), strings.labels, strict=True)
    ]
    return float(np.mean(hits))


def _spell(logits: Tensor) -> list[int]:
    """Return the text of the most probable path."""
    path = torch.unique_consecutive(logits.argmax(dim=1)).tolist()
    return [label for label in path if label != NONE]


def fit_line_temperature(columns: list[Tensor], strings: Strings) -> float:
    """Find the temperature under which the strings' texts are most probable.

    Parameters
    ----------
    columns : list of Tensor of shape (n_columns, 11)
        A network's logits for each line.
    strings : Strings
        The lines, composed of digits that the network was not trained on.

    Returns
    -------
    float
        By which to divide the logits of each column before the softmax.
    """
    from scipy.optimize import minimize_scalar

    def loss(log_temperature: float) -> float:
        return mean_loss(columns, strings, float(np.exp(log_temperature)))

    return float(
        np.exp(minimize_scalar(loss, bounds=_LOG_BOUNDS, method="bounded", options={"xatol": 0.01}).x)
    )


def mean_loss(columns: list[Tensor], strings: Strings, temperature: float) -> float:
    """Return the mean negative logarithm of the probability of the strings' texts."""
    losses = [
        F.ctc_loss(
            F.log_softmax(logits.double() / temperature, dim=1).unsqueeze(1),
            torch.from_numpy(digits)[None],
            torch.tensor([len(logits)]),
            torch.tensor([len(digits)]),
            blank=NONE,
            reduction="sum",
        ).clamp(max=20.0)
        for logits, digits in zip(columns, strings.labels, strict=True)
    ]
    return float(torch.stack(losses).mean())


def _choose_threshold(network: nn.Module, temperature: float, strings: Strings) -> float:
    """Choose the threshold of `unsure` on strings of digits that the network was not trained on."""
    texts = [
        find_texts(torch.softmax(logits / temperature, dim=1).numpy())[0]
        for logits in compute_columns(network, strings)
    ]
    is_right = [
        text.digits == tuple(digits.tolist()) for text, digits in zip(texts, strings.labels, strict=True)
    ]
    confidences = np.array([text.probability for text in texts])
    return choose_threshold(
        confidences, np.array(is_right), most_wrong=MOST_WRONG, most_rejected=MOST_REJECTED
    )
