"""How many phantoms are drawn and written per second of processor time, 40 of each kind."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benches.row import Row
from thyrosight.phantoms import make_elastography_cohort, make_lymph_node_cohort, make_phantom_cohort

IMAGES, AIM = 40, 20.0
FAMILIES: dict[str, Callable[..., Path]] = {
    "thyroid nodules": make_phantom_cohort,
    "lymph nodes": make_lymph_node_cohort,
    "pairs of B-mode and elastogram": make_elastography_cohort,
}


def rows() -> list[Row]:
    """Measure each kind."""
    found = []
    for name, make in FAMILIES.items():
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder) / "warm", n=2, seed=1)
            start = time.process_time()
            make(Path(folder) / "one", n=IMAGES, seed=1)
            rate = IMAGES / (time.process_time() - start)
        aim = AIM if make is make_phantom_cohort else None
        found.append(Row(f"phantoms of {name}", rate, "images/s", "none known", limit=aim))
    return found
