"""`tenfold train`."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenfold.atomic import check_writable, remove_files
from tenfold.cli.options import DATASET_HELP, JsonOption, OfflineOption
from tenfold.cli.progress import download_bar, fit_bar
from tenfold.data import Dataset, load_dataset
from tenfold.errors import DatasetNotFoundError, RecipeError
from tenfold.recipes import LineRecipe, Recipe, find_recipe, with_settings

if TYPE_CHECKING:
    from tenfold.training import Run


def train(
    recipe: Annotated[
        str, typer.Option(help="What to train; `tenfold recipes` lists them.")
    ] = "tutorial-mlp",
    dataset: Annotated[
        str | None,
        typer.Option(
            help=f"{DATASET_HELP} Without it MNIST, or digits where MNIST is not here and cannot be reached.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="The model file to write.")] = Path("model.onnx"),
    seed: Annotated[int, typer.Option(help="The same seed gives the same model on the same machine.")] = 0,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="Replace a field of the recipe: --set max_iter=20. Repeatable.", show_default=False
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on from the checkpoints that an interrupted run left beside OUT."),
    ] = False,
    offline: OfflineOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train a recipe into a model file, and print that file's accuracy on the test images.

    A recipe that reads whole numbers is trained and tested on strings composed of the images: its accuracy is
    the share of strings that are read without any error.

    Beside the model it leaves OUT.json (recipe, data, seed, machine, versions, learning curve) and OUT.png,
    the curve drawn.

    Examples:

    - `tenfold train`
    - `tenfold train --dataset digits --seed 1 --out digits.onnx`
    - `tenfold train --set max_iter=20`
    """
    chosen = with_settings(find_recipe(recipe), _parse_settings(settings or []))
    for path in (out, _beside(out, "json"), _beside(out, "png")):
        check_writable(path)
    loaded = _load(dataset, offline=offline)
    print(f"Training {chosen.name} on {len(loaded.train):,} images of {loaded.name}.", file=sys.stderr)
    run = _train(chosen, loaded, out, seed=seed, resume=resume)
    if as_json:
        summary = {
            "model": str(out),
            "recipe": chosen.name,
            "dataset": loaded.name,
            "seed": seed,
            "seconds": round(run.seconds, 3),
            "test_accuracy": run.evaluation.accuracy,
            "n_test": run.evaluation.n,
        }
        print(json.dumps(summary))
        return
    print(
        f"Wrote {out} ({len(run.model.data):,} bytes) after {run.seconds:.1f} s of training.", file=sys.stderr
    )
    if isinstance(chosen, LineRecipe):
        print(
            f"Of {run.evaluation.n:,} strings composed of test digits, the share that is read without error:",
            file=sys.stderr,
        )
    print(f"Model Accuracy: {run.evaluation.accuracy:.4f}")


def _train(recipe: Recipe, dataset: Dataset, out: Path, *, seed: int, resume: bool) -> "Run":
    """Train with a progress bar, and write the model, the record of the run and its curve."""
    from tenfold import model_file, training

    checkpoints = _beside(out, "checkpoints")
    reports: list[training.Progress] = []
    try:
        with fit_bar(recipe.name) as draw:

            def on_progress(progress: training.Progress) -> None:
                reports.append(progress)
                draw(progress)

            run = training.train(
                recipe, dataset, seed=seed, on_progress=on_progress, checkpoints=checkpoints, resume=resume
            )
    except KeyboardInterrupt:
        if any(checkpoints.rglob("*.safetensors")):
            print(
                f"The last epoch is kept in {checkpoints}. To go on: the same command, with --resume.",
                file=sys.stderr,
            )
        raise
    model_file.save(out, run.model)
    curve = training.end_points(reports)
    training.save_record(_beside(out, "json"), run, recipe, curve)
    training.save_curve(_beside(out, "png"), f"{recipe.name} on {dataset.name}, seed {seed}", curve)
    remove_files(checkpoints, "epoch-*.safetensors")
    return run


def _beside(out: Path, suffix: str) -> Path:
    return out.with_name(f"{out.name}.{suffix}")


def _parse_settings(settings: list[str]) -> dict[str, str]:
    wrong = [setting for setting in settings if "=" not in setting]
    if wrong:
        raise RecipeError(
            f"--set must be FIELD=VALUE. Got {', '.join(wrong)}. For example --set max_iter=20."
        )
    return dict(setting.split("=", 1) for setting in settings)


def _load(dataset: str | None, *, offline: bool | None) -> Dataset:
    """Load what was asked for; if nothing was, MNIST or the digits that come with the package."""
    with download_bar() as on_progress:
        try:
            return load_dataset(dataset or "mnist", offline=offline, on_progress=on_progress)
        except DatasetNotFoundError:
            if dataset is not None:
                raise
    print(
        "MNIST is neither on this machine nor reachable, so this trains on the 1,797 embedded digits "
        "(`--dataset mnist` says where it was looked for).",
        file=sys.stderr,
    )
    return load_dataset("digits")
