"""Lattices for tests, and an independent way to read them: all paths, one by one."""

from collections import defaultdict
from collections.abc import Sequence
from functools import reduce

import numpy as np

from tenfold.reading.lattice import Lattice


def random_lattice(seed: int, n_places: int, *, flatness: float = 0.3) -> Lattice:
    """Return a lattice with an edge between neighbors and longer ones; some digits are impossible."""
    generator = np.random.default_rng(seed)
    pairs = [(start, start + 1) for start in range(n_places - 1)]
    pairs += [(start, start + 2) for start in range(n_places - 2) if generator.random() < 0.7]
    pairs += pairs[:1]  # two edges between the same places
    edges = generator.permutation(np.array(pairs, np.int64).reshape(-1, 2))
    probabilities = generator.dirichlet(np.full(11, flatness), len(edges))
    probabilities[:, :10] *= generator.random((len(edges), 10)) > 0.1
    return make_lattice(n_places, edges, probabilities, generator.normal(-1, 1, len(edges)))


def written(text: str, *, sure: float = 0.9, seconds: str = "") -> Lattice:
    """Return a lattice of one path that reads as a text, or with what is left as the text of seconds."""
    probabilities = np.full((len(text), 11), 1e-9)
    for row, (digit, second) in enumerate(zip(text, seconds or "x" * len(text), strict=True)):
        probabilities[row, int(second) if second.isdigit() else 10] = 1 - sure
        probabilities[row, int(digit)] = sure
    places = np.arange(len(text))
    return make_lattice(
        len(text) + 1, np.stack([places, places + 1], axis=1), probabilities, np.zeros(len(text))
    )


def make_lattice(
    n_places: int, edges: np.ndarray, probabilities: np.ndarray, log_weights: np.ndarray
) -> Lattice:
    """Return a lattice whose boxes are empty."""
    return Lattice(
        n_places,
        edges[:, 0].copy(),
        edges[:, 1].copy(),
        probabilities.astype(np.float32),
        log_weights,
        np.zeros((len(edges), 4), np.int64),
        np.zeros(len(edges), np.bool_),
    )


def all_paths(lattice: Lattice, place: int = 0) -> list[tuple[int, ...]]:
    """Return the edges of each path from a place to the last."""
    if place == lattice.n_places - 1:
        return [()]
    edges = [int(edge) for edge in np.flatnonzero(lattice.starts == place)]
    return [(edge, *rest) for edge in edges for rest in all_paths(lattice, int(lattice.ends[edge]))]


def weights_of_texts(lattice: Lattice) -> dict[str, float]:
    """Return the weight of all paths that read as each text, by reading each path in all ways."""
    weights: dict[str, float] = defaultdict(float)
    for path in all_paths(lattice):
        edges = list(path)
        factors = np.exp(lattice.log_weights[edges])[:, None] * lattice.probabilities[edges, :10]
        products = reduce(np.multiply.outer, factors, np.array(1.0)).ravel()
        for number in np.flatnonzero(products):
            weights[f"{number:0{len(path)}d}" if path else ""] += float(products[number])
    return dict(weights)


def weight_of(lattice: Lattice, path: Sequence[int], digits: Sequence[int]) -> float:
    """Return the product of the weights of a path's edges, read as these digits."""
    factors = [
        np.exp(lattice.log_weights[edge]) * lattice.probabilities[edge, digit]
        for edge, digit in zip(path, digits, strict=True)
    ]
    return float(np.prod(factors))
