"""Save the state of a training run after each epoch, and go on from it."""

import dataclasses
import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from tenfold.atomic import remove_files, remove_leftovers, write_atomically
from tenfold.errors import CheckpointError, OutputError
from tenfold.training.origin import name_differences
from tenfold.training.progress import Progress

EPOCHS: Final = "epoch-*.safetensors"
N_KEPT: Final = 2
_OTHER_CODE: Final = "Go on with the tenfold that saved it, or start anew without --resume."

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

    def save(self, state: TrainingState, ends: Sequence[Progress]) -> None:
        """Write the state after some epochs, with the reports that ended them, and keep the newest two.

        A disk that takes no more is reported as a warning: training goes on, and the last good checkpoint
        stays as it is.
        """
        tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in _tensors(state)}
        metadata = {
            "origin": json.dumps(self.origin, sort_keys=True),
            "ends": json.dumps([dataclasses.asdict(end) for end in ends]),
        }
        path = self.folder / f"epoch-{len(ends):04d}.safetensors"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with write_atomically(path) as file:
                file.write(save(tensors, metadata))
        except (OutputError, OSError) as error:
            logger.warning("The state after epoch %d was not saved. %s", len(ends), error)
            return
        for old in self._newest_first()[N_KEPT:]:
            old.unlink(missing_ok=True)

    def resume(self, state: TrainingState) -> list[Progress]:
        """Put the newest whole checkpoint into `state`, if it is to be resumed.

        Returns
        -------
        list of Progress
            The reports that ended the epochs it has done; none where there is no checkpoint.

        Raises
        ------
        CheckpointError
            The newest belongs to another recipe, data set or seed; or to this recipe with another definition
            of its network; or another version of tenfold wrote it. The state stays as it was.
        """
        remove_leftovers(self.folder / "epoch-????.safetensors")  # of whichever epoch
        if not self.resuming:
            remove_files(self.folder, EPOCHS)
        for path in self._newest_first():
            try:
                return self._load(path, state)
            except (SafetensorError, OSError, KeyError, ValueError) as error:
                logger.warning("%s is damaged (%s): trying the one before.", path, error)
        return []

    def _newest_first(self) -> list[Path]:
        return sorted(self.folder.glob(EPOCHS), reverse=True)

    def _load(self, path: Path, state: TrainingState) -> list[Progress]:
        """Put a checkpoint into `state`, if it belongs there, and return its reports."""
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        _check_origin(path, json.loads(metadata["origin"]), self.origin)
        ends = _parse_ends(path, metadata)
        _check_weights(path, state, tensors)
        _restore(state, tensors)
        return ends


def check_origins(folder: Path, origin: dict[str, Any]) -> None:
    """Raise a CheckpointError if any stage in a folder has checkpoints of another run.

    A run of other stages would not find them, and start anew in silence.
    """
    for path in sorted(folder.glob(f"*/{EPOCHS}")):
        try:
            with safe_open(path, "pt") as file:
                saved = json.loads((file.metadata() or {})["origin"])
        except (SafetensorError, OSError, KeyError, ValueError):
            continue  # which is reported where it would be resumed
        _check_origin(path, saved, origin)


def _check_origin(path: Path, saved: dict[str, Any], expected: dict[str, Any]) -> None:
    differing = name_differences(saved, expected)
    if differing:
        raise CheckpointError(
            f"{path} must be a checkpoint of this run. Got one of {differing}. "
            "Repeat the options it was started with, or start anew without --resume."
        )


def _parse_ends(path: Path, metadata: dict[str, str]) -> list[Progress]:
    """Return the reports that a checkpoint holds."""
    try:
        return [Progress(**end) for end in json.loads(metadata["ends"])]
    except (KeyError, TypeError) as error:
        raise CheckpointError(
            f"{path} must hold the reports of its epochs as this version of tenfold writes them. "
            f"Got others, or none ({error!r}). {_OTHER_CODE}"
        ) from error


def _check_weights(path: Path, state: TrainingState, tensors: dict[str, Tensor]) -> None:
    """Raise a CheckpointError if they are those of a network that was defined otherwise."""
    saved = [(name, tensor) for name, tensor in tensors.items() if not name.startswith("optimizer.")]
    differing = name_differences(_shapes(saved), _shapes(_weights(state)))
    if differing:
        raise CheckpointError(
            f"{path} must hold the weights of the network as it is now. Got {differing}. {_OTHER_CODE}"
        )


def _shapes(tensors: Iterable[tuple[str, Tensor]]) -> dict[str, Any]:
    return {name: tuple(tensor.shape) for name, tensor in tensors}


def _tensors(state: TrainingState) -> Iterator[tuple[str, Tensor]]:
    """Yield every tensor under a name of its own, not copied."""
    yield from _weights(state)
    for position, parameter in enumerate(_parameters(state)):
        for name, tensor in state.optimizer.state[parameter].items():
            yield f"optimizer.{position}.{name}", tensor


def _weights(state: TrainingState) -> Iterator[tuple[str, Tensor]]:
    """Yield those of the network and of its average."""
    for name, tensor in state.network.state_dict().items():
        yield f"network.{name}", tensor
    if state.average is not None:
        for name, tensor in state.average.state_dict().items():
            yield f"average.{name}", tensor


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
