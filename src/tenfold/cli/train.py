"""`tenfold train`."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenfold.atomic import check_writable, remove_files
from tenfold.cli.options import (
    JsonOption,
    OfflineOption,
    TrainingDataOption,
    load_training_data,
    split_settings,
)
from tenfold.cli.progress import fit_bar
from tenfold.data import Dataset
from tenfold.recipes import LineRecipe, Recipe, find_recipe, with_settings

if TYPE_CHECKING:
    from tenfold.training import Run


def train(
    recipe: Annotated[
        str, typer.Option(help="What to train; `tenfold recipes` lists them.")
    ] = "tutorial-mlp",
    dataset: TrainingDataOption = None,
    out: Annotated[Path, typer.Option(help="The model file to write.")] = Path("model.onnx"),
    seed: Annotated[int, typer.Option(help="The same seed gives the same model on the same machine.")] = 0,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="Replace a field of the recipe: --set max_iter=20. Repeatable. lr is learning_rate.",
            show_default=False,
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
    chosen = with_settings(find_recipe(recipe), dict(split_settings(settings or [], "max_iter=20")))
    for path in (out, _beside(out, "json"), _beside(out, "png")):
        check_writable(path)
    loaded = load_training_data(dataset, offline=offline)
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
