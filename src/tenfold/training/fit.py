"""The one loop that trains every network."""

import functools
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from tenfold.arrays import Images
from tenfold.data.splits import N_CLASSES, Split
from tenfold.networks import LINE_NETWORKS, NETWORKS, find_network
from tenfold.recipes import LineRecipe, TorchRecipe
from tenfold.training.augment import augment
from tenfold.training.checkpoint import Checkpoints, TrainingState
from tenfold.training.memory import keep_freed_memory
from tenfold.training.progress import Meter, OnProgress
from tenfold.training.schedule import one_cycle

EVALUATION_BATCH: Final = 1000

_SEEDING: Final = threading.Lock()
"""Initial weights come from torch's one generator, which other trainings may be about to seed."""


@dataclass(frozen=True)
class Lessons:
    """What a network is taught, batch by batch.

    Attributes
    ----------
    n_outputs : int
        Classes.
    n_batches : int
        In each epoch.
    draw : callable
        Takes a generator of the epoch's own, the source of all draws; yields for each batch its size and its
        loss, which takes the network.
    measure : callable or None
        Takes the network after each epoch and returns its accuracy, for the report alone.
    """

    n_outputs: int
    n_batches: int
    draw: Callable[[torch.Generator], Iterator[tuple[int, Callable[[nn.Module], Tensor]]]]
    measure: Callable[[nn.Module], float] | None = None


def fit_network(
    recipe: TorchRecipe,
    samples: Split,
    *,
    seed: int,
    on_progress: OnProgress,
    validation: Split | None = None,
    checkpoints: Checkpoints | None = None,
) -> nn.Module:
    """Train a recipe's network on digit images.

    Parameters
    ----------
    recipe : TorchRecipe
        What to train, and for how long.
    samples : Split
        All of these are used. Labels may go up to 10, "not a digit".
    seed, on_progress, checkpoints
        As `fit` takes them.
    validation : Split, optional
        Looked at after each epoch, for the report alone: it changes nothing.

    Returns
    -------
    nn.Module
        As `fit` returns it.
    """
    device = find_device()
    images, labels = (torch.from_numpy(array).to(device) for array in (samples.images, samples.labels))
    lessons = Lessons(
        n_outputs=N_CLASSES + (recipe.none_share > 0),
        n_batches=math.ceil(len(samples) / recipe.batch_size),
        draw=functools.partial(_draw_images, recipe, images, labels),
        measure=None if validation is None else functools.partial(measure_accuracy, samples=validation),
    )
    return fit(recipe, lessons, seed=seed, on_progress=on_progress, checkpoints=checkpoints)


def fit(
    recipe: TorchRecipe | LineRecipe,
    lessons: Lessons,
    *,
    seed: int,
    on_progress: OnProgress,
    checkpoints: Checkpoints | None = None,
) -> nn.Module:
    """Train a recipe's network on any lessons.

    Parameters
    ----------
    recipe : TorchRecipe or LineRecipe
        The network, how long and how fast it learns.
    lessons : Lessons
        What it learns.
    seed : int
        Of the weights, the order of the images and every augmentation. Each epoch draws from generators of
        its own, so that a run resumed after one goes on exactly as it would have.
    on_progress : callable
        Called several times a second, and after each epoch with the accuracy that the lessons measure. A run
        that is resumed first repeats the reports that ended its epochs so far.
    checkpoints : Checkpoints, optional
        Where to save the state after each epoch, and whence to resume.

    Returns
    -------
    nn.Module
        In evaluation mode, on the CPU: the averaged weights where the recipe asks for them.
    """
    keep_freed_memory()
    with _SEEDING:
        torch.manual_seed(seed)
        state = _new_state(recipe, n_outputs=lessons.n_outputs, device=find_device())
    done = checkpoints.resume(state) if checkpoints else []
    for report in done:
        on_progress(report)
    meter = Meter(recipe.epochs, lessons.n_batches, on_progress, done=done)
    for epoch in range(len(done), recipe.epochs):
        loss = _train_epoch(state, recipe, lessons, epoch=epoch, seed=seed, meter=meter)
        meter.end_epoch(loss, None if lessons.measure is None else lessons.measure(state.shipped))
        if checkpoints:
            checkpoints.save(state, meter.ends)
    return state.shipped.eval().cpu()


def find_device() -> str:
    """Return where to compute."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def _new_state(recipe: TorchRecipe | LineRecipe, *, n_outputs: int, device: str) -> TrainingState:
    """Make the network, its moving average and its optimizer."""
    networks = LINE_NETWORKS if isinstance(recipe, LineRecipe) else NETWORKS
    network = find_network(recipe.network, networks)(n_outputs).to(device)
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in its stub
    average = None
    if recipe.average:
        average = AveragedModel(
            network, avg_fn=functools.partial(_move_average, recipe.average), use_buffers=True
        )
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    weights = [parameter for parameter in trained if parameter.ndim > 1]
    others = [parameter for parameter in trained if parameter.ndim <= 1]
    groups = [
        {"params": weights, "weight_decay": recipe.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return TrainingState(network, average, torch.optim.AdamW(groups, lr=recipe.learning_rate, fused=True))


def _move_average(decay: float, average: Tensor, latest: Tensor, n_averaged: Tensor) -> Tensor:
    """Return an exponential moving average, which forgets faster in its first steps."""
    if not average.is_floating_point():
        return latest
    n = int(n_averaged)
    return torch.lerp(average, latest, 1 - min(decay, (1 + n) / (10 + n)))


def _train_epoch(
    state: TrainingState,
    recipe: TorchRecipe | LineRecipe,
    lessons: Lessons,
    *,
    epoch: int,
    seed: int,
    meter: Meter,
) -> float:
    """Go through the lessons of one epoch; return the mean loss."""
    total = torch.zeros((), device=find_device())
    state.network.train()
    generator = torch.Generator().manual_seed(_epoch_seed(seed, epoch))
    n_steps = recipe.epochs * lessons.n_batches
    for position, (n_drawn, compute_loss) in enumerate(lessons.draw(generator)):
        rate = recipe.learning_rate * one_cycle(epoch * lessons.n_batches + position, n_steps)
        for group in state.optimizer.param_groups:
            group["lr"] = rate
        loss = compute_loss(state.network)
        state.optimizer.zero_grad()
        loss.backward()
        state.optimizer.step()
        if state.average is not None:
            state.average.update_parameters(state.network)
        total += loss.detach()
        meter.count(n_drawn, loss.item)
    return float(total / lessons.n_batches)


def _draw_images(
    recipe: TorchRecipe, images: Tensor, labels: Tensor, generator: torch.Generator
) -> Iterator[tuple[int, Callable[[nn.Module], Tensor]]]:
    """Draw every image once, in an order of the epoch's own."""
    for drawn in torch.randperm(len(images), generator=generator).split(recipe.batch_size):
        batch = drawn if len(drawn) > 1 else drawn.repeat(2)  # one image alone has no variance
        ink = augment(images[batch].unsqueeze(1).float() / 255, recipe, generator)
        yield len(drawn), functools.partial(_classify, ink, labels[batch], recipe.label_smoothing)


def _classify(ink: Tensor, labels: Tensor, label_smoothing: float, network: nn.Module) -> Tensor:
    """Return the cross-entropy of one batch."""
    with precision(ink.device.type):
        logits, _ = network(ink.contiguous(memory_format=torch.channels_last))
    return F.cross_entropy(logits.float(), labels, label_smoothing=label_smoothing)


def _epoch_seed(seed: int, epoch: int) -> int:
    """Return a seed for one epoch of one run."""
    return int(np.random.SeedSequence([seed, epoch]).generate_state(1, np.uint64)[0] >> 1)


@functools.cache
def _autocast_dtype(device: str) -> torch.dtype | None:
    """Return bfloat16 where the processor multiplies in it, or None."""
    if device == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else None
    capabilities = torch.cpu.get_capabilities()
    has_bfloat16 = any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16"))
    return torch.bfloat16 if has_bfloat16 else None


def precision(device: str) -> AbstractContextManager[object]:
    """Compute in bfloat16 where that is faster; losses and weights stay float32."""
    dtype = _autocast_dtype(device)
    return torch.autocast(device, dtype) if dtype else nullcontext()


@torch.inference_mode()
def compute_logits(network: nn.Module, images: Images) -> Tensor:
    """Return a network's logits (n, n_outputs) for digit images, on the CPU."""
    network.eval()
    device = next(network.parameters()).device
    batches = torch.from_numpy(images).split(EVALUATION_BATCH)
    return torch.cat([network(batch.to(device).unsqueeze(1).float() / 255)[0].cpu() for batch in batches])


def measure_accuracy(network: nn.Module, samples: Split) -> float:
    """Return the share of samples whose highest logit is at their label."""
    predicted = compute_logits(network, samples.images).argmax(dim=1).numpy()
    return float((predicted == samples.labels).mean())
