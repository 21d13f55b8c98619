"""How the C library keeps memory for the tensors of the next step."""

import ctypes
import functools
from typing import Final

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's `mallopt`, from its malloc.h."""

LARGEST: Final = 32 * 1024 * 1024
"""Bytes of the largest block that glibc can be made to keep."""

KEPT: Final = 1024 * 1024 * 1024
"""Bytes that may lie unused at the end of the heap."""


@functools.cache
def keep_freed_memory() -> None:
    """Let this process keep the blocks that tensors free, rather than give them back at each step.

    By default glibc maps a block of over 128 kB anew each time, and the system clears it page by page: with
    the activations of a convolution that is a tenth of a step. Other C libraries are left as they are.
    """
    try:
        glibc = ctypes.CDLL("libc.so.6")
    except OSError:
        return
    glibc.mallopt(_MMAP_THRESHOLD, LARGEST)
    glibc.mallopt(_TRIM_THRESHOLD, KEPT)
