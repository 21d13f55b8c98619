"""`tenfold evaluate`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from tenfold.atomic import check_writable
from tenfold.cli.options import DATASET_HELP, JsonOption, ModelArgument, OfflineOption, trained_on
from tenfold.cli.progress import download_bar
from tenfold.cli.show import SplitName

if TYPE_CHECKING:
    from tenfold.arrays import Counts
    from tenfold.evaluation import Evaluation

CLASS_NAMES = [*map(str, range(10)), "none"]


def evaluate(
    model: ModelArgument,
    dataset: Annotated[
        str | None,
        typer.Option(
            help=f"{DATASET_HELP} Without it the one that the model was trained on.", show_default=False
        ),
    ] = None,
    split: Annotated[SplitName, typer.Option(help="The split to evaluate on.")] = SplitName.test,
    confusion: Annotated[
        Path | None,
        typer.Option(help="Also draw the confusion matrix into this PNG picture.", show_default=False),
    ] = None,
    offline: OfflineOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a model file gets right and wrong on labelled images.

    Examples:

    - `tenfold evaluate model.onnx`
    - `tenfold evaluate model.onnx --confusion confusion.png`
    - `tenfold evaluate model.onnx --dataset my-digits/ --json`
    """
    from tenfold import reading
    from tenfold.data import load_dataset
    from tenfold.evaluation import evaluate as evaluate_images

    if confusion:
        check_writable(confusion)
    reader = reading.load(model)
    name = dataset or trained_on(reader.card)
    with download_bar() as on_progress:
        loaded = load_dataset(name, offline=offline, on_progress=on_progress)
    samples = loaded.train if split is SplitName.train else loaded.test
    result = evaluate_images(reader.predict_proba, samples.images, samples.labels)
    if confusion:
        from tenfold.evaluation.confusion_display import ConfusionDisplay

        title = f"{model.name} on {loaded.name} {split}: {result.errors} errors of {result.n}"
        counts, names = _shown(result)
        ConfusionDisplay(counts, names, title).save(confusion)
    if as_json:
        print(json.dumps(_to_json(str(model), loaded.name, split, result), indent=2))
    else:
        _print(f"{model} on {loaded.name} ({split}, {result.n:,} images)", result)


def _shown(result: "Evaluation") -> "tuple[Counts, list[str]]":
    """Leave the class `none` out where it never occurs."""
    counts = result.confusion
    n_shown = len(counts) if counts[-1].any() or counts[:, -1].any() else len(counts) - 1
    return counts[:n_shown, :n_shown], CLASS_NAMES[:n_shown]


def _to_json(model: str, dataset: str, split: SplitName, result: "Evaluation") -> dict[str, Any]:
    scores = result.per_class
    per_class = [
        {"class": name, "n": int(n), "precision": float(precision), "recall": float(recall)}
        for name, n, precision, recall in zip(
            CLASS_NAMES, scores.support, scores.precision, scores.recall, strict=True
        )
    ]
    return {
        "model": model,
        "dataset": dataset,
        "split": split.value,
        **result.figures(),
        "per_class": per_class,
        "confusion": result.confusion.tolist(),
    }


def _print(heading: str, result: "Evaluation") -> None:
    console = Console()
    console.print(heading, highlight=False, soft_wrap=True)
    console.print(
        f"accuracy {result.accuracy:.2%} (95 % interval {result.accuracy_low:.2%} to "
        f"{result.accuracy_high:.2%}), {result.errors:,} errors\n",
        highlight=False,
        soft_wrap=True,
    )
    counts, names = _shown(result)
    console.print(_table(counts, names, result))


def _table(counts: "Counts", names: list[str], result: "Evaluation") -> Table:
    """Lay out the confusion matrix with precision and recall beside it."""
    table = Table(box=None, pad_edge=False, title="rows: true, columns: predicted", title_justify="left")
    for heading in ("", *names, "images", "recall", "precision"):
        table.add_column(heading, justify="right")
    scores = result.per_class
    for row, name in enumerate(names):
        cells = (str(count) if count else "·" for count in counts[row])
        table.add_row(
            name,
            *cells,
            str(scores.support[row]),
            f"{scores.recall[row]:.2%}",
            f"{scores.precision[row]:.2%}",
        )
    return table
