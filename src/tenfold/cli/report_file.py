"""Write what `tenfold evaluate` found as a report."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenfold.atomic import write_atomically
from tenfold.cli.explain import open_index
from tenfold.cli.progress import download_bar, step_bar
from tenfold.data import SOURCES, Dataset, Split, load_dataset
from tenfold.data.idx import idx_sha256
from tenfold.errors import DataError

if TYPE_CHECKING:
    from tenfold.evaluation import Evaluation, Robustness
    from tenfold.explain import Neighbor
    from tenfold.model_file import Card
    from tenfold.reading import Reader
    from tenfold.report import DataFacts


class Evaluated(NamedTuple):
    """What was evaluated: which model, and which images of which dataset."""

    model: Path
    reader: "Reader"
    dataset: Dataset
    samples: Split
    split: str
    disputed: tuple[int, ...]


def write_report(
    path: Path, result: "Evaluation", evaluated: Evaluated, *, robustness: bool, offline: bool | None
) -> None:
    """Measure what the figures do not say yet, and write all of it as one HTML file."""
    from tenfold.report import ModelFacts, collect_misses, rank_misses, render_report

    reader, samples = evaluated.reader, evaluated.samples
    neighbors = _find_neighbors(evaluated, rank_misses(result), offline)
    text = render_report(
        result,
        model=ModelFacts(name=evaluated.model.name, sha256=reader.sha256, card=reader.card),
        data=_describe(evaluated),
        misses=collect_misses(result, samples.images, neighbors),
        robustness=_measure(evaluated) if robustness else None,
        command=_command(path, evaluated, robustness=robustness),
    )
    with write_atomically(path) as file:
        file.write(text.encode())


def _find_neighbors(
    evaluated: Evaluated, positions: np.ndarray, offline: bool | None
) -> "list[tuple[Neighbor, ...]] | None":
    """Return the nearest training digits of each miss, or None where those are not at hand."""
    if not len(positions):
        return []
    train = _find_training_digits(evaluated.reader.card, evaluated.dataset, offline)
    if train is None:
        return None
    index = open_index(evaluated.reader, train)
    return [index.nearest(one) for one in evaluated.reader.embed(evaluated.samples.images[positions])]


def _find_training_digits(card: "Card", dataset: Dataset, offline: bool | None) -> Split | None:
    """Return what a model was trained on, by the checksum in its card, where it can be had."""
    wanted = card.data.get("sha256", {}).get("train-images")
    if idx_sha256(dataset.train.images) == wanted:
        return dataset.train
    name = str(card.data.get("name"))
    if name not in SOURCES:
        return None
    try:
        with download_bar() as on_progress:
            train = load_dataset(name, offline=offline, on_progress=on_progress).train
    except DataError:
        return None
    return train if idx_sha256(train.images) == wanted else None


def _measure(evaluated: Evaluated) -> "Robustness":
    from tenfold.evaluation import measure_robustness

    samples = evaluated.samples
    with step_bar("Changing images") as on_step:
        return measure_robustness(
            evaluated.reader.predict_proba, samples.images, samples.labels, on_step=on_step
        )


def _describe(evaluated: Evaluated) -> "DataFacts":
    from tenfold.report import DataFacts

    name = evaluated.dataset.name
    source = SOURCES.get(name)
    return DataFacts(
        name=name,
        split=evaluated.split,
        sha256=evaluated.dataset.sha256(),
        title=source.title if source else "",
        license=source.license if source else "",
        homepage=source.homepage if source else "",
        disputed=evaluated.disputed,
    )


def _command(path: Path, evaluated: Evaluated, *, robustness: bool) -> str:
    """Return what makes the report again, without the folders of this machine."""
    words = ["tenfold", "evaluate", _shown(evaluated.model), "--dataset", evaluated.dataset.name]
    if evaluated.split != "test":
        words += ["--split", evaluated.split]
    words += ["--report", _shown(path)]
    return shlex.join(words if robustness else [*words, "--no-robustness"])


def _shown(path: Path) -> str:
    return path.name if path.is_absolute() else path.as_posix()
