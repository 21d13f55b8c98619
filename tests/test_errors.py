"""The errors: one tree, and a suggestion for a typo."""

import inspect
import pickle

import pytest

from tenfold import errors
from tenfold.data import SOURCES
from tenfold.errors import TenfoldError, suggest
from tenfold.recipes import RECIPES


def test_every_error_stands_in_the_tree() -> None:
    """Each class is a TenfoldError, and the module's docstring draws it."""
    classes = [
        value
        for _, value in inspect.getmembers(errors, inspect.isclass)
        if value.__module__ == errors.__name__
    ]
    for error in classes:
        assert issubclass(error, TenfoldError)
        assert error.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize(
    "error",
    [
        errors.InputError("No."),
        errors.OutputError("there", "it is full"),
        errors.PlaceError("s3://bucket", "no credentials"),
        errors.MissingExtraError("dask", "scale"),
        errors.FetchError("file", ["mirror: no"]),
    ],
)
def test_errors_cross_from_one_process_to_another(error: TenfoldError) -> None:
    """An error that was pickled has the class, the words and the data that it had."""
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


@pytest.mark.parametrize(
    ("name", "known", "near"),
    [
        ("mnits", SOURCES, "mnist"),
        ("fast-mpl", RECIPES, "fast-mlp"),
        ("robust", RECIPES, "robust-cnn"),
        ("hiden_units", ["alpha", "hidden_units"], "hidden_units"),
    ],
)
def test_suggest_names_the_nearest(name: str, known: list[str] | dict[str, object], near: str) -> None:
    """A typo, or half a name, is answered by the nearest of the names there are."""
    assert suggest(name, known) == f" Did you mean {near}?"


@pytest.mark.parametrize("name", ["", "banana", "x" * 1000])
def test_suggest_is_silent_where_nothing_is_near(name: str) -> None:
    """What is like no known name gets no suggestion, and no space."""
    assert suggest(name, RECIPES) == suggest(name, []) == ""
