"""The recipes by name."""

from difflib import get_close_matches
from typing import Final

from tenfold.errors import RecipeError
from tenfold.recipes import tutorial_mlp
from tenfold.recipes.recipe import LbfgsRecipe, with_settings

RECIPES: Final = {recipe.name: recipe for recipe in (tutorial_mlp.RECIPE,)}

__all__ = ["RECIPES", "LbfgsRecipe", "find_recipe", "with_settings"]


def find_recipe(name: str) -> LbfgsRecipe:
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
