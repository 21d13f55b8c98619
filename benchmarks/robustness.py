"""How accuracy falls as MNIST's test images are changed: the shipped models and the tutorial's.

The tutorial's model is trained now, unless it is in the folder ``TENFOLD_RUNS`` (by default ``runs``).
"""

import time

import tenfold
from benchmarks.recipes import trained
from benchmarks.table import machine, markdown_table
from tenfold import model_file
from tenfold.evaluation import CORRUPTIONS, CURVES, Outcome, Robustness, measure_robustness

TUTORIAL = "tutorial-mlp"
SEED = 0


def main() -> str:
    """Measure, and return the tables."""
    dataset = tenfold.load_dataset("mnist")
    results, seconds = {}, {}
    for name in (*model_file.SHIPPED, TUTORIAL):
        reader = tenfold.load(trained(name, SEED) if name == TUTORIAL else name)
        started = time.perf_counter()
        results[name] = measure_robustness(reader.predict_proba, dataset.test.images, dataset.test.labels)
        seconds[name] = time.perf_counter() - started
    times = ", ".join(f"`{name}` {spent:.0f} s" for name, spent in seconds.items())
    n, n_sample = results[TUTORIAL].n, results[TUTORIAL].n_sample
    note = f"n = {n:,} for each corruption, {n_sample:,} for each strength of a change. Measured in: {times}."
    return "\n\n".join(
        [_corruption_table(results), _curve_table(results), f"{note} {machine('onnxruntime')}"]
    )


def _corruption_table(results: dict[str, Robustness]) -> str:
    """Return a row for each corruption: read right, called no digit, right if a digit must be named."""
    headings = ["MNIST-C, our own draws; %", "strength"]
    for name in results:
        headings += [f"`{name}`: right"] + ["no digit", "right of ten digits"] * (name != TUTORIAL)
    rows = [["none", ""], *([kind.name, f"{kind.strengths[0]:g} {kind.unit}"] for kind in CORRUPTIONS)]
    rows.append(["mean of the corruptions", ""])
    for name, result in results.items():
        outcomes = [result.unchanged, *result.corruptions.values()]
        shares = [_shares(outcome) for outcome in outcomes]
        shares.append((result.mean_accuracy, result.mean_refused, result.mean_forced_accuracy))
        for row, of_kind in zip(rows, shares, strict=True):
            row += [f"{100 * share:.1f}" for share in of_kind[: 1 if name == TUTORIAL else 3]]
    return markdown_table(headings, rows)


def _shares(outcome: Outcome) -> tuple[float, float, float]:
    return outcome.accuracy, outcome.refused, outcome.forced_accuracy


def _curve_table(results: dict[str, Robustness]) -> str:
    """Return a row for each change, with what is read right at each strength."""
    rows = []
    for position, change in enumerate(CURVES):
        of_models = [
            " · ".join(f"{100 * outcome.accuracy:.0f}" for outcome in result.curves[position].outcomes)
            for result in results.values()
        ]
        strengths = " · ".join(f"{strength:g}" for strength in change.strengths)
        rows.append([change.name, f"{strengths} {change.unit}", *of_models])
    return markdown_table(["change", "strengths", *(f"`{name}`: right, %" for name in results)], rows)


if __name__ == "__main__":
    print(main())
