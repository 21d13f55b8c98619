"""Why a model answers as it does: the ink that counts, its neighbors, what would change the answer."""

from tenfold.explain.counterfactual import Counterfactual, find_counterfactual
from tenfold.explain.explain import Explanation, explain, name_answer
from tenfold.explain.explanation_display import ExplanationDisplay
from tenfold.explain.neighbors import Neighbor, NeighborIndex, build_index, load_index
from tenfold.explain.occlusion import occlusion_map

__all__ = [
    "Counterfactual",
    "Explanation",
    "ExplanationDisplay",
    "Neighbor",
    "NeighborIndex",
    "build_index",
    "explain",
    "find_counterfactual",
    "load_index",
    "name_answer",
    "occlusion_map",
]
