"""The recipes by name."""

from typing import Final

from tenfold.errors import RecipeError, suggest
from tenfold.recipes import committee, fast_cnn, fast_mlp, number_reader, robust_cnn, tiny_cnn, tutorial_mlp
from tenfold.recipes.recipe import (
    LbfgsRecipe,
    LineRecipe,
    Measured,
    Recipe,
    TorchRecipe,
    find_fields,
    full_name,
    with_settings,
)

_MODULES: Final = (tutorial_mlp, fast_mlp, fast_cnn, tiny_cnn, robust_cnn, committee, number_reader)

RECIPES: Final[dict[str, Recipe]] = {module.RECIPE.name: module.RECIPE for module in _MODULES}

MEASURED: Final[dict[str, Measured]] = {module.RECIPE.name: module.MEASURED for module in _MODULES}
"""What they reached, by name."""

__all__ = [
    "MEASURED",
    "RECIPES",
    "LbfgsRecipe",
    "LineRecipe",
    "Measured",
    "Recipe",
    "TorchRecipe",
    "find_fields",
    "find_recipe",
    "full_name",
    "with_settings",
]


def find_recipe(name: str) -> Recipe:
    """Return the recipe of that name.

    Raises
    ------
    RecipeError
        There is none; the error suggests the nearest.
    """
    if name not in RECIPES:
        raise RecipeError(
            f"The recipe must be one of {', '.join(RECIPES)}. Got {name!r}.{suggest(name, RECIPES)}"
        )
    return RECIPES[name]
