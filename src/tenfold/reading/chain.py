"""A lattice as a chain of probabilities: which edge comes next, and as which digit it is read."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenfold.reading.lattice import Lattice


@dataclass(frozen=True, eq=False)
class Chain:
    """The probabilities of all paths of a lattice, which sum to 1.

    Attributes
    ----------
    steps : ndarray of shape (n_places, n_places, 10), dtype=float64
        By place, next place and digit: the probability of going so. From each place they sum to 1, or to 0
        where the last place is out of reach.
    farthest : ndarray of shape (n_places,), dtype=int64
        The last place that an edge leads to, by place; 0 where there is no edge.
    has_path : bool
        Whether any path leads from the first place to the last.
    """

    steps: NDArray[np.float64]
    farthest: NDArray[np.int64]
    has_path: bool


def make_chain(lattice: Lattice) -> Chain:
    """Turn the scores of a lattice's edges into probabilities.

    Notes
    -----
    Scores are summed as logarithms, from the last place to the first; each edge is then divided by all that
    leaves its place. Paths keep their shares ("weight pushing": M. Mohri, "Weighted automata algorithms", in
    Handbook of Weighted Automata, 2009). Paths that are less likely than 1e-300 are lost.
    """
    scores = edge_scores(lattice)
    onward = _onward(lattice, scores)
    leaving = onward[lattice.starts]
    reaches = np.isfinite(leaving)
    shift = np.where(reaches, onward[lattice.ends] - np.where(reaches, leaving, 0.0), -np.inf)
    n = lattice.n_places
    cells = ((lattice.starts * n + lattice.ends) * 10)[:, None] + np.arange(10)
    weights = np.exp(scores + shift[:, None])
    steps = np.zeros(n * n * 10)
    steps += np.bincount(cells.ravel(), weights.ravel(), minlength=len(steps))
    farthest = np.zeros(n, np.int64)
    np.maximum.at(farthest, lattice.starts, lattice.ends)
    return Chain(steps.reshape(n, n, 10), farthest, bool(np.isfinite(onward[0])))


def edge_scores(lattice: Lattice) -> NDArray[np.float64]:
    """Return the logarithm of the weight of each edge (n_edges, 10) as each digit."""
    with np.errstate(divide="ignore"):
        return lattice.log_weights[:, None] + np.log(lattice.probabilities[:, :10].astype(np.float64))


def _onward(lattice: Lattice, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logarithm of the weight of all paths from each place to the last."""
    of_edges = np.logaddexp.reduce(scores, axis=1)
    order = np.argsort(lattice.starts, kind="stable")
    bounds = np.searchsorted(lattice.starts[order], np.arange(lattice.n_places + 1))
    onward = np.full(lattice.n_places, -np.inf)
    onward[-1] = 0.0
    for place in range(lattice.n_places - 2, -1, -1):
        edges = order[bounds[place] : bounds[place + 1]]
        onward[place] = np.logaddexp.reduce(of_edges[edges] + onward[lattice.ends[edges]], initial=-np.inf)
    return onward


def text_probabilities(chain: Chain, texts: Sequence[str]) -> NDArray[np.float64]:
    """Return the probability of each text, that of all paths which read as it.

    Parameters
    ----------
    chain : Chain
        Of a lattice.
    texts : sequence of str
        Digits only.

    Returns
    -------
    ndarray of shape (n_texts,), dtype=float64
        Without anything expected; 0 where no path reads so.
    """
    lengths = np.array([len(text) for text in texts], np.int64)
    width = int(lengths.max(initial=0))
    digits = np.array([[int(digit) for digit in text.ljust(width, "0")] for text in texts], np.int64)
    at = np.zeros((len(texts), len(chain.steps)))
    at[:, 0] = float(chain.has_path)
    for column in range(width):
        for digit in range(10):
            rows = (digits[:, column] == digit) & (lengths > column)
            at[rows] = at[rows] @ chain.steps[:, :, digit]
    return at[:, -1]


def best_path(lattice: Lattice, text: str) -> tuple[int, ...]:
    """Return the edges of the most probable path that reads as a text; there must be one."""
    columns = edge_scores(lattice).T.tolist()
    ways = list(zip(lattice.starts.tolist(), lattice.ends.tolist(), strict=True))
    best = {0: 0.0}
    trail: list[dict[int, int]] = []
    for digit in text:
        before, best, edges = best, {}, {}
        for edge, ((start, end), score) in enumerate(zip(ways, columns[int(digit)], strict=True)):
            if start in before and before[start] + score >= best.get(end, -np.inf):
                best[end], edges[end] = before[start] + score, edge
        trail.append(edges)
    return _follow(lattice, trail)


def _follow(lattice: Lattice, trail: list[dict[int, int]]) -> tuple[int, ...]:
    """Return the edges from the first to the last place, found backwards."""
    place, path = lattice.n_places - 1, []
    for edges in reversed(trail):
        path.append(edges[place])
        place = int(lattice.starts[path[-1]])
    return tuple(reversed(path))
