"""Freed memory is used again, where the C library lets itself be told so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from thyrosight.memory import give_back_freed_memory, keep_freed_memory

COUNT = """
import resource, sys
import numpy as np
sys.path[:0] = {path!r}
from thyrosight.memory import keep_freed_memory, keep_memory_of_steps
assert {keep}() == {kept}
keep_freed_memory()  # takes back nothing of what was chosen before
def work():
    for _ in range({times}):
        np.ones({length}, np.uint8)
work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    work()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(environment: dict[str, str], keep: str, *, kept: bool, length: int = 300_000) -> int:
    """Pages that the system had to make while arrays were made and freed, in a process of its own."""
    program = COUNT.format(path=sys.path, keep=keep, kept=kept, length=length, times=15_000_000 // length)
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(not Path("/proc/self").exists() or not keep_freed_memory(), reason="needs glibc")
def test_pages_are_not_made_again() -> None:
    own = dict(os.environ)
    chosen = own | {"MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}
    as_ever, kept = (
        faults(chosen, "keep_freed_memory", kept=False),
        faults(own, "keep_freed_memory", kept=True),
    )
    assert as_ever > 10_000  # 73 pages for each array
    assert kept < as_ever / 10


@pytest.mark.skipif(not Path("/proc/self").exists() or not keep_freed_memory(), reason="needs glibc")
def test_pages_of_a_training_step_are_not_made_again() -> None:
    own = dict(os.environ)
    as_images, as_steps = (
        faults(own, keep, kept=True, length=7_500_000) for keep in ("keep_freed_memory", "keep_memory_of_steps")
    )
    assert as_images > 10_000  # 1,831 pages for each array, which is larger than those of images
    assert as_steps < as_images / 10


HEAPS = """
import sys, threading
sys.path[:0] = {path!r}
from thyrosight.memory import share_one_heap
assert share_one_heap() == {shared}
ready = threading.Barrier(13)
def work():
    kept = [bytearray(3_000) for _ in range(200)]
    ready.wait()
threads = [threading.Thread(target=work) for _ in range(12)]
for thread in threads:
    thread.start()
ready.wait()
for thread in threads:
    thread.join()
import ctypes, io, os, tempfile
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
libc.fclose.argtypes = [ctypes.c_void_p]
name = tempfile.mktemp()
stream = libc.fopen(name.encode(), b"w")
libc.malloc_info(0, stream)
libc.fclose(stream)
print(open(name).read().count("<heap nr="))
os.unlink(name)
"""


@pytest.mark.skipif(not Path("/proc/self").exists() or not keep_freed_memory(), reason="needs glibc")
def test_threads_share_one_heap() -> None:
    def heaps(environment: dict[str, str], *, shared: bool) -> int:
        program = HEAPS.format(path=sys.path, shared=shared)
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        return int(done.stdout)

    assert heaps(dict(os.environ), shared=True) == 1
    assert heaps({**os.environ, "MALLOC_ARENA_MAX": "8"}, shared=False) > 2


@pytest.mark.skipif(not Path("/proc/self/statm").exists() or not keep_freed_memory(), reason="needs glibc")
def test_freed_memory_between_other_memory_is_given_back() -> None:
    def held() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    blocks = [bytes(20_000) for _ in range(5_000)]
    before = held()
    del blocks[::2]  # 50 MB, of which at least three of five pages each are whole
    assert before - held() < 10_000_000
    assert give_back_freed_memory()
    assert before - held() > 25_000_000
    assert len(blocks) == 2_500
