"""What a recipe is: the values of a training run, and the score it must reach."""

import dataclasses
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from tenfold.errors import RecipeError, suggest

_DESCRIPTION: Final = frozenset({"name", "summary", "must_reach"})
"""Fields that say what a recipe is, and are not for replacing."""

SHORT_NAMES: Final = {"lr": "learning_rate"}
"""What a field may be called on a command line."""

MOST: Final = float("inf")

R = TypeVar("R", bound="LbfgsRecipe | TorchRecipe | LineRecipe")


@dataclass(frozen=True, kw_only=True)
class LbfgsRecipe:
    """A multi-layer perceptron on standardized pixels, fitted in full batches by L-BFGS.

    Attributes
    ----------
    name : str
        As `tenfold train --recipe` takes it.
    summary : str
        One line for `tenfold recipes`.
    hidden_units : int
        Units of the one hidden layer.
    alpha : float
        Strength of the L2 penalty.
    max_iter : int
        Iterations after which the fit stops if it has not converged.
    tol : float
        The fit has converged when no element of the gradient exceeds this.
    must_reach : float
        Accuracy on MNIST's test images, as a fraction.
    """

    name: str
    summary: str
    hidden_units: int
    alpha: float
    max_iter: int
    tol: float
    must_reach: float

    def __post_init__(self) -> None:
        """Refuse values that no fit can use."""
        _check_ranges(
            self, {"hidden_units": (1, 10_000), "alpha": (0, MOST), "max_iter": (1, MOST), "tol": (0, MOST)}
        )


@dataclass(frozen=True, kw_only=True)
class TorchRecipe:
    """A network trained by mini-batches of randomly changed images.

    Attributes
    ----------
    name, summary, must_reach
        As in `LbfgsRecipe`.
    network : str
        A key of `tenfold.networks.NETWORKS`.
    epochs, batch_size : int
        How often each image is seen, and how many at a time.
    learning_rate : float
        Peak of the one-cycle schedule, for AdamW.
    weight_decay : float
        Of the weights of layers; biases and batch norm have none.
    label_smoothing : float
        Share of each target spread over all classes.
    average : float
        Decay of the moving average of the weights that is shipped; 0 ships the last weights.
    none_share : float
        Images of "not a digit" that are drawn, as a share of the training images; 0 models no such class.
    trial_epochs : int
        Length of a first run on ten twelfths of the images, which fits the temperature and the threshold on
        the other two before the run on all that is shipped; 0 does not calibrate.
    members : int
        Networks that are trained, each from a seed of its own, and averaged inside one graph.
    widths : float
        Most that the logarithm of the width differs at which members see an image, either way.
    quantize : bool
        Whether the weights are shipped as 8-bit integers.
    rotation : float
        Most degrees an image is turned, either way. Each draw is uniform from minus to plus.
    scaling : float
        Most that the logarithm of width and of height changes.
    shear : float
        Most that a row is shifted per row of distance.
    shift : float
        Most pixels across and down.
    elastic : float
        Standard deviation of the smooth displacement, in pixels.
    thickness : float
        Most share, 0 to 1, of an image whose strokes are one pixel thicker or thinner on each side.
    contrast : float
        Most that the logarithm of the exponent of the ink (its gamma) differs from 0.
    residue : float
        Share, 0 to 1, of images with a grid line or a sliver of another digit at one edge.
    variants : float
        Digits that are changed into shapes which the training images lack (flagged 1s, crossed 7s, hooked 9s,
        stretched ones) and added, as a share of the training images.
    """

    name: str
    summary: str
    network: str
    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    average: float = 0.0
    none_share: float = 0.0
    trial_epochs: int = 0
    members: int = 1
    widths: float = 0.0
    quantize: bool = False
    rotation: float = 0.0
    scaling: float = 0.0
    shear: float = 0.0
    shift: float = 0.0
    elastic: float = 0.0
    thickness: float = 0.0
    contrast: float = 0.0
    residue: float = 0.0
    variants: float = 0.0
    must_reach: float

    def __post_init__(self) -> None:
        """Refuse values that no training can use."""
        at_least_one, share, small = (1, MOST), (0, 1), (0, 2)
        ranges = {
            "epochs": at_least_one,
            "trial_epochs": (0, MOST),
            "members": (1, 100),
            "batch_size": (2, MOST),
            "learning_rate": (0, 10),
            "weight_decay": (0, MOST),
        }
        ranges |= dict.fromkeys(
            ("label_smoothing", "average", "none_share", "thickness", "residue", "variants"), share
        )
        ranges |= dict.fromkeys(("scaling", "shear", "contrast", "widths"), small)
        ranges |= {"rotation": (0, 180), "shift": (0, 28), "elastic": (0, 10)}
        _check_ranges(self, ranges)

    @property
    def warps(self) -> bool:
        """Tell whether images are moved, turned or bent."""
        return any((self.rotation, self.scaling, self.shear, self.shift, self.elastic))


@dataclass(frozen=True, kw_only=True)
class LineRecipe:
    """A network that reads runs of digits, trained on strings composed from single ones.

    Attributes
    ----------
    name, summary
        As in `LbfgsRecipe`.
    network : str
        A key of `tenfold.networks.LINE_NETWORKS`.
    epochs, batch_size : int
        How often, and how many at a time, strings are shown.
    strings : int
        Composed afresh for each epoch.
    showings : int
        How often each is shown, stretched and shifted otherwise each time: composing takes as long as
        learning does.
    held_out : int
        Composed of digits that are kept from training: so many to report on, as many to calibrate by.
    test_strings : int
        Composed of a dataset's test digits, for the accuracy of the finished model.
    learning_rate, weight_decay, average, quantize
        As in `TorchRecipe`.
    must_reach : float
        Share of the composed test strings that are read without any error, as a fraction.
    """

    name: str
    summary: str
    network: str
    epochs: int
    batch_size: int
    strings: int
    showings: int = 1
    held_out: int
    test_strings: int
    learning_rate: float
    weight_decay: float = 0.0
    average: float = 0.0
    quantize: bool = False
    must_reach: float

    def __post_init__(self) -> None:
        """Refuse values that no training can use."""
        at_least_one = (1, MOST)
        ranges: dict[str, tuple[int | float, int | float]] = dict.fromkeys(
            ("epochs", "strings", "showings", "held_out", "test_strings"), at_least_one
        )
        ranges |= {"batch_size": (2, MOST), "learning_rate": (0, 10)}
        _check_ranges(self, ranges | {"weight_decay": (0, MOST), "average": (0, 1)})


Recipe = LbfgsRecipe | TorchRecipe | LineRecipe


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a recipe reached when it was last measured, by a script in `benchmarks/`.

    Attributes
    ----------
    accuracy, deviation : float
        Mean and standard deviation over seeds, of the accuracy on MNIST's test images, as fractions.
    seeds : int
        How many there were.
    seconds : float
        The fastest training took, on a machine of two cores.
    """

    accuracy: float
    deviation: float
    seeds: int
    seconds: float


def _check_ranges(recipe: Recipe, ranges: Mapping[str, tuple[int | float, int | float]]) -> None:
    """Raise once for all fields that are outside their range."""
    problems = [
        f"{field} must be {low} {'or more' if high == MOST else f'to {high}'}. "
        f"Got {getattr(recipe, field)!r}."
        for field, (low, high) in ranges.items()
        if not low <= getattr(recipe, field) <= min(high, sys.float_info.max)
    ]
    if problems:
        raise RecipeError(" ".join(problems))


def with_settings(recipe: R, settings: Mapping[str, str]) -> R:
    """Return the recipe with some fields replaced.

    Parameters
    ----------
    recipe : Recipe
        Stays as it is.
    settings : mapping of str to str
        Values by field, as typed on a command line. `lr` is short for `learning_rate`.

    Raises
    ------
    RecipeError
        A field does not exist (the error suggests the nearest), cannot take its value or is there twice.
    """
    fields = find_fields(recipe)
    problems, values = [], {}
    for typed, text in settings.items():
        name = full_name(recipe, typed)
        if name in values:
            problems.append(f"{name} must be set once. Got it as {typed}, too.")
            continue
        if name not in fields:
            known = ", ".join(fields)
            problems.append(
                f"A field of {recipe.name} must be one of {known}. Got {name}.{suggest(name, fields)}"
            )
            continue
        try:
            values[name] = _parse(text, fields[name])
        except ValueError:
            problems.append(f"{name} must be of type {fields[name].__name__}. Got {text!r}.")
    if problems:
        raise RecipeError(" ".join(problems))
    return dataclasses.replace(recipe, **values)


def find_fields(recipe: Recipe) -> dict[str, Any]:
    """Return the fields that may be replaced, with their types."""
    return {field.name: field.type for field in dataclasses.fields(recipe) if field.name not in _DESCRIPTION}


def full_name(recipe: Recipe, name: str) -> str:
    """Return what a field is called in a recipe that has it; another name stays as it is."""
    full = SHORT_NAMES.get(name, name)
    return full if full in find_fields(recipe) else name


def _parse(text: str, kind: Any) -> Any:  # noqa: ANN401
    """Return a typed value as its field's type."""
    if kind is bool:
        if text.lower() not in {"true", "false"}:
            raise ValueError(text)
        return text.lower() == "true"
    return kind(text)
