"""Conversion: ONNX Runtime computes what torch computes, and the file tells nothing of where it was made."""

import functools

import numpy as np
import onnx
import pytest
import torch
from torch import nn

import tenfold
from tenfold import model_file
from tenfold.data import Dataset
from tenfold.model_file import Card
from tenfold.networks import NETWORKS
from tenfold.recognizer import Recognizer
from tenfold.training.fit import fit_network
from tenfold.training.to_onnx import OPSET, network_to_onnx
from tests.training.small import cut, ignore, make_recipe

VARIANTS = [(10, 1.0), (11, 0.5)]

CARD = Card(recipe={}, data={}, seed=0, metrics={}, thresholds={}, license="MIT", tenfold_version="0.1.0")

every_network = pytest.mark.parametrize("name", NETWORKS)


@functools.cache
def make_network(name: str, n_outputs: int) -> nn.Module:
    """Return a network after one epoch of the embedded digits, a tenth of them called no digit."""
    samples = cut(tenfold.load_dataset("digits"), 320).train
    if n_outputs == 11:
        samples.labels[::10] = 10
    recipe = make_recipe(network=name, epochs=1, batch_size=32, none_share=0.1 * (n_outputs - 10))
    return fit_network(recipe, samples, seed=0, on_progress=ignore)


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


@every_network
@pytest.mark.parametrize(("n_outputs", "temperature"), VARIANTS)
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
@every_network
def test_the_bytes_depend_on_the_network_alone(name: str) -> None:
    """Converted twice it gives the same bytes: without metadata or names, a path or a stack trace."""
    network = make_network(name, 10)
    before = {key: tensor.clone() for key, tensor in network.state_dict().items()}
    graph = network_to_onnx(network)
    assert network_to_onnx(network) == graph
    assert all(torch.equal(tensor, before[key]) for key, tensor in network.state_dict().items())
    model = onnx.load_from_string(graph)
    parts = (model, model.graph, *model.graph.node, *model.graph.initializer, *model.graph.input)
    assert not any(part.doc_string or part.metadata_props for part in parts)
    assert not any(node.name for node in model.graph.node)
    for telling in (b".py", b"site-packages", b"tenfold", b"/work", b"/home", b"/root", b"File ", b"pkg."):
        assert telling not in graph
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", OPSET)]
