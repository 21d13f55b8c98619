"""The names of arrays: checked in the tests, and nothing but names elsewhere."""

import subprocess
import sys

import numpy as np
import pytest
from jaxtyping import TypeCheckError

from tenfold.image import to_digit_image


def test_arrays_of_another_type_or_rank_are_noticed_here() -> None:
    """In the tests whoever passes an array of another type or rank is told, by the name of the argument."""
    for array in (np.zeros((5, 5), np.float32), np.zeros((1, 5, 5), np.uint8)):
        with pytest.raises(TypeCheckError, match="ink"):
            to_digit_image(array)


def test_names_cost_nothing_elsewhere() -> None:
    """Outside of the tests they are NumPy's own types, and nothing else is loaded for them."""
    program = "import sys, tenfold.arrays; print(tenfold.arrays.Ink, 'jaxtyping' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.startswith("numpy.ndarray[")
    assert said.endswith("False\n")
