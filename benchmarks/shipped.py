"""The models that come with tenfold: on MNIST's test images, and on ink that they never saw."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import tenfold
from benchmarks.table import machine, markdown_table
from tenfold import model_file
from tenfold.arrays import AnyArray, Images
from tenfold.data import Dataset, split_training
from tenfold.errors import EmptyImageError
from tenfold.evaluation import expected_calibration_error, wilson_interval
from tenfold.image import picture_to_digit_image
from tenfold.recognizer import NONE, Recognizer

KEPT = 0.99
"""Share of MNIST's validation digits that the threshold for non-digits keeps."""


@dataclass(frozen=True)
class Answers:
    """What a model makes of test images: an element of each array for every image.

    Accepted are those whose confidence reaches the model's own threshold `unsure`.
    """

    is_right: NDArray[np.bool_]
    confidences: NDArray[np.float32]
    is_accepted: NDArray[np.bool_]

    @property
    def ece(self) -> float:
        """Return the expected calibration error, of 15 bins."""
        return expected_calibration_error(self.confidences, self.is_right)

    @property
    def n_wrong(self) -> int:
        """Return how many of the accepted are wrong."""
        return int((~self.is_right & self.is_accepted).sum())


def main() -> str:
    """Measure, and return the tables."""
    readers = {name: tenfold.load(name) for name in model_file.SHIPPED}
    tables = [_mnist_table(readers, tenfold.load_dataset("mnist"))]
    ink = Path(os.environ.get("TENFOLD_INK", ""), "arrays")
    if ink.is_dir():
        tables.append(_ink_table(readers, sorted(ink.glob("*.npz"))))
    commands = " and ".join(f"`{reader.card.command}`" for reader in readers.values())
    return "\n\n".join([*tables, f"Made by {commands}. {machine('onnxruntime')}"])


def _mnist_table(readers: dict[str, Recognizer], mnist: Dataset) -> str:
    """Return accuracy, calibration and abstention on MNIST's test images."""
    names = ["test accuracy (95 % interval)", "ECE, 15 bins", "accepted above `unsure`", "of these wrong"]
    columns = [_mnist_figures(read_test_images(reader, mnist)) for reader in readers.values()]
    sizes = [f"{len(model_file.load(name).data):,} bytes" for name in readers]
    rows = [list(row) for row in zip(names, *columns, strict=True)] + [["model file", *sizes]]
    return markdown_table(["on MNIST's 10,000 test images", *(f"`{name}`" for name in readers)], rows)


def read_test_images(reader: Recognizer, dataset: Dataset) -> Answers:
    """Let a model read a dataset's test images, once."""
    probabilities = reader.predict_proba(dataset.test.images)
    confidences = probabilities.max(axis=1)
    return Answers(
        is_right=probabilities.argmax(axis=1) == dataset.test.labels,
        confidences=confidences,
        is_accepted=confidences >= reader.card.thresholds["unsure"],
    )


def _mnist_figures(answers: Answers) -> list[str]:
    n_right, n_accepted = int(answers.is_right.sum()), int(answers.is_accepted.sum())
    low, high = wilson_interval(n_right, len(answers.is_right))
    return [
        f"{answers.is_right.mean():.2%} ({low:.2%}–{high:.2%})",
        f"{answers.ece:.2%}",
        f"{answers.is_accepted.mean():.2%}",
        f"{answers.n_wrong / n_accepted:.3%} ({answers.n_wrong})",
    ]


def _ink_table(readers: dict[str, Recognizer], paths: list[Path]) -> str:
    """Return, per set, the accuracy on digits or the share of non-digits that is accepted as a digit."""
    validation = split_training(tenfold.load_dataset("mnist").train).validation.images
    thresholds = {
        name: float(np.quantile(reader.predict_proba(validation).max(axis=1), 1 - KEPT))
        for name, reader in readers.items()
    }
    rows = []
    for path in paths:
        with np.load(path) as arrays:
            pictures, labels = arrays["images"], arrays["labels"]
        images, is_blank = _digit_images(pictures)
        row = [path.stem, f"{len(labels):,}", ""]
        for name, reader in readers.items():
            probabilities = reader.predict_proba(images)
            predicted = probabilities.argmax(axis=1)
            if "nondigit" in path.stem:
                is_sure = probabilities.max(axis=1) >= thresholds[name]
                is_counted, row[2] = (predicted != NONE) & is_sure & ~is_blank, "read as a digit"
            else:
                is_counted, row[2] = (predicted == labels) & ~is_blank, "read right"
            low, high = wilson_interval(int(is_counted.sum()), len(labels))
            row.append(f"{is_counted.mean():.1%} ({low:.1%}–{high:.1%})")
        rows.append(row)
    return markdown_table(["set", "n", "counted", *(f"`{name}`" for name in readers)], rows)


def _digit_images(pictures: AnyArray) -> tuple[Images, np.ndarray]:  # type: ignore[type-arg]
    """Make digit images of pictures, and tell which of them had no ink."""
    images = np.zeros((len(pictures), 28, 28), np.uint8)
    is_blank = np.zeros(len(pictures), bool)
    for position, picture in enumerate(pictures):
        try:
            images[position] = picture_to_digit_image(picture)
        except EmptyImageError:
            is_blank[position] = True
    return images, is_blank


if __name__ == "__main__":
    print(main())
