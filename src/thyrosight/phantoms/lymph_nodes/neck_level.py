"""The place of a simulated lymph node, with frequencies by label from Table 2 of Zhao et al., Front Oncol 2023."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

PLACES: Final[tuple[tuple[str, str], ...]] = (
    ("I", "right"),
    ("I", "left"),
    ("II", "right"),
    ("II", "left"),
    ("III", "right"),
    ("III", "left"),
    ("IV", "right"),
    ("IV", "left"),
    ("V", "right"),
    ("V", "left"),
    ("VI", "right"),
    ("VI", "left"),
    ("VII", "middle"),
)
"""Neck level and side."""

COUNTS: Final[dict[str, tuple[int, ...]]] = {
    "malignant": (5, 0, 74, 60, 285, 263, 310, 273, 10, 11, 102, 105, 26),
    "benign": (9, 5, 100, 122, 272, 348, 184, 328, 44, 33, 35, 49, 6),
}
"""Nodes at each of `PLACES` in Table 2; they sum to the 1524 malignant and 1535 benign nodes of the paper."""


def place_shares(label: str) -> NDArray[np.float64]:
    """Frequency of each of `PLACES` for nodes with that label."""
    counts = np.array(COUNTS[label], dtype=float)
    return np.asarray(counts / counts.sum())


def draw_place(random: np.random.Generator, *, label: str) -> tuple[str, str]:
    """Draw neck level (I to VII) and side (left, right; middle for level VII) of a node with that label."""
    return PLACES[int(random.choice(len(PLACES), p=place_shares(label)))]
