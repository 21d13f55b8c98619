"""The model that comes with tenfold: on MNIST's test images, and on ink that it never saw."""

import os
from pathlib import Path

import numpy as np

import tenfold
from benchmarks.table import machine, markdown_table
from tenfold import model_file
from tenfold.arrays import AnyArray, Images
from tenfold.data import split_training
from tenfold.errors import EmptyImageError
from tenfold.evaluation import evaluate, expected_calibration_error, wilson_interval
from tenfold.image import extract_ink, to_digit_image
from tenfold.recognizer import NONE, Recognizer

KEPT = 0.99
"""Share of MNIST's validation digits that the threshold for non-digits keeps."""


def main() -> str:
    """Measure, and return the tables."""
    reader = tenfold.load()
    mnist = tenfold.load_dataset("mnist")
    validation = split_training(mnist.train).validation.images
    threshold = float(np.quantile(_confidences(reader, validation), 1 - KEPT))
    tables = [_mnist_table(reader, mnist.test.images, mnist.test.labels)]
    ink = Path(os.environ.get("TENFOLD_INK", ""), "arrays")
    if ink.is_dir():
        tables.append(_ink_table(reader, sorted(ink.glob("*.npz")), threshold))
    made_by = f"Made by `{reader.card.command}`. {machine('onnxruntime')}"
    return "\n\n".join([*tables, made_by])


def _mnist_table(reader: Recognizer, images: Images, labels: np.ndarray) -> str:  # type: ignore[type-arg]
    """Return accuracy, calibration and abstention on MNIST's test images."""
    result = evaluate(reader.predict_proba, images, labels)
    confidences = _confidences(reader, images)
    is_right = reader.predict(images) == labels
    is_accepted = confidences >= reader.card.thresholds["unsure"]
    n_wrong = int((~is_right & is_accepted).sum())
    rows = [
        ["test accuracy", f"{result.accuracy:.2%} ({result.accuracy_low:.2%}–{result.accuracy_high:.2%})"],
        ["ECE, 15 bins", f"{expected_calibration_error(confidences, is_right):.2%}"],
        ["accepted above `unsure`", f"{is_accepted.mean():.2%}"],
        ["of these wrong", f"{n_wrong / is_accepted.sum():.3%} ({n_wrong})"],
        ["model file", f"{len(model_file.load(model_file.SHIPPED[0]).data):,} bytes"],
    ]
    return markdown_table(["on MNIST's 10,000 test images", "measured (95 % interval)"], rows)


def _ink_table(reader: Recognizer, paths: list[Path], threshold: float) -> str:
    """Return, per set, the accuracy on digits or the share of non-digits that is accepted as a digit."""
    rows = []
    for path in paths:
        with np.load(path) as arrays:
            pictures, labels = arrays["images"], arrays["labels"]
        images, is_blank = _digit_images(pictures)
        predicted = reader.predict(images)
        if "nondigit" in path.stem:
            is_counted = (predicted != NONE) & (_confidences(reader, images) >= threshold) & ~is_blank
            what = "read as a digit"
        else:
            is_counted, what = (predicted == labels) & ~is_blank, "read right"
        low, high = wilson_interval(int(is_counted.sum()), len(labels))
        rows.append(
            [path.stem, f"{len(labels):,}", what, f"{is_counted.mean():.1%}", f"{low:.1%}–{high:.1%}"]
        )
    return markdown_table(["set", "n", "counted", "share", "95 % interval"], rows)


def _digit_images(pictures: AnyArray) -> tuple[Images, np.ndarray]:  # type: ignore[type-arg]
    """Make digit images of pictures, and tell which of them had no ink."""
    images = np.zeros((len(pictures), 28, 28), np.uint8)
    is_blank = np.zeros(len(pictures), bool)
    for position, picture in enumerate(pictures):
        try:
            images[position] = to_digit_image(extract_ink(picture))
        except EmptyImageError:
            is_blank[position] = True
    return images, is_blank


def _confidences(reader: Recognizer, images: Images) -> np.ndarray:  # type: ignore[type-arg]
    return reader.predict_proba(images).max(axis=1)


if __name__ == "__main__":
    print(main())
