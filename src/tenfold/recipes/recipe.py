"""What a recipe is: the values of a training run, and the score it must reach."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from tenfold.errors import RecipeError

_DESCRIPTION: Final = frozenset({"name", "summary", "must_reach"})
"""Fields that say what a recipe is, and are not for replacing."""


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
        problems = [
            f"{field} must be {expected}. Got {getattr(self, field)!r}."
            for field, expected, is_valid in (
                ("hidden_units", "1 to 10000", 1 <= self.hidden_units <= 10_000),
                ("alpha", "0 or more", 0 <= self.alpha < float("inf")),
                ("max_iter", "1 or more", self.max_iter >= 1),
                ("tol", "0 or more", 0 <= self.tol < float("inf")),
            )
            if not is_valid
        ]
        if problems:
            raise RecipeError(" ".join(problems))


def with_settings(recipe: LbfgsRecipe, settings: Mapping[str, str]) -> LbfgsRecipe:
    """Return the recipe with some fields replaced.

    Parameters
    ----------
    recipe : LbfgsRecipe
        Stays as it is.
    settings : mapping of str to str
        Values by field, as typed on a command line.

    Raises
    ------
    RecipeError
        A field does not exist (the error suggests the nearest) or cannot take its value.
    """
    fields: dict[str, Any] = {
        field.name: field.type for field in dataclasses.fields(recipe) if field.name not in _DESCRIPTION
    }
    problems, values = [], {}
    for name, text in settings.items():
        if name not in fields:
            near = get_close_matches(name, fields, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            problems.append(f"A field of {recipe.name} must be one of {', '.join(fields)}. Got {name}.{hint}")
            continue
        try:
            values[name] = fields[name](text)
        except ValueError:
            problems.append(f"{name} must be of type {fields[name].__name__}. Got {text!r}.")
    if problems:
        raise RecipeError(" ".join(problems))
    return dataclasses.replace(recipe, **values)
