"""All ways to cut the ink of one number into digits."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenfold.arrays import Probabilities


@dataclass(frozen=True, eq=False)
class Lattice:
    """A graph from left to right whose edges are pieces of ink that may be one digit each.

    A path from place 0 to the last place is a way to cut the number; its digits are those of its edges.

    Attributes
    ----------
    n_places : int
        Places where it may be cut, both ends included.
    starts, ends : ndarray of shape (n_edges,), dtype=int64
        The places that each edge connects; starts < ends.
    probabilities : ndarray of shape (n_edges, 11), dtype=float32
        Of each class, for the ink of the edge; rows sum to 1, the last column is "not a digit".
    log_weights : ndarray of shape (n_edges,), dtype=float64
        Logarithm of how likely it is that the edge's ink is one piece, by its shape alone.
    boxes : ndarray of shape (n_edges, 4), dtype=int64
        Left, top, width and height of the edge's ink, in pixels of the picture.
    is_cut : ndarray of shape (n_edges,), dtype=bool
        Whether the ink is connected to that of the edges that end where it starts.
    is_cut_out : bool
        Whether the ink was picked out of more, by rules that may be wrong, rather than read as it stands.
    n_dropped : int
        Pieces of ink beside it that were taken for no digit.
    """

    n_places: int
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    probabilities: Probabilities
    log_weights: NDArray[np.float64]
    boxes: NDArray[np.int64]
    is_cut: NDArray[np.bool_]
    is_cut_out: bool = False
    n_dropped: int = 0

    def __len__(self) -> int:
        """Return the number of edges."""
        return len(self.starts)


def make_single(probabilities: Probabilities, box: NDArray[np.int64], *, is_cut_out: bool = False) -> Lattice:
    """Return a lattice that is one digit, whichever.

    Parameters
    ----------
    probabilities : ndarray of shape (1, 11), dtype=float32
        Of each class.
    box : ndarray of shape (4,), dtype=int64
        Left, top, width and height of its ink, in pixels of the picture.
    is_cut_out : bool
        Whether it was picked out of more.
    """
    return Lattice(
        n_places=2,
        starts=np.zeros(1, np.int64),
        ends=np.ones(1, np.int64),
        probabilities=probabilities,
        log_weights=np.zeros(1),
        boxes=box[None],
        is_cut=np.zeros(1, np.bool_),
        is_cut_out=is_cut_out,
    )
