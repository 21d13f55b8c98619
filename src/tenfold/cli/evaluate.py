"""`tenfold evaluate`."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from tenfold.atomic import check_writable
from tenfold.cli.options import DATASET_HELP, JsonOption, ModelArgument, OfflineOption, trained_on
from tenfold.cli.progress import download_bar
from tenfold.cli.report_file import Evaluated, write_report
from tenfold.cli.tables import new_table
from tenfold.data import SOURCES, Dataset, Split

if TYPE_CHECKING:
    from tenfold.arrays import Counts
    from tenfold.evaluation import Answerable, Evaluation


class Samples(StrEnum):
    """What of a dataset a model is tried on."""

    train = "train"
    test = "test"
    all = "all"


def evaluate(
    model: ModelArgument,
    dataset: Annotated[
        str | None,
        typer.Option(
            help=f"{DATASET_HELP} Without it the one that the model was trained on.", show_default=False
        ),
    ] = None,
    split: Annotated[
        Samples, typer.Option(help="The split to evaluate on; all for digits of your own.")
    ] = Samples.test,
    confusion: Annotated[
        Path | None,
        typer.Option(help="Also draw the confusion matrix into this PNG picture.", show_default=False),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            help="Also write all that was found, with every miss, into this HTML file.", show_default=False
        ),
    ] = None,
    robustness: Annotated[
        bool,
        typer.Option(
            "--robustness/--no-robustness",
            help="Whether the report says how accuracy falls as images change, which takes most of its time.",
        ),
    ] = True,
    offline: OfflineOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a model file gets right and wrong on labelled images, and what its confidences are worth.

    Examples:

    - `tenfold evaluate model.onnx`
    - `tenfold evaluate model.onnx --confusion confusion.png`
    - `tenfold evaluate robust-cnn --dataset mnist --report report.html`
    - `tenfold evaluate robust-cnn --dataset my-digits/ --split all --json`
    """
    from tenfold import reading
    from tenfold.data import load_dataset
    from tenfold.evaluation import evaluate as evaluate_images

    for path in filter(None, (confusion, report)):
        check_writable(path)
    reader = reading.load(model)
    name = dataset or trained_on(reader.card)
    with download_bar() as on_progress:
        loaded = load_dataset(name, offline=offline, on_progress=on_progress)
    samples = choose_samples(loaded, split)
    result = evaluate_images(reader.predict_proba, samples.images, samples.labels)
    if confusion:
        from tenfold.evaluation.confusion_display import ConfusionDisplay

        title = f"{model.name} on {loaded.name} {split}: {result.errors} errors of {result.n}"
        counts, names = result.shown_confusion()
        ConfusionDisplay(counts, list(names), title).save(confusion)
    disputed = SOURCES[loaded.name].disputed if loaded.name in SOURCES and split is Samples.test else ()
    if report:
        evaluated = Evaluated(model, reader, loaded, samples, split.value, disputed)
        write_report(report, result, evaluated, robustness=robustness, offline=offline)
    threshold = reader.card.thresholds.get("unsure")
    if as_json:
        described = {"model": str(model), "dataset": loaded.name, "split": split.value}
        print(json.dumps(described | _to_json(result, threshold, disputed), indent=2))
    else:
        _print(f"{model} on {loaded.name} ({split}, {result.n:,} images)", result, threshold, disputed)
        if report:
            print(f"Wrote {report}.")


def choose_samples(dataset: Dataset, samples: Samples) -> Split:
    """Return a split of a dataset, or both as one."""
    if samples is Samples.all:
        return dataset.whole()
    return dataset.train if samples is Samples.train else dataset.test


def _to_json(result: "Evaluation", threshold: float | None, disputed: tuple[int, ...]) -> dict[str, Any]:
    from tenfold.evaluation import CLASS_NAMES

    scores, reliability = result.per_class, result.reliability
    per_class = [
        {"class": name, "n": int(n), "precision": float(precision), "recall": float(recall), "f1": float(f1)}
        for name, n, precision, recall, f1 in zip(
            CLASS_NAMES, scores.support, scores.precision, scores.recall, scores.f1, strict=True
        )
    ]
    bins = zip(reliability.n_samples, reliability.confidence, reliability.accuracy, strict=True)
    return {
        **result.figures(),
        **result.probability_figures(),
        **_at_threshold(result, threshold),
        "answerable": [vars(row) for row in _answerable(result)],
        "reliability": [
            {"n": int(n), "confidence": float(confidence), "accuracy": float(accuracy)}
            for n, confidence, accuracy in bins
        ],
        "without_disputed_labels": result.without(disputed).figures() if disputed else None,
        "per_class": per_class,
        "confusion": result.confusion.tolist(),
    }


def _at_threshold(result: "Evaluation", threshold: float | None) -> dict[str, Any]:
    """Return what the model's own threshold accepts; all where it has none."""
    from tenfold.evaluation import count_accepted

    n, errors = count_accepted(result.risk_coverage, threshold or 0.0)
    return {
        "threshold": threshold,
        "coverage": n / result.n,
        "n_accepted": n,
        "selective_errors": errors,
        "selective_risk": errors / n if n else None,
    }


def _answerable(result: "Evaluation") -> "list[Answerable]":
    from tenfold.evaluation import RISKS, find_answerable

    return [find_answerable(result.risk_coverage, risk) for risk in RISKS]


def _print(heading: str, result: "Evaluation", threshold: float | None, disputed: tuple[int, ...]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(heading)
    console.print(
        f"accuracy {result.accuracy:.2%} (95 % interval {result.accuracy_low:.2%} to "
        f"{result.accuracy_high:.2%}), {result.errors:,} errors"
    )
    if disputed:
        rest = result.without(disputed)
        console.print(
            f"without the {len(disputed)} whose labels people dispute {rest.accuracy:.2%} "
            f"({rest.accuracy_low:.2%} to {rest.accuracy_high:.2%}), {rest.errors:,} errors"
        )
    figures = result.probability_figures()
    console.print(
        f"label among the first two {figures['top2_accuracy']:.2%}, Brier score {figures['brier']:.4f}, "
        f"log loss {figures['log_loss']:.4f}, ECE {figures['ece']:.2%}"
    )
    if threshold is not None:
        own = _at_threshold(result, threshold)
        console.print(
            f"unsure below {threshold:.3f}: {own['coverage']:.2%} answered, "
            f"{own['selective_errors']:,} of {own['n_accepted']:,} wrong"
        )
    console.print()
    counts, names = result.shown_confusion()
    tables = _confusion_table(counts, names), _class_table(names, result), _answers_table(result)
    for table in (*tables, _reliability_table(result)):
        Console().print(table, "")


def _answers_table(result: "Evaluation") -> Table:
    """Lay out how many answers may be given at some shares of errors."""
    table = new_table(
        *("wrong at most", "answered", "wrong", "bound", "proven", "from"), title="answers that may be given"
    )
    for row in _answerable(result):
        table.add_row(
            f"{row.risk:.1%}",
            f"{row.coverage:.2%}",
            f"{row.errors:,} of {row.n:,}",
            f"{row.risk_high:.2%}",
            f"{row.proven_coverage:.2%}",
            f"{row.threshold:.3f}",
        )
    return table


def _reliability_table(result: "Evaluation") -> Table:
    """Lay out how often answers are right, by their confidence."""
    table = new_table("confidence", "images", "mean", "right", title="reliability")
    rows = result.reliability
    edges = np.linspace(0, 1, len(rows.n_samples) + 1)
    for low, high, n, mean, right in zip(
        edges[:-1], edges[1:], rows.n_samples, rows.confidence, rows.accuracy, strict=True
    ):
        if n:
            table.add_row(f"{low:.2f}–{high:.2f}", f"{n:,}", f"{mean:.2%}", f"{right:.2%}")
    return table


def _confusion_table(counts: "Counts", names: tuple[str, ...]) -> Table:
    """Lay out how often each digit was read as each other."""
    table = new_table("", *names, title="rows: true, columns: predicted")
    for name, row in zip(names, counts, strict=True):
        if row.any():
            table.add_row(name, *(str(count) if count else "·" for count in row))
    return table


def _class_table(names: tuple[str, ...], result: "Evaluation") -> Table:
    """Lay out the figures of each class."""
    table = new_table("", "images", "recall", "precision", "F1", title="by class")
    scores = result.per_class
    for row, name in enumerate(names):
        if scores.support[row]:
            shares = (f"{share[row]:.2%}" for share in (scores.recall, scores.precision, scores.f1))
            table.add_row(name, f"{scores.support[row]:,}", *shares)
    return table
