"""How fast phantoms are drawn and written: `python benchmarks/bench_phantoms.py [IMAGES]`.

Images per second of processor time, so that other programs and the number of cores do not count; then images per second
by the clock with one process on each core.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from thyrosight.phantoms import make_elastography_cohort, make_lymph_node_cohort, make_phantom_cohort

FAMILIES: dict[str, Callable[..., Path]] = {
    "thyroid nodules": make_phantom_cohort,
    "lymph nodes": make_lymph_node_cohort,
    "pairs of B-mode and elastogram": make_elastography_cohort,
}


def main(images: int) -> None:
    print(f"{images} images of each kind; images per second")
    for name, make in FAMILIES.items():
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder) / "warm", n=2, seed=1)
            start = time.process_time()
            make(Path(folder) / "one", n=images, seed=1)
            one = images / (time.process_time() - start)
            start = time.perf_counter()
            make(Path(folder) / "several", n=images, seed=1, workers=2)
            print(f"  {name:32} {one:5.1f} per core, {images / (time.perf_counter() - start):5.1f} with two processes")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
