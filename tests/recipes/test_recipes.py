"""The contract that every recipe keeps, and how its fields are replaced."""

import dataclasses
import importlib
import inspect
import re

import pytest

from tenfold.errors import RecipeError
from tenfold.recipes import MEASURED, RECIPES, LineRecipe, Recipe, find_recipe, with_settings

every_recipe = pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES.keys())


@every_recipe
def test_every_recipe_is_found_by_its_name(recipe: Recipe) -> None:
    """A recipe stands under its own name."""
    assert find_recipe(recipe.name) is recipe
    assert RECIPES[recipe.name] is recipe


@every_recipe
def test_every_recipe_is_frozen(recipe: Recipe) -> None:
    """No field of a recipe can be changed in place."""
    for field in dataclasses.fields(recipe):
        with pytest.raises(dataclasses.FrozenInstanceError, match=field.name):
            setattr(recipe, field.name, None)


@every_recipe
def test_every_recipe_describes_itself(recipe: Recipe) -> None:
    """A recipe has a one-line summary and a score to reach that is a fraction."""
    assert recipe.summary == recipe.summary.strip()
    assert 0 < len(recipe.summary) <= 70
    assert recipe.summary.isprintable()
    assert 0 < recipe.must_reach < 1


def first_lines(recipe: Recipe) -> str:
    """Return the first lines of a recipe's file."""
    module = importlib.import_module(f"tenfold.recipes.{recipe.name.replace('-', '_')}")
    return "\n".join((inspect.getdoc(module) or "").splitlines()[:6])


@every_recipe
def test_every_recipe_states_its_result_first(recipe: Recipe) -> None:
    """The first lines of a recipe's file state its accuracy, the machine and a source."""
    assert re.search(r"Reaches \d\d\.\d\d % of .*MNIST's test images", first_lines(recipe))
    assert "cores" in first_lines(recipe)
    assert "Source: " in first_lines(recipe)


@every_recipe
def test_every_recipe_states_what_was_measured(recipe: Recipe) -> None:
    """Accuracy, seeds and deviation in the first lines are those that `tenfold recipes` prints."""
    measured = MEASURED[recipe.name]
    accuracy, deviation = (f"{100 * share:.2f}" for share in (measured.accuracy, measured.deviation))
    images = (
        "strings composed of MNIST's test images" if isinstance(recipe, LineRecipe) else "MNIST's test images"
    )
    several = f"mean of {measured.seeds} seeds, sd {deviation}"
    stated = f"Reaches {accuracy} % of {images} ({several if measured.seeds > 1 else 'one seed'})"
    assert stated in " ".join(first_lines(recipe).split())
    assert measured.seconds > 0


ONE_SEED = pytest.mark.xfail(reason="one seed so far: a run takes half an hour or more")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=ONE_SEED if name in {"committee", "number-reader"} else ())
        for name in RECIPES
    ],
)
def test_every_recipe_was_measured_over_several_seeds(name: str) -> None:
    """One seed says little: the spread over several is stated."""
    assert MEASURED[name].seeds > 1


SHORT_OF_IT = {
    "committee": pytest.mark.xfail(reason="99.70 % with one seed; 99.82 % is still ahead"),
}


@pytest.mark.parametrize("name", [pytest.param(name, marks=SHORT_OF_IT.get(name, ())) for name in RECIPES])
def test_every_recipe_reaches_what_it_must(name: str) -> None:
    """The accuracy that was measured is at least the one that it must reach."""
    assert MEASURED[name].accuracy >= RECIPES[name].must_reach


def test_tutorial_mlp_has_the_tutorials_values() -> None:
    """The tutorial's recipe has half as many hidden units as features and labels, and its other values."""
    recipe = find_recipe("tutorial-mlp")
    assert recipe.hidden_units == (784 + 10) // 2 == 397
    assert (recipe.alpha, recipe.max_iter, recipe.tol) == (1e-5, 200, 1e-4)


def test_with_settings_replaces_fields() -> None:
    """Typed values replace fields, each as its own type, in a new recipe; the old one stays."""
    recipe = find_recipe("tutorial-mlp")
    changed = with_settings(recipe, {"hidden_units": "12", "alpha": "1e-3", "max_iter": "5", "tol": "0"})
    assert changed == dataclasses.replace(recipe, hidden_units=12, alpha=1e-3, max_iter=5, tol=0.0)
    assert (type(changed.hidden_units), type(changed.tol)) == (int, float)
    assert with_settings(recipe, {}) == recipe
    assert recipe.hidden_units == 397


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        (
            {"hiden_units": "3"},
            r"one of hidden_units, alpha, .*Got hiden_units\. Did you mean hidden_units\?",
        ),
        ({"iterations": "3"}, r"one of hidden_units, alpha, max_iter, tol\. Got iterations"),
        ({"": "3"}, r"field of tutorial-mlp must be one of"),
        ({"name": "mine"}, r"one of hidden_units, .*Got name\."),
        ({"must_reach": "0"}, r"one of hidden_units, .*Got must_reach\."),
        ({"max_iter": "many"}, r"max_iter must be of type int\. Got 'many'"),
        ({"max_iter": "2.5"}, r"max_iter must be of type int\. Got '2\.5'"),
        ({"alpha": ""}, r"alpha must be of type float\. Got ''"),
        ({"hidden_units": "0"}, r"hidden_units must be 1 to 10000\. Got 0"),
        ({"hidden_units": "10001"}, r"hidden_units must be 1 to 10000\. Got 10001"),
        ({"max_iter": "0"}, r"max_iter must be 1 or more\. Got 0"),
        ({"alpha": "-1"}, r"alpha must be 0 or more\. Got -1\.0"),
        ({"alpha": "nan"}, r"alpha must be 0 or more\. Got nan"),
        ({"tol": "inf"}, r"tol must be 0 or more\. Got inf"),
        ({"lr": "1", "max_iter": "x"}, r"Got lr\..*max_iter must be of type int"),
        ({"alpha": "-1", "max_iter": "-2", "tol": "-3"}, r"alpha must.*max_iter must.*tol must"),
    ],
)
def test_with_settings_refuses_wrong_fields_and_values(settings: dict[str, str], match: str) -> None:
    """Fields that do not exist and values that cannot be are refused together, a typo with its correction."""
    with pytest.raises(RecipeError, match=match):
        with_settings(find_recipe("tutorial-mlp"), settings)


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("tutorial_mlp", r"one of tutorial-mlp.*Got 'tutorial_mlp'\. Did you mean tutorial-mlp\?"),
        ("tutorial", r"Got 'tutorial'\. Did you mean tutorial-mlp\?"),
        ("zzz", r"Got 'zzz'\.$"),
        ("", r"Got ''\.$"),
    ],
)
def test_find_recipe_suggests_the_nearest(name: str, match: str) -> None:
    """A name that is no recipe is refused with the names there are, and the nearest if one is near."""
    with pytest.raises(RecipeError, match=match):
        find_recipe(name)


def test_lr_is_short_for_learning_rate() -> None:
    """Where a recipe has a learning rate it may be called lr; a recipe without one knows neither."""
    assert with_settings(find_recipe("fast-cnn"), {"lr": "0.5"}).learning_rate == 0.5
    with pytest.raises(RecipeError, match=r"must be one of hidden_units.*Got lr\."):
        with_settings(find_recipe("tutorial-mlp"), {"lr": "0.5"})
    with pytest.raises(RecipeError, match=r"learning_rate must be set once\. Got it as lr, too\."):
        with_settings(find_recipe("fast-cnn"), {"learning_rate": "0.5", "lr": "0.6"})
