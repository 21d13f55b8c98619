"""What `--set` says: ranges, choices and values, checked against the recipe before anything is trained."""

import pytest

from tenfold.errors import RecipeError
from tenfold.recipes import find_recipe
from tenfold.sweep import Choices, Range, parse_space


def parse(*settings: str, recipe: str = "fast-cnn") -> object:
    """Return the space of a command line."""
    pairs = [(name, value) for name, _, value in (setting.partition("=") for setting in settings)]
    return parse_space(find_recipe(recipe), pairs)


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("learning_rate=1e-3..1e-1", Range("learning_rate", 1e-3, 1e-1)),
        ("lr=.01...02", Range("learning_rate", 0.01, 0.02)),
        ("epochs=1..5", Range("epochs", 1, 5)),
        ("rotation=0..20", Range("rotation", 0.0, 20.0)),
        ("weight_decay=0,1e-3,1e-2", Choices("weight_decay", (0.0, 1e-3, 1e-2))),
        ("batch_size=64, 128", Choices("batch_size", (64, 128))),
        ("network=conv3,conv4", Choices("network", ("conv3", "conv4"))),
    ],
)
def test_parse_space_takes_ranges_and_choices(setting: str, expected: object) -> None:
    """Ends and choices have the type of the field."""
    space = parse(setting)
    assert space.searched == (expected,)
    assert space.recipe == find_recipe("fast-cnn")
    assert [type(value) for value in vars(space.searched[0]).values()] == [
        type(value) for value in vars(expected).values()
    ]


@pytest.mark.parametrize(
    ("text", "is_log"),
    [("1e-3..1e-2", True), ("1e-3..9e-3", False), ("0..1", False), ("0.1..1", True), ("0.2..1", False)],
)
def test_ranges_of_a_factor_of_ten_are_searched_by_their_logarithm(text: str, *, is_log: bool) -> None:
    """A range is logarithmic where both ends are positive and ten times apart or more."""
    assert parse(f"learning_rate={text}").searched[0].is_log is is_log


def test_parse_space_keeps_what_is_fixed() -> None:
    """A single value takes its place in the recipe, and stays there whatever is searched."""
    space = parse("epochs=4", "quantize=true", "learning_rate=0.01,0.02")
    placed = space.place({"learning_rate": 0.02})
    assert (placed.epochs, placed.quantize, placed.learning_rate) == (4, True, 0.02)


def test_a_space_knows_the_recipes_own_values() -> None:
    """They are the values of the fields that are searched, where all of these lie in the space."""
    assert parse("lr=1e-3..1e-1", "epochs=1,2").usual() == {"learning_rate": 4e-2, "epochs": 1}
    assert parse("lr=1e-3..1e-1", "epochs=2,3").usual() is None
    assert parse("lr=1e-3..1e-2").usual() is None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ([], "At least one field must be searched"),
        (["epochs=3"], "At least one field must be searched"),
        (["learning_rat=1e-3..1"], "Got learning_rat. Did you mean learning_rate?"),
        (["learning_rate=1e-1..1e-3"], "from a lower to a higher value. Got learning_rate=1e-1..1e-3"),
        (["learning_rate=1..1"], "from a lower to a higher value"),
        (["learning_rate=nan..1"], "learning_rate must be 0 to 10. Got nan"),
        (["learning_rate=0..nan"], "learning_rate must be 0 to 10. Got nan"),
        (["weight_decay=0..inf"], "weight_decay must be 0 or more. Got inf"),
        (["learning_rate=1..11"], "learning_rate must be 0 to 10. Got 11.0"),
        (["learning_rate=-1..1"], "learning_rate must be 0 to 10. Got -1.0"),
        (["learning_rate=..1"], "learning_rate must be of type float. Got ''"),
        (["epochs=1.5..3"], "epochs must be of type int. Got '1.5'"),
        (["epochs=1..1e300"], "epochs must be of type int. Got '1e300'"),
        ([f"epochs=1..{10**20}"], "must end at 9007199254740992 or below"),
        (["network=conv3..conv4"], "network must be searched among choices, as in network=conv3,conv4"),
        (["network=conv3,conv44"], "Got 'conv44'. Did you mean conv4"),
        (["network=con", "lr=1,2"], "The network must be one of"),
        (["epochs=1,1"], "Choices must differ. Got epochs=1,1"),
        (["learning_rate=0.1,.10"], "Choices must differ"),
        (["epochs=1,x"], "epochs must be of type int. Got 'x'"),
        (["epochs=1,"], "epochs must be of type int. Got ''"),
        (["epochs=1..2", "epochs=3"], "epochs must be set once. Got it 2 times"),
        (["lr=1..2", "learning_rate=1,2"], "learning_rate must be set once"),
        (["quantize=true,false"], "quantize must have one value: it does not change how well"),
        (["trial_epochs=0..3"], "fix it, as in trial_epochs=0"),
        (["name=a,b"], "Got name"),
    ],
)
def test_parse_space_says_what_is_wrong(settings: list[str], message: str) -> None:
    """Each mistake is one error, before any trial."""
    with pytest.raises(RecipeError) as caught:  # the message is compared below
        parse(*settings)
    assert message in str(caught.value)


def test_parse_space_names_all_mistakes_at_once() -> None:
    """Independent mistakes stand in one error."""
    words = r"learning_rate must be 0 to 10\. Got 20\.0\..*epochs must be of type int.*Got wrong"
    with pytest.raises(RecipeError, match=words):
        parse("lr=1..20", "epochs=1..2.5", "wrong=1,2")


def test_a_range_of_bools_is_refused() -> None:
    """A field that is true or false has no values between."""
    with pytest.raises(RecipeError, match="quantize must have one value"):
        parse("quantize=false..true")


def test_the_number_readers_networks_are_its_own() -> None:
    """A reader of lines takes networks for lines alone."""
    with pytest.raises(RecipeError, match=r"The network must be one of line8\. Got 'conv3'"):
        parse("network=line8,conv3", recipe="number-reader")
    with pytest.raises(RecipeError, match="held_out must have one value"):
        parse("held_out=10..20", recipe="number-reader")
