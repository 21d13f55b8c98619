"""Evaluations that the tests of the report share."""

from collections.abc import Callable

import numpy as np
import pytest

from tenfold import training
from tenfold.data import Dataset
from tenfold.evaluation import Evaluation, Robustness, evaluate_probabilities, measure_robustness
from tenfold.explain import Neighbor
from tenfold.recognizer import Recognizer
from tenfold.report import DataFacts, Miss, ModelFacts, collect_misses, render_report

Render = Callable[..., str]


@pytest.fixture(scope="session")
def robustness(reader: Recognizer, digits: Dataset) -> Robustness:
    """Return the robustness of the run's model on some digits."""
    samples = digits.test.take(np.arange(40))
    return measure_robustness(reader.predict_proba, samples.images, samples.labels)


@pytest.fixture(scope="session")
def evaluation(run: training.Run) -> Evaluation:
    """Return what the run's model gets right and wrong."""
    assert isinstance(run.evaluation, Evaluation)
    return run.evaluation


@pytest.fixture(scope="session")
def misses(evaluation: Evaluation, digits: Dataset) -> tuple[Miss, ...]:
    """Return the misses of the run's model, each beside one training digit."""
    near = (Neighbor(7, int(digits.train.labels[7]), 0.25, digits.train.images[7]),)
    return collect_misses(evaluation, digits.test.images, [near] * evaluation.errors)


@pytest.fixture
def render(run: training.Run) -> Render:
    """Return what renders an evaluation as a report on the run's model."""

    def make(evaluation: Evaluation, **changes: object) -> str:
        values: dict[str, object] = {
            "model": ModelFacts(name="good.onnx", sha256=run.model.sha256, card=run.model.card),
            "data": DataFacts(name="digits", split="test", sha256={"test-images": "ab12"}),
            "misses": (),
            "command": "tenfold evaluate good.onnx --report report.html",
        }
        return render_report(evaluation, **(values | changes))  # type: ignore[arg-type]

    return make


@pytest.fixture
def page(render: Render, evaluation: Evaluation, misses: tuple[Miss, ...], robustness: Robustness) -> str:
    """Return the report on a real model, all parts in it."""
    return render(evaluation, misses=misses, robustness=robustness)


def certain(predicted: np.ndarray, labels: np.ndarray) -> Evaluation:
    """Evaluate a model that is certain of these predictions."""
    return evaluate_probabilities(np.eye(11, dtype=np.float32)[predicted], labels)
