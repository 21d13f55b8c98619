"""How a run differs from the one whose work it was to go on with."""

from collections.abc import Mapping
from typing import Any, Final

N_NAMED: Final = 4


def name_differences(saved: Mapping[str, Any], expected: Mapping[str, Any]) -> str:
    """Name the first few entries that differ; return an empty string where none does.

    Parameters
    ----------
    saved, expected : mapping of str to any
        What is there, and what it should be.
    """
    differing = [
        f"{key} {saved.get(key)!r}, not {expected.get(key)!r}"
        for key in {**expected, **saved}
        if saved.get(key) != expected.get(key)
    ]
    more = [f"{len(differing) - N_NAMED} more"] if len(differing) > N_NAMED else []
    return "; ".join(differing[:N_NAMED] + more)
