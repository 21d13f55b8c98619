"""Conversion: ONNX Runtime computes what torch computes, and the file tells nothing of where it was made."""

import functools

import numpy as np
import onnx
import pytest
import torch
from torch import nn

import tenfold
from tenfold import model_file, training
from tenfold.data import Dataset
from tenfold.model_file import Card
from tenfold.networks import NETWORKS, Committee
from tenfold.recognizer import Recognizer
from tenfold.training.fit import fit_network
from tenfold.training.fold import fold_batch_norm
from tenfold.training.to_onnx import OPSET, network_to_onnx
from tests.training.small import cut, ignore, make_recipe

CARD = Card(recipe={}, data={}, seed=0, metrics={}, thresholds={}, license="MIT", tenfold_version="0.1.0")

VARIANTS = [
    ("conv3", 11, 0.5),
    ("perceptron", 10, 1.0),
    *(pytest.param(name, 11, 0.5, marks=pytest.mark.slow) for name in NETWORKS if name != "conv3"),
    *(pytest.param(name, 10, 1.0, marks=pytest.mark.slow) for name in NETWORKS if name != "perceptron"),
]
"""Every network with a class for what is no digit, and without one."""


@functools.cache
def make_network(name: str, n_outputs: int, seed: int = 0) -> nn.Module:
    """Return a network after some epochs of the embedded digits, a tenth of them called no digit."""
    samples = cut(tenfold.load_dataset("digits"), 320).train
    if n_outputs == 11:
        samples.labels[::10] = 10
    recipe = make_recipe(network=name, epochs=4, batch_size=32, none_share=0.1 * (n_outputs - 10))
    return fit_network(recipe, samples, seed=seed, on_progress=ignore)


@functools.cache
def make_committee(n_outputs: int) -> Committee:
    """Return two networks as one, each trained from a seed of its own."""
    return Committee(make_network("conv3", n_outputs, seed) for seed in range(2))


@functools.cache
def convert_committee(n_outputs: int, temperature: float, *, as_bytes: bool = False) -> bytes:
    """Return the graph of the committee."""
    return network_to_onnx(make_committee(n_outputs), temperature=temperature, as_bytes=as_bytes)


@torch.no_grad()
def round_weights(network: nn.Module) -> nn.Module:
    """Return a copy that computes with 8-bit weights as torch rounds them, without a batch norm."""
    rounded = fold_batch_norm(network)
    for layer in [part for part in rounded.modules() if isinstance(part, nn.Conv2d | nn.Linear)]:
        scales = layer.weight.flatten(1).abs().amax(dim=1) / 127
        zeros = torch.zeros(len(scales), dtype=torch.int32)
        layer.weight.copy_(torch.fake_quantize_per_channel_affine(layer.weight, scales, zeros, 0, -127, 127))
    return rounded


@torch.inference_mode()
def compute_in_torch(
    network: nn.Module, images: np.ndarray, temperature: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities of eleven classes and embeddings, from torch in float64."""
    network = network.double()
    logits, embedding = network(torch.from_numpy(images)[:, None].double() / 255)
    network.float()
    probabilities = torch.zeros(len(images), 11, dtype=torch.float64)
    probabilities[:, : logits.shape[1]] = torch.softmax(logits / temperature, dim=1)
    return probabilities.numpy(), embedding.numpy()


def assert_computes(
    graph: bytes, images: np.ndarray, probabilities: np.ndarray, embedding: np.ndarray
) -> None:
    """Check that a graph passes inspection, and all it gives for images."""
    reader = Recognizer(model_file.add_card(graph, CARD))
    np.testing.assert_array_equal(reader.predict(images), probabilities.argmax(axis=1))
    np.testing.assert_allclose(reader.predict_proba(images), probabilities, atol=1e-4)
    np.testing.assert_allclose(reader.embed(images), embedding, atol=1e-3, rtol=1e-4)


@pytest.mark.parametrize(("name", "n_outputs", "temperature"), VARIANTS)
def test_the_graph_computes_what_torch_does(
    name: str, n_outputs: int, temperature: float, digits: Dataset
) -> None:
    """It passes inspection; every label is torch's, probabilities are within 1e-4, and embeddings close."""
    network, images = make_network(name, n_outputs), digits.test.images
    reader = Recognizer(model_file.add_card(network_to_onnx(network, temperature=temperature), CARD))
    probabilities = reader.predict_proba(images)
    expected, embedding = compute_in_torch(network, images, temperature)
    np.testing.assert_array_equal(reader.predict(images), expected.argmax(axis=1))
    np.testing.assert_allclose(probabilities, expected, atol=1e-4)
    np.testing.assert_allclose(reader.embed(images), embedding, atol=1e-3, rtol=1e-4)
    np.testing.assert_allclose(reader.predict_proba(images[:1]), probabilities[:1], atol=1e-5)
    assert reader.n_embedding == network.head.in_features
    assert np.unique(reader.predict(images)).size >= 5
    assert probabilities[:, 10].any() == (n_outputs == 11)


@pytest.mark.slow
@pytest.mark.parametrize("as_bytes", [False, True])
@pytest.mark.parametrize("name", [*NETWORKS, "committee"])
def test_the_bytes_depend_on_the_network_alone(name: str, as_bytes: bool) -> None:  # noqa: FBT001
    """Converted twice it gives the same bytes: without metadata or names, a path or a stack trace."""
    network = make_committee(10) if name == "committee" else make_network(name, 10)
    before = {key: tensor.clone() for key, tensor in network.state_dict().items()}
    graph = network_to_onnx(network, as_bytes=as_bytes)
    assert network_to_onnx(network, as_bytes=as_bytes) == graph
    assert all(torch.equal(tensor, before[key]) for key, tensor in network.state_dict().items())
    model = onnx.load_from_string(graph)
    parts = (model, model.graph, *model.graph.node, *model.graph.initializer, *model.graph.input)
    assert not any(part.doc_string or part.metadata_props for part in parts)
    assert not any(node.name for node in model.graph.node)
    for telling in (b".py", b"site-packages", b"tenfold", b"/work", b"/home", b"/root", b"File ", b"pkg."):
        assert telling not in graph
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", OPSET)]


@pytest.mark.slow
@pytest.mark.parametrize(("n_outputs", "temperature"), [(10, 1.6), (11, 0.5)])
def test_the_graph_of_a_committee_computes_what_its_members_do(
    n_outputs: int, temperature: float, digits: Dataset
) -> None:
    """Its labels, probabilities and embeddings are those of torch's members, averaged here by NumPy."""
    committee, images = make_committee(n_outputs), digits.test.images
    each = [compute_in_torch(member, images, 1.0) for member in committee.members]
    mean, embedding = (np.mean(part, axis=0) for part in zip(*each, strict=True))
    powers = mean ** (1 / temperature)
    expected = powers / powers.sum(axis=1, keepdims=True)
    assert_computes(convert_committee(n_outputs, temperature), images, expected, embedding)
    np.testing.assert_allclose(compute_in_torch(committee, images, temperature)[0], expected, atol=1e-9)
    assert np.unique(expected.argmax(axis=1)).size >= 5


def test_a_quantized_graph_computes_what_torch_does_with_rounded_weights(digits: Dataset) -> None:
    """Every label, probability and embedding is that of torch's own rounding; without, they would differ."""
    network, images = make_committee(11), digits.test.images
    rounded = compute_in_torch(round_weights(network), images, 0.5)
    assert_computes(convert_committee(11, 0.5, as_bytes=True), images, *rounded)
    exact, _ = compute_in_torch(network, images, 0.5)
    assert 2e-4 < np.abs(rounded[0] - exact).max() < 0.2
    assert np.mean(rounded[0].argmax(axis=1) == exact.argmax(axis=1)) > 0.98


def test_a_quantized_graph_is_less_than_a_third_as_large() -> None:
    """No layer of any member keeps its weights in float32."""
    small, large = convert_committee(11, 0.5, as_bytes=True), convert_committee(11, 0.5)
    assert len(small) < len(large) / 3
    kinds = [
        (len(tensor.dims), tensor.data_type) for tensor in onnx.load_from_string(small).graph.initializer
    ]
    assert {kind for n_axes, kind in kinds if n_axes > 1} == {onnx.TensorProto.INT8}
    assert sum(n_axes > 1 for n_axes, _ in kinds) == 10


@pytest.mark.slow
def test_a_recipe_that_quantizes_a_committee_ships_it(digits: Dataset) -> None:
    """The model file of a run has all its members in bytes, and the card says so."""
    recipe = make_recipe(network="conv3", epochs=3, trial_epochs=1, batch_size=32, members=2, quantize=True)
    model = training.train(recipe, cut(digits, 600)).model
    assert [model.card.recipe[name] for name in ("members", "quantize", "trial_epochs")] == [2, True, 1]
    assert model.card.thresholds.keys() == {"unsure"}
    nodes = [node.op_type for node in onnx.load_from_string(model.data).graph.node]
    assert (nodes.count("DequantizeLinear"), nodes.count("Log")) == (10, 1)
    assert Recognizer(model).score(digits.test.images, digits.test.labels) > 0.8
