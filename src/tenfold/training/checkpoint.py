"""Save the state of a training run after each epoch, and go on from it."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from tenfold.atomic import remove_leftovers, write_atomically
from tenfold.errors import CheckpointError, OutputError

N_KEPT: Final = 2

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingState:
    """All that a step of training changes."""

    network: nn.Module
    average: AveragedModel | None
    optimizer: torch.optim.Optimizer

    @property
    def shipped(self) -> nn.Module:
        """The network whose weights count: the average where there is one."""
        return self.network if self.average is None else self.average.module


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoints of one run, in a folder of their own.

    Attributes
    ----------
    folder : Path
        Made when the first is saved.
    origin : dict
        What the run is made of: recipe, data, seed. A checkpoint of another origin is refused.
    resuming : bool
        Whether to go on from what is there; otherwise that is deleted, and the run starts anew.
    """

    folder: Path
    origin: dict[str, Any]
    resuming: bool

    def save(self, state: TrainingState, epoch: int) -> None:
        """Write the state after `epoch` epochs, and keep the newest two.

        A disk that takes no more is reported as a warning: training goes on, and the last good checkpoint
        stays as it is.
        """
        tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in _tensors(state)}
        path = self.folder / f"epoch-{epoch:04d}.safetensors"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with write_atomically(path) as file:
                file.write(
                    save(tensors, {"origin": json.dumps(self.origin, sort_keys=True), "epoch": str(epoch)})
                )
        except (OutputError, OSError) as error:
            logger.warning("The state after epoch %d was not saved. %s", epoch, error)
            return
        for old in self._newest_first()[N_KEPT:]:
            old.unlink(missing_ok=True)

    def resume(self, state: TrainingState) -> int:
        """Put the newest whole checkpoint into `state`, if it is to be resumed; return its epoch, or 0.

        Raises
        ------
        CheckpointError
            The newest belongs to another recipe, data set or seed.
        """
        remove_leftovers(self.folder / "epoch-????.safetensors")  # of whichever epoch
        if not self.resuming:
            self.clear()
        for path in self._newest_first():
            try:
                with safe_open(path, "pt") as file:
                    metadata = file.metadata() or {}
                    self._check_origin(path, json.loads(metadata["origin"]))
                    _restore(state, {name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
                    return int(metadata["epoch"])
            except (SafetensorError, OSError, KeyError, ValueError) as error:
                logger.warning("%s is damaged (%s): trying the one before.", path, error)
        return 0

    def clear(self) -> None:
        """Delete them: the run is done."""
        for path in self._newest_first():
            path.unlink(missing_ok=True)
        if self.folder.is_dir() and not any(self.folder.iterdir()):
            self.folder.rmdir()

    def _newest_first(self) -> list[Path]:
        return sorted(self.folder.glob("epoch-*.safetensors"), reverse=True)

    def _check_origin(self, path: Path, origin: dict[str, Any]) -> None:
        """Name what differs from this run."""
        differing = [
            f"{key} {origin.get(key)!r}, not {value!r}"
            for key, value in self.origin.items()
            if origin.get(key) != value
        ]
        if differing:
            raise CheckpointError(
                f"{path} must be a checkpoint of this run. Got one of {'; '.join(differing)}. "
                "Repeat the options it was started with, or start anew without --resume."
            )


def _tensors(state: TrainingState) -> Iterator[tuple[str, Tensor]]:
    """Yield every tensor under a name of its own, not copied."""
    for name, tensor in state.network.state_dict().items():
        yield f"network.{name}", tensor
    if state.average is not None:
        for name, tensor in state.average.state_dict().items():
            yield f"average.{name}", tensor
    for position, parameter in enumerate(_parameters(state)):
        for name, tensor in state.optimizer.state[parameter].items():
            yield f"optimizer.{position}.{name}", tensor


def _parameters(state: TrainingState) -> list[nn.Parameter]:
    """Return the parameters in the optimizer's order."""
    return [parameter for group in state.optimizer.param_groups for parameter in group["params"]]


def _restore(state: TrainingState, tensors: dict[str, Tensor]) -> None:
    """Put saved tensors where `_tensors` took them, in the memory layout of those there."""
    parameters = _parameters(state)
    modules: dict[str, dict[str, Tensor]] = {"network": {}, "average": {}}
    for full_name, tensor in tensors.items():
        owner, _, name = full_name.partition(".")
        if owner in modules:
            modules[owner][name] = tensor
            continue
        position, _, name = name.partition(".")
        parameter = parameters[int(position)]
        same_shape = tensor.shape == parameter.shape
        state.optimizer.state[parameter][name] = (
            torch.empty_like(parameter).copy_(tensor) if same_shape else tensor.to(parameter.device)
        )
    state.network.load_state_dict(modules["network"])
    if state.average is not None:
        state.average.load_state_dict(modules["average"])
