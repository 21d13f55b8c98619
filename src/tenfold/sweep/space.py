"""What a sweep searches: some fields of a recipe, each in a range or among choices."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tenfold.errors import MissingExtraError, RecipeError
from tenfold.recipes import LineRecipe, Recipe, find_fields, full_name, with_settings

UNSCORED: Final = frozenset({"trial_epochs", "quantize", "held_out", "test_strings"})
"""Fields that change the model file, or what is validated on, but not how well a network validates."""

LOGARITHMIC: Final = 10
"""A range whose ends are positive, and so many times apart, is searched by its logarithm."""

LARGEST: Final = 2**53
"""Whole numbers up to here are kept as they are by every database."""


@dataclass(frozen=True)
class Range:
    """All numbers between two, the ends included; whole ones where the ends are.

    Attributes
    ----------
    field : str
        Of a recipe.
    low, high : int or float
        `low` is below `high`.
    """

    field: str
    low: int | float
    high: int | float

    @property
    def is_log(self) -> bool:
        """Tell whether it is searched by its logarithm."""
        return self.low > 0 and self.high / self.low >= LOGARITHMIC

    def __contains__(self, value: Any) -> bool:  # noqa: ANN401
        return bool(self.low <= value <= self.high)

    def __str__(self) -> str:
        return f"{self.low}..{self.high}"


@dataclass(frozen=True)
class Choices:
    """Some values, in no order.

    Attributes
    ----------
    field : str
        Of a recipe.
    values : tuple
        Two or more, of the field's type.
    """

    field: str
    values: tuple[Any, ...]

    def __contains__(self, value: Any) -> bool:  # noqa: ANN401
        return value in self.values

    def __str__(self) -> str:
        return ",".join(map(str, self.values))


Searched = Range | Choices


@dataclass(frozen=True)
class Space:
    """A recipe, and which of its fields are searched.

    Attributes
    ----------
    recipe : Recipe
        With what is fixed in its place.
    searched : tuple of Range or Choices
        One or more, of different fields.
    """

    recipe: Recipe
    searched: tuple[Searched, ...]

    def place(self, values: Mapping[str, Any]) -> Recipe:
        """Return the recipe with values for the fields that are searched."""
        return dataclasses.replace(self.recipe, **values)

    def usual(self) -> dict[str, Any] | None:
        """Return the recipe's own values of the fields that are searched, if they lie in the space."""
        values = {part.field: getattr(self.recipe, part.field) for part in self.searched}
        return values if all(values[part.field] in part for part in self.searched) else None


def parse_space(recipe: Recipe, settings: Sequence[tuple[str, str]]) -> Space:
    """Tell what is searched, and check it all against the recipe before anything is trained.

    Parameters
    ----------
    recipe : Recipe
        Stays as it is.
    settings : sequence of (str, str)
        Fields, and for each a range ``LOW..HIGH``, choices ``A,B,C`` or a single value, as typed.

    Raises
    ------
    RecipeError
        A field does not exist, cannot take an end of its range or one of its choices, or is there twice; a
        range is empty; nothing is searched. One error names all.
    MissingExtraError
        Networks are to be chosen, and torch is not installed.

    Examples
    --------
    >>> from tenfold.recipes import find_recipe
    >>> parse_space(find_recipe("fast-cnn"), [("lr", "1e-3..1e-1"), ("epochs", "2")]).searched
    (Range(field='learning_rate', low=0.001, high=0.1),)
    """
    searched: list[Searched] = []
    fixed: dict[str, str] = {}
    problems: list[str] = []
    names = [full_name(recipe, name) for name, _ in settings]
    for name, (_, text) in zip(names, settings, strict=True):
        try:
            if ".." in text:
                searched.append(_parse_range(recipe, name, text))
            elif "," in text:
                searched.append(_parse_choices(recipe, name, text))
            else:
                _parse_value(recipe, name, text)
                fixed[name] = text
        except RecipeError as error:
            problems.append(str(error))
    problems += [f"{name} must be set once. Got it {n} times." for name, n in _repeated(names).items()]
    if not searched and not problems:
        problems.append(
            "At least one field must be searched. Got none. For example --set learning_rate=1e-3..1e-1."
        )
    if problems:
        raise RecipeError(" ".join(dict.fromkeys(problems)))
    return Space(with_settings(recipe, fixed), tuple(searched))


def _repeated(names: Sequence[str]) -> dict[str, int]:
    return {name: names.count(name) for name in names if names.count(name) > 1}


def _parse_range(recipe: Recipe, name: str, text: str) -> Range:
    kind = _check_searchable(recipe, name)
    if kind not in {int, float}:
        raise RecipeError(
            f"{name} must be searched among choices, as in {name}={_example(kind)}. Got the range {text}."
        )
    low, high = (_parse_value(recipe, name, end) for end in text.split("..", 1))
    if not low < high:
        raise RecipeError(f"A range must go from a lower to a higher value. Got {name}={text}.")
    if kind is int and high > LARGEST:
        raise RecipeError(f"A range must end at {LARGEST} or below. Got {name}={text}.")
    return Range(name, low, high)


def _parse_choices(recipe: Recipe, name: str, text: str) -> Choices:
    _check_searchable(recipe, name)
    values = tuple(_parse_value(recipe, name, choice.strip()) for choice in text.split(","))
    if len(set(values)) < len(values):
        raise RecipeError(f"Choices must differ. Got {name}={text}.")
    return Choices(name, values)


def _check_searchable(recipe: Recipe, name: str) -> Any:  # noqa: ANN401
    """Return the type of a field, or refuse it."""
    if name in UNSCORED & find_fields(recipe).keys():
        raise RecipeError(
            f"{name} must have one value: it does not change how well a network validates, or what it "
            f"validates on. Leave it out of the search, or fix it, as in {name}={getattr(recipe, name)}."
        )
    return find_fields(recipe).get(name, float)


def _parse_value(recipe: Recipe, name: str, text: str) -> Any:  # noqa: ANN401
    """Return a value as the recipe takes it."""
    value = getattr(with_settings(recipe, {name: text}), name)
    if name == "network":
        _check_network(recipe, value)
    return value


def _check_network(recipe: Recipe, name: str) -> None:
    try:
        from tenfold.networks import LINE_NETWORKS, NETWORKS, find_network
    except ImportError as error:
        raise MissingExtraError(error.name or "torch", "train") from error
    find_network(name, LINE_NETWORKS if isinstance(recipe, LineRecipe) else NETWORKS)


def _example(kind: Any) -> str:  # noqa: ANN401
    return "true,false" if kind is bool else "conv3,conv4"
