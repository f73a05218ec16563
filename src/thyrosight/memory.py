"""Memory that was freed: kept for the next arrays, and shared between threads."""

import ctypes
import os
import sys
from functools import cache

# Numbers of malloc.h (glibc).
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENAS = -1, -3, -8
# Arrays up to this size come from memory that is kept, of which so much may lie idle; both in bytes.
_LARGEST, _KEPT = 4 * 2**20, 32 * 2**20
_LARGEST_OF_STEPS = 2**30
_CHOSEN_BY_THE_USER = ("GLIBC_TUNABLES", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_")


@cache
def keep_freed_memory() -> bool:
    """Let this process keep up to 32 MB of freed memory; says whether it now does.

    glibc hands the memory of larger arrays back to the system when they are freed, and asks for it anew for the next
    ones. Preparing an image makes dozens of arrays of the size of the image, and a quarter of its time went into
    clearing their pages again and again. Other C libraries, and users who chose limits of their own, are left alone.
    """
    return _tell_glibc({_MMAP_THRESHOLD: _LARGEST, _TRIM_THRESHOLD: _KEPT}, unless=_CHOSEN_BY_THE_USER)


@cache
def keep_memory_of_steps() -> bool:
    """Let this process keep up to 2 GB of freed memory, for a training; says whether it now does.

    Each step frees the maps of every layer, of megabytes each, and the next one asks for the same again: a seventh of
    the time of EfficientNet-Lite0 went into clearing their pages. What is held at the same time stays the same.
    """
    # That call comes first, for it would take this one back if it were made later for the first time.
    return keep_freed_memory() and _tell_glibc(
        {_MMAP_THRESHOLD: _LARGEST_OF_STEPS, _TRIM_THRESHOLD: 2**31 - 1}, unless=_CHOSEN_BY_THE_USER
    )


@cache
def share_one_heap() -> bool:
    """Let the threads of this process share one heap; says whether they now do. Call it before they begin.

    glibc gives up to eight heaps to each processor. Each keeps what its threads freed, and only the first hands it all
    back: a server of dozens of threads grows by a tenth in its first minute, and by some megabytes at a time later,
    without holding more.
    """
    return _tell_glibc({_ARENAS: 1}, unless=("GLIBC_TUNABLES", "MALLOC_ARENA_MAX"))


def give_back_freed_memory() -> bool:
    """Hand memory that was freed back to the system; says whether there was any.

    glibc keeps freed pages between others that are in use, and a process that assesses images for days, or loads models
    anew for each, grows by a few kilobytes each time without holding more. Call it between two pieces of work: it takes
    milliseconds, and the pages that come next are made anew.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        return bool(ctypes.CDLL(None).malloc_trim(0))
    except (OSError, AttributeError):
        return False


def _tell_glibc(options: dict[int, int], *, unless: tuple[str, ...]) -> bool:
    """Set options of malloc; not in another C library, nor where the user has set one of these variables."""
    if not sys.platform.startswith("linux") or any(name in os.environ for name in unless):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return all(mallopt(name, value) for name, value in options.items())
