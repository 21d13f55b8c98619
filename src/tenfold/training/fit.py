"""The one loop that trains every network."""

import functools
import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from tenfold.arrays import Images
from tenfold.data.splits import N_CLASSES, Split
from tenfold.networks import find_network
from tenfold.recipes import TorchRecipe
from tenfold.training.augment import augment
from tenfold.training.checkpoint import Checkpoints, TrainingState
from tenfold.training.progress import Meter, Progress
from tenfold.training.schedule import one_cycle

EVALUATION_BATCH: Final = 1000


def fit_network(
    recipe: TorchRecipe,
    samples: Split,
    *,
    seed: int,
    on_progress: Callable[[Progress], None],
    validation: Split | None = None,
    checkpoints: Checkpoints | None = None,
) -> nn.Module:
    """Train a recipe's network.

    Parameters
    ----------
    recipe : TorchRecipe
        What to train, and for how long.
    samples : Split
        All of these are used. Labels may go up to 10, "not a digit".
    seed : int
        Of the weights, the order of the images and every augmentation. Each epoch draws from generators of
        its own, so that a run resumed after one goes on exactly as it would have.
    on_progress : callable
        Called several times a second, and after each epoch with the accuracy on `validation`. A run that is
        resumed first repeats the reports that ended its epochs so far.
    validation : Split, optional
        Looked at after each epoch, for the report alone: it changes nothing.
    checkpoints : Checkpoints, optional
        Where to save the state after each epoch, and whence to resume.

    Returns
    -------
    nn.Module
        In evaluation mode, on the CPU: the averaged weights where the recipe asks for them.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(seed)
    state = _new_state(recipe, n_outputs=N_CLASSES + (recipe.none_share > 0), device=device)
    done = checkpoints.resume(state) if checkpoints else []
    for report in done:
        on_progress(report)
    images, labels = (torch.from_numpy(array).to(device) for array in (samples.images, samples.labels))
    n_batches = math.ceil(len(samples) / recipe.batch_size)
    meter = Meter(recipe.epochs, n_batches, on_progress, done=done)
    for epoch in range(len(done), recipe.epochs):
        loss = _train_epoch(state, recipe, (images, labels), epoch=epoch, seed=seed, meter=meter)
        accuracy = None if validation is None else measure_accuracy(state.shipped, validation)
        meter.end_epoch(loss, accuracy)
        if checkpoints:
            checkpoints.save(state, meter.ends)
    return state.shipped.eval().cpu()


def _new_state(recipe: TorchRecipe, *, n_outputs: int, device: str) -> TrainingState:
    """Make the network, its moving average and its optimizer."""
    network = find_network(recipe.network)(n_outputs).to(device)
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
    recipe: TorchRecipe,
    samples: tuple[Tensor, Tensor],
    *,
    epoch: int,
    seed: int,
    meter: Meter,
) -> float:
    """Show the network every image once, in an order of the epoch's own; return the mean loss."""
    images, labels = samples
    total = torch.zeros((), device=images.device)
    state.network.train()
    generator = torch.Generator().manual_seed(_epoch_seed(seed, epoch))
    batches = torch.randperm(len(images), generator=generator).split(recipe.batch_size)
    n_steps = recipe.epochs * len(batches)
    for position, drawn in enumerate(batches):
        batch = drawn if len(drawn) > 1 else drawn.repeat(2)  # one image alone has no variance
        rate = recipe.learning_rate * one_cycle(epoch * len(batches) + position, n_steps)
        for group in state.optimizer.param_groups:
            group["lr"] = rate
        ink = augment(images[batch].unsqueeze(1).float() / 255, recipe, generator)
        with _precision(images.device.type):
            logits, _ = state.network(ink.contiguous(memory_format=torch.channels_last))
        loss = F.cross_entropy(logits.float(), labels[batch], label_smoothing=recipe.label_smoothing)
        state.optimizer.zero_grad()
        loss.backward()
        state.optimizer.step()
        if state.average is not None:
            state.average.update_parameters(state.network)
        total += loss.detach()
        meter.count(len(drawn), loss.item)
    return float(total / len(batches))


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


def _precision(device: str) -> AbstractContextManager[object]:
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
