"""Memory of freed arrays that is kept for the next ones."""

import ctypes
import os
import sys
from functools import cache

# Numbers of malloc.h (glibc).
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
# Arrays up to this size come from memory that is kept, of which so much may lie idle; both in bytes.
_LARGEST, _KEPT = 4 * 2**20, 32 * 2**20
_CHOSEN_BY_THE_USER = ("GLIBC_TUNABLES", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_")


@cache
def keep_freed_memory() -> bool:
    """Let this process keep up to 32 MB of freed memory; says whether it now does.

    glibc hands the memory of larger arrays back to the system when they are freed, and asks for it anew for the next
    ones. Preparing an image makes dozens of arrays of the size of the image, and a quarter of its time went into
    clearing their pages again and again. Other C libraries, and users who chose limits of their own, are left alone.
    """
    if not sys.platform.startswith("linux") or any(name in os.environ for name in _CHOSEN_BY_THE_USER):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _LARGEST) and mallopt(_TRIM_THRESHOLD, _KEPT))
