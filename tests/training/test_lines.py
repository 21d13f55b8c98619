"""Training a line reader: what is learned, calibrated, converted and evaluated."""

import dataclasses
import functools
import importlib
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from tenfold import line_recognizer, model_file, training
from tenfold.ctc import find_texts
from tenfold.data import Dataset
from tenfold.errors import CheckpointError, InputError, ModelFileError
from tenfold.evaluation import evaluate_texts
from tenfold.line_recognizer import LineRecognizer
from tenfold.networks import LINE_NETWORKS
from tenfold.recipes import LineRecipe
from tenfold.recognizer import Recognizer
from tenfold.training import lines
from tenfold.training.run import make_card
from tenfold.training.strings import Strings, compose_strings
from tenfold.training.to_onnx import line_network_to_onnx
from tests.training.small import assert_same_weights, ignore, stop_at

SMALL = LineRecipe(
    name="small",
    summary="for tests",
    network="line8",
    epochs=2,
    batch_size=8,
    strings=20,
    showings=2,
    held_out=4,
    test_strings=6,
    learning_rate=3e-3,
    average=0.9,
    quantize=True,
    must_reach=0.5,
)


@pytest.fixture(scope="module")
def run_of_lines(digits: Dataset) -> training.Run:
    """Return a line reader that has seen a few strings."""
    return training.train(SMALL, digits)


@pytest.fixture(scope="module")
def strings(digits: Dataset) -> Strings:
    """Return a few strings of digits for the test."""
    return compose_strings(6, digits.test, seed=5)


@functools.cache
def make_network() -> nn.Module:
    """Return a network whose norms have seen some ink."""
    torch.manual_seed(0)
    network = LINE_NETWORKS["line8"](11)
    network(torch.rand(8, 1, 32, 96))
    return network.eval()


@functools.cache
def convert_network() -> bytes:
    """Return its graph, of temperature 2."""
    return line_network_to_onnx(make_network(), temperature=2.0)


def fit(digits: Dataset, recipe: LineRecipe = SMALL, **options: object) -> nn.Module:
    """Train without looking on."""
    defaults = {"seed": 0, "on_progress": ignore, "folder": None, "resuming": False}
    return lines.train_line_reader(recipe, digits.train, **(defaults | options)).network  # type: ignore[arg-type]


def test_network_returns_a_column_for_four_pixels() -> None:
    """Lines of any width have logits and embeddings for each column, read alike alone and beside others."""
    network = make_network()
    for width in (16, 63, 160):
        logits, embeddings = network(torch.rand(2, 1, 32, width))
        assert logits.shape == (2, width // lines.STRIDE, 11)
        assert embeddings.shape == (2, width // lines.STRIDE, 128)
    ink = torch.rand(3, 1, 32, 64)
    torch.testing.assert_close(network(ink)[0][1:2], network(ink[1:2])[0], atol=1e-5, rtol=1e-5)


def test_network_is_small() -> None:
    """Nobody changes its size unawares."""
    assert sum(map(torch.numel, make_network().parameters())) == 355_899


def test_the_graph_computes_what_the_network_does(strings: Strings) -> None:
    """In columns of every line the file has the network's probabilities."""
    network = make_network()
    card = make_card(SMALL, {}, "", seed=0, thresholds={})
    reader = LineRecognizer(model_file.add_card(convert_network(), card))
    for line in strings.lines:
        logits, _ = network(torch.from_numpy(line)[None, None].float() / 255)
        expected = torch.softmax(logits[0] / 2, dim=1).detach().numpy()
        np.testing.assert_allclose(reader.read_line(line), expected, atol=1e-5)


def test_the_card_says_what_the_file_reads(run_of_lines: training.Run, digits: Dataset) -> None:
    """The figures are those of the file on strings of the test digits; the kind is that of lines."""
    card = model_file.inspect(run_of_lines.model.data).card
    assert (card.kind, card.recipe) == (model_file.LINES, dataclasses.asdict(SMALL))
    assert list(card.thresholds) == ["unsure"]
    shown = compose_strings(SMALL.test_strings, digits.test, seed=0)
    reader = LineRecognizer(run_of_lines.model)
    texts = [find_texts(reader.read_line(line))[0] for line in shown.lines]
    truth = [tuple(labels.tolist()) for labels in shown.labels]
    assert card.metrics == {"test": evaluate_texts(texts, truth).figures()}


def test_kinds_of_models_are_not_mixed_up(run_of_lines: training.Run, run: training.Run) -> None:
    """What reads lines takes no model of digit images, and the other way round."""
    with pytest.raises(ModelFileError, match=r"must be one of digits\. Got one of lines"):
        Recognizer(run_of_lines.model)
    with pytest.raises(ModelFileError, match=r"must be one of lines\. Got one of digits"):
        LineRecognizer(run.model)


def test_a_model_of_lines_opens_from_a_file(run_of_lines: training.Run, tmp_path: Path) -> None:
    """Saved and loaded it is the same, bit for bit."""
    model_file.save(tmp_path / "lines.onnx", run_of_lines.model)
    reader = line_recognizer.load(tmp_path / "lines.onnx")
    assert (reader.sha256, reader.card) == (run_of_lines.model.sha256, run_of_lines.model.card)
    assert len(run_of_lines.model.data) < 3_000_000


def test_a_model_of_lines_that_calls_itself_another_is_refused(run_of_lines: training.Run) -> None:
    """The graph must keep the contract of the card's kind."""
    card = dataclasses.replace(run_of_lines.model.card, kind=model_file.DIGITS)
    with pytest.raises(ModelFileError, match=r"The input must be images.*The outputs must be probabilities"):
        model_file.add_card(convert_network(), card)


@pytest.mark.slow
def test_training_lowers_the_loss(digits: Dataset) -> None:
    """After some strings the labels are more probable than at first."""
    losses: list[float] = []
    recipe = dataclasses.replace(SMALL, epochs=5)
    fit(digits, recipe, on_progress=lambda progress: losses.append(progress.loss))
    assert losses[-1] < 0.8 * losses[0]


@pytest.mark.slow
def test_a_resumed_run_ends_as_one_that_was_not_interrupted(
    digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped in its second epoch and resumed, it has the same weights, bit by bit."""
    monkeypatch.setattr(importlib.import_module("tenfold.training.progress"), "REPORT_SECONDS", 0)
    whole = fit(digits)
    with pytest.raises(KeyboardInterrupt):
        fit(digits, folder=tmp_path, on_progress=stop_at(9))
    assert_same_weights(fit(digits, folder=tmp_path, resuming=True), whole)


def test_without_a_checkpoint_nothing_is_resumed(digits: Dataset, tmp_path: Path) -> None:
    """An empty folder is refused."""
    with pytest.raises(CheckpointError, match=r"must hold a checkpoint to resume from"):
        fit(digits, folder=tmp_path, resuming=True)


def make_logits(labels: np.ndarray) -> torch.Tensor:
    """Return columns that spell some digits, each after one that shows none, with noise."""
    classes = torch.full((2 * len(labels) + 1,), 10)
    classes[1::2] = torch.from_numpy(labels)
    noise = torch.randn(len(classes), 11, generator=torch.Generator().manual_seed(len(labels)))
    return 4 * torch.eye(11)[classes] + 1.5 * noise


def test_the_temperature_makes_the_texts_likelier(strings: Strings) -> None:
    """No other temperature gives the strings' texts a higher probability; it undoes a factor of logits."""
    columns = [make_logits(labels) for labels in strings.labels]
    best = lines.fit_line_temperature(columns, strings)
    assert lines.fit_line_temperature([3 * logits for logits in columns], strings) == pytest.approx(
        3 * best, rel=0.03
    )
    at_best, *others = (lines.mean_loss(columns, strings, best * factor) for factor in (1.0, 0.7, 1.4))
    assert min(others) >= at_best - 1e-6


def test_evaluate_texts_wants_a_truth_for_each() -> None:
    """Texts without truths, and none at all, are refused."""
    with pytest.raises(InputError, match=r"Got 0 texts and 1"):
        evaluate_texts([], [(1,)])
