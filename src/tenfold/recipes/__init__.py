"""The recipes by name."""

from difflib import get_close_matches
from typing import Final

from tenfold.errors import RecipeError
from tenfold.recipes import fast_mlp, robust_cnn, tutorial_mlp
from tenfold.recipes.recipe import LbfgsRecipe, Recipe, TorchRecipe, with_settings

RECIPES: Final[dict[str, Recipe]] = {
    recipe.name: recipe for recipe in (tutorial_mlp.RECIPE, fast_mlp.RECIPE, robust_cnn.RECIPE)
}

__all__ = ["RECIPES", "LbfgsRecipe", "Recipe", "TorchRecipe", "find_recipe", "with_settings"]


def find_recipe(name: str) -> Recipe:
    """Return the recipe of that name.

    Raises
    ------
    RecipeError
        There is none; the error suggests the nearest.
    """
    if name not in RECIPES:
        near = get_close_matches(name, RECIPES, n=1, cutoff=0.4)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise RecipeError(f"The recipe must be one of {', '.join(RECIPES)}. Got {name!r}.{hint}")
    return RECIPES[name]
