"""A sweep in one process: its trials, their scores, and what happens to those that fail."""

import dataclasses
import shlex
from pathlib import Path
from typing import Any

import optuna
import pytest

from tenfold.cli.options import split_settings
from tenfold.data import Dataset, Split
from tenfold.errors import InputError
from tenfold.recipes import LineRecipe, Recipe, find_recipe, with_settings
from tenfold.sweep import Plan, Result, Tried, sweep
from tenfold.sweep import objective as objective_module
from tenfold.sweep.study import open_study
from tenfold.training.validate import validate
from tests.sweep.small import RATES, SHORT, plan_of, some, without_seconds


@pytest.fixture(scope="module")
def samples(digits: Dataset) -> Split:
    """Return a few images."""
    return some(digits)


@pytest.fixture(scope="module")
def done(samples: Split, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """Return the result of a sweep over two fields, of one kind each."""
    settings = (RATES, SHORT, ("label_smoothing", "0,0.05,0.1"))
    folder = tmp_path_factory.mktemp("done")
    return sweep(plan_of(samples, folder, *settings, n_trials=6, is_pruning=False), samples)


def test_values_lie_in_the_space(done: Result) -> None:
    """Each trial has a value for each field that is searched, from its range or among its choices."""
    assert [trial.number for trial in done.trials] == list(range(6))
    for trial in done.trials:
        assert list(trial.values) == ["learning_rate", "label_smoothing"]
        assert all(trial.values[part.field] in part for part in done.plan.space.searched)
    assert len({trial.values["learning_rate"] for trial in done.trials}) == 6


def test_the_first_trial_has_the_recipes_own_values(done: Result) -> None:
    """So that the best is never worse, and what the search brought can be told."""
    assert done.trials[0].values == {"learning_rate": 1e-2, "label_smoothing": 0.05}
    assert done.usual == done.trials[0]


def test_every_score_is_of_validation(done: Result, samples: Split) -> None:
    """A trial's accuracy is what training's own path measures on the validation split."""
    for trial in done.trials:
        assert trial.accuracy == validate(done.recipe(trial), samples, seed=0)


def test_the_best_is_the_most_accurate(done: Result) -> None:
    """The best has the highest accuracy, and leads the ranking."""
    assert done.best
    assert done.best.accuracy == max(trial.accuracy or 0 for trial in done.trials)
    assert done.ranked()[0] == done.best


def test_the_command_of_the_best_trains_it(done: Result, samples: Split) -> None:
    """The command line sets the fixed and the found values; with these the score is the same."""
    assert done.best
    words = shlex.split(done.command(done.best))
    assert words[:8] == ["tenfold", "train", "--recipe", "fast-mlp", "--dataset", "digits", "--seed", "0"]
    settings = dict(split_settings([word for word in words[8:] if word != "--set"], ""))
    recipe = with_settings(find_recipe("fast-mlp"), settings)
    assert recipe == done.recipe(done.best)
    assert settings.keys() <= {"epochs", "learning_rate", "label_smoothing"}
    assert validate(recipe, samples, seed=0) == done.best.accuracy


@pytest.mark.slow
def test_the_same_seed_gives_the_same_trials(samples: Split, tmp_path: Path) -> None:
    """Values and scores are the same again; another seed searches elsewhere."""
    results = []
    for number, seed in enumerate((0, 0, 1)):
        (tmp_path / str(number)).mkdir()
        results.append(sweep(plan_of(samples, tmp_path / str(number), seed=seed, n_trials=3), samples))
    assert without_seconds(results[0]) == without_seconds(results[1])
    assert [trial.values for trial in results[0].trials[1:]] != [
        trial.values for trial in results[2].trials[1:]
    ]


def test_a_sweep_that_goes_on_is_the_same_as_one_in_one_go(samples: Split, tmp_path: Path) -> None:
    """Nothing is done twice, nothing is lost, and no draw is repeated."""
    (tmp_path / "once").mkdir()
    once = sweep(plan_of(samples, tmp_path / "once", n_trials=12), samples)
    for n_trials in (1, 5, 5, 12):
        parts = sweep(plan_of(samples, tmp_path, n_trials=n_trials), samples)
        assert len(parts.trials) == n_trials
    assert without_seconds(parts) == without_seconds(once)


def test_progress_is_told_from_the_beginning(samples: Split, tmp_path: Path) -> None:
    """A sweep says what there is before its first trial, and after each."""
    seen: list[int] = []
    sweep(plan_of(samples, tmp_path, n_trials=2), samples, lambda result: seen.append(len(result.trials)))
    sweep(plan_of(samples, tmp_path, n_trials=3), samples, lambda result: seen.append(len(result.trials)))
    assert seen == [0, 1, 2, 2, 3]


def lagging(samples: Split, folder: Path, **changes: Any) -> Result:
    """Return a sweep in which some trials learn nothing."""
    settings = (("learning_rate", "1e-5..3e-2"), ("epochs", "6"))
    return sweep(plan_of(samples, folder, *settings, n_trials=9, **changes), samples)


def test_trials_that_lag_behind_end_early(samples: Split, tmp_path: Path) -> None:
    """A pruned trial was trained for fewer epochs, though for half of them, and is never the best."""
    result = lagging(samples, tmp_path)
    pruned = result.where("pruned")
    assert pruned
    assert {trial.epochs for trial in pruned} <= {3, 4, 5}
    assert {trial.epochs for trial in result.where("complete")} == {6}
    assert result.best in result.where("complete")
    assert len(result.where("complete")) >= 5


def test_pruning_can_be_left_out(samples: Split, tmp_path: Path) -> None:
    """Without it all trials are complete, and a study goes on either way."""
    assert {trial.state for trial in lagging(samples, tmp_path, is_pruning=False).trials} == {"complete"}
    assert len(lagging(samples, tmp_path).trials) == 9


def test_a_trial_that_diverges_is_never_the_best(samples: Split, tmp_path: Path) -> None:
    """A loss that is no number ends its trial, and not the sweep."""
    settings = (("weight_decay", "0,1e30"), SHORT, RATES)
    result = sweep(plan_of(samples, tmp_path, *settings, n_trials=8), samples)
    diverged = result.where("diverged")
    assert diverged
    assert {trial.values["weight_decay"] for trial in diverged} == {1e30}
    assert {trial.values["weight_decay"] for trial in result.where("complete")} == {0.0}
    assert result.best in result.where("complete")


def test_values_that_were_tried_are_not_trained_again(samples: Split, tmp_path: Path) -> None:
    """Where there are fewer values than trials, the others only repeat what is known, in no time."""
    result = sweep(plan_of(samples, tmp_path, ("batch_size", "32,64"), SHORT, n_trials=5), samples)
    repeated = [trial for trial in result.trials if trial.same_as is not None]
    assert len(repeated) == 3
    for trial in repeated:
        same = result.trials[trial.same_as or 0]
        assert (trial.values, trial.accuracy, trial.epochs) == (same.values, same.accuracy, same.epochs)
        assert (trial.seconds, same.same_as) == (0, None)


def fail_above(limit: float) -> Any:
    """Return a training that asks for too much memory at some learning rates."""

    def fail(recipe: Recipe, samples: Split, **options: Any) -> float:
        if recipe.learning_rate > limit:  # type: ignore[union-attr]
            raise RuntimeError("not enough memory: you tried to allocate 1 TB\nand more")
        return validate(recipe, samples, **options)

    return fail


def test_a_trial_that_fails_costs_itself(
    samples: Split, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Values that ask for too much are counted, named, and never the best; the sweep goes on and ends."""
    monkeypatch.setattr(objective_module, "validate", fail_above(2e-2))
    result = sweep(plan_of(samples, tmp_path, n_trials=8), samples)
    failed = result.where("failed")
    assert 0 < len(failed) < 8
    assert len(result.trials) == 8
    assert {trial.error for trial in failed} == {"not enough memory: you tried to allocate 1 TB"}
    assert all(trial.values["learning_rate"] > 2e-2 and trial.accuracy is None for trial in failed)
    monkeypatch.setattr(objective_module, "validate", fail_above(0))
    nothing = sweep(plan_of(samples, tmp_path, n_trials=2, study="other"), samples)
    assert nothing.best is None
    assert nothing.to_json()["command"] is None


def test_other_errors_end_the_sweep(samples: Split, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that is no question of the values is raised, and no trial has it for a result."""

    def fail(*_: object, **__: object) -> float:
        raise InputError("No.")

    monkeypatch.setattr(objective_module, "validate", fail)
    plan = plan_of(samples, tmp_path)
    with pytest.raises(InputError, match=r"^No\.$"):
        sweep(plan, samples)
    monkeypatch.undo()
    assert len(sweep(plan, samples).trials) == plan.n_trials


def test_an_interrupted_trial_is_done_again(
    samples: Split, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C keeps what was finished, and the values of the trial that was not."""
    calls: list[Recipe] = []

    def interrupt(recipe: Recipe, samples: Split, **options: Any) -> float:
        calls.append(recipe)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return validate(recipe, samples, **options)

    monkeypatch.setattr(objective_module, "validate", interrupt)
    plan = plan_of(samples, tmp_path)
    with pytest.raises(KeyboardInterrupt):
        sweep(plan, samples)
    result = sweep(plan, samples)
    assert calls[3] == calls[2]
    assert [result.recipe(trial) for trial in result.trials] == [*calls[:2], *calls[3:]]
    assert len(result.trials) == plan.n_trials == 4


def test_a_trial_that_others_took_for_dead_is_done_again(
    samples: Split, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that was asleep for too long finds its trial given away, and goes on with another."""
    plan = plan_of(samples, tmp_path)
    calls: list[Recipe] = []

    def doze(recipe: Recipe, samples: Split, **options: Any) -> float:
        calls.append(recipe)
        if len(calls) == 2:
            open_study(plan).tell(1, state=optuna.trial.TrialState.FAIL)
        return validate(recipe, samples, **options)

    monkeypatch.setattr(objective_module, "validate", doze)
    result = sweep(plan, samples)
    assert [trial.number for trial in result.trials] == [0, 2, 3, 4]
    assert len(calls) == 5


@pytest.mark.parametrize(
    ("recipe", "settings"),
    [
        ("tutorial-mlp", [("hidden_units", "4..64"), ("max_iter", "8")]),
        ("fast-mlp", [RATES, SHORT, ("members", "2")]),
        pytest.param("tiny-cnn", [RATES, ("epochs", "1..2"), ("none_share", "0")], marks=pytest.mark.slow),
        pytest.param(
            "number-reader",
            [("lr", "1e-4..1e-2"), ("epochs", "1"), ("strings", "12"), ("held_out", "4")],
            marks=pytest.mark.slow,
        ),
    ],
)
def test_every_kind_of_recipe_is_swept(
    recipe: str, settings: list[tuple[str, str]], samples: Split, tmp_path: Path
) -> None:
    """A trial of any recipe has a score, and epochs where its optimizer knows any."""
    plan = plan_of(samples, tmp_path, *settings, recipe=recipe, n_trials=2)
    result = sweep(plan, samples)
    assert [trial.state for trial in result.trials] == ["complete"] * 2
    for trial in result.trials:
        trained = result.recipe(trial)
        assert trial.accuracy == validate(trained, samples, seed=0)
        assert trial.epochs == getattr(trained, "epochs", None)
        assert 0 <= (trial.accuracy or 0) <= 1
        assert isinstance(trained, LineRecipe) or trial.accuracy


def test_one_of_several_networks_is_enough_to_prune(samples: Split, tmp_path: Path) -> None:
    """Of a committee the first network's epochs count: trials that lag behind end with it."""
    settings = (("learning_rate", "1e-5..3e-2"), ("epochs", "4"), ("members", "2"))
    result = sweep(plan_of(samples, tmp_path, *settings, n_trials=9), samples)
    assert result.where("pruned")
    assert {trial.epochs for trial in result.where("pruned")} <= {2, 3}


def test_other_samples_are_refused(samples: Split, digits: Dataset, tmp_path: Path) -> None:
    """What a plan is for is what it is carried out on."""
    with pytest.raises(InputError, match="digits must be the same for every worker"):
        sweep(plan_of(samples, tmp_path), digits.train)


def differing(plan: Plan, **changes: Any) -> Plan:
    """Return a plan with some parts changed."""
    return dataclasses.replace(plan, **changes)


def test_a_study_of_another_sweep_is_refused(samples: Split, digits: Dataset, tmp_path: Path) -> None:
    """Recipe, space, data, seed and version must be those of the study; the error says what differs."""
    plan = plan_of(samples, tmp_path, n_trials=1)
    sweep(plan, samples)
    other = plan_of(digits.train, tmp_path)
    searched = plan_of(samples, tmp_path, ("lr", "1e-3..1e-2"), SHORT)
    fixed = plan_of(samples, tmp_path, RATES, ("epochs", "3"))
    for changed, words in [
        (differing(plan, seed=1), "seed 0, not 1"),
        (differing(plan, version="9"), "tenfold '.*', not '9'"),
        (searched, r"search.learning_rate '0\.001\.\.0\.1', not '0\.001\.\.0\.01'"),
        (fixed, "recipe.epochs 2, not 3"),
        (other, r"data \['"),
        (plan_of(samples, tmp_path, ("lr", "1e-3..1e-2"), recipe="fast-cnn"), "recipe.name 'fast-mlp', not"),
    ]:
        with pytest.raises(
            InputError, match=rf"The study test in .* must be of this sweep\. Got one of .*{words}"
        ):
            sweep(changed, digits.train if changed is other else samples)
    assert len(sweep(differing(plan, study="another", seed=1), samples).trials) == 1


def test_a_trial_is_plain_data() -> None:
    """What was tried is frozen, and may be compared."""
    tried = Tried(0, {"epochs": 1}, 0.5, 1, 0.1, "complete")
    assert tried == dataclasses.replace(tried)
