"""From pictures to numbers."""

from tenfold.reading.decode import Candidate, decode, is_close, is_forced, support
from tenfold.reading.expect import Expectation, parse_expectation
from tenfold.reading.lattice import Lattice
from tenfold.reading.roster import assign_unique, load_roster
from tenfold.reading.totals import LineCandidate, decode_line

__all__ = [
    "Candidate",
    "Expectation",
    "Lattice",
    "LineCandidate",
    "assign_unique",
    "decode",
    "decode_line",
    "is_close",
    "is_forced",
    "load_roster",
    "parse_expectation",
    "support",
]
