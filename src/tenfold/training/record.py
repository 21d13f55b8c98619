"""What a training run leaves beside its model: how it was made, and how it went."""

import dataclasses
import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from tenfold.atomic import write_atomically
from tenfold.plots import make_figure, save_png
from tenfold.recipes import Recipe
from tenfold.training.progress import Progress
from tenfold.training.run import Run

PACKAGES: Final = ("tenfold", "numpy", "scikit-learn", "torch", "onnx", "onnxruntime")


def end_points(reports: Sequence[Progress]) -> list[Progress]:
    """Return the last report of each epoch, or every report where the optimizer knows no epochs.

    Stages that ran side by side come one after the other.
    """
    kinds = list(dict.fromkeys(report.stage.split()[0] for report in reports))
    last = {
        (report.stage, position if report.epoch is None else report.epoch): report
        for position, report in enumerate(reports)
    }
    return sorted(
        last.values(), key=lambda end: (kinds.index(end.stage.split()[0]), len(end.stage), end.stage)
    )


def save_record(path: Path, run: Run, recipe: Recipe, curve: Sequence[Progress]) -> None:
    """Write a run as JSON: recipe, data, seed, figures, machine, versions and learning curve.

    Parameters
    ----------
    path : Path
        The file to write.
    run : Run
        What came of it.
    recipe : Recipe
        What was trained.
    curve : sequence of Progress
        A point for each epoch, or each iteration.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    card = run.model.card
    record = {
        "model_sha256": run.model.sha256,
        "recipe": dataclasses.asdict(recipe),
        "data": card.data,
        "seed": card.seed,
        "seconds": round(run.seconds, 3),
        "metrics": card.metrics,
        "thresholds": card.thresholds,
        "machine": _machine(),
        "versions": _versions(),
        "curve": [_point(report) for report in curve],
    }
    with write_atomically(path) as file:
        file.write(json.dumps(record, indent=2).encode())


def save_curve(path: Path, title: str, curve: Sequence[Progress]) -> None:
    """Draw a learning curve as a PNG picture: the loss, and the validation accuracy where there is one.

    Parameters
    ----------
    path : Path
        The picture to write.
    title : str
        Stands above it.
    curve : sequence of Progress
        A point for each epoch, or each iteration.

    Raises
    ------
    MissingExtraError
        matplotlib is not installed.
    OutputError
        The picture cannot be written.
    """
    figure = make_figure(7.0, 4.0)
    axes = figure.subplots()
    for stage in dict.fromkeys(report.stage for report in curve):
        points = [report for report in curve if report.stage == stage]
        axes.plot(
            [report.iteration for report in points],
            [report.loss for report in points],
            label=f"loss, {stage}",
        )
    axes.set(xlabel="steps", ylabel="loss", title=title)
    validated = [report for report in curve if report.validation_accuracy is not None]
    if validated:
        accuracies = [100 * (report.validation_accuracy or 0) for report in validated]
        right = axes.twinx()
        right.plot(
            [report.iteration for report in validated], accuracies, "k.--", label="validation accuracy"
        )
        right.set_ylabel("validation accuracy, %")
        right.legend(loc="center right")
    if curve:  # L-BFGS has nothing to report where `tol` is met before its first iteration
        axes.legend(loc="upper right")
    save_png(path, figure)


def _point(report: Progress) -> dict[str, Any]:
    """Return what a report says, without what it does not."""
    return {name: value for name, value in dataclasses.asdict(report).items() if value is not None}


def _machine() -> dict[str, Any]:
    return {"system": platform.platform(), "processor": platform.machine(), "cores": os.cpu_count()}


def _versions() -> dict[str, str]:
    """Return the versions that can change a result."""
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions
