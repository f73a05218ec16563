"""Networks that give all images about the same risk: what they judged most wrongly cannot be told."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

LEAST_RANGE = 0.01
"""Risks that differ by less, from the lowest to the highest, are printed alike."""


def one_risk(parts: Iterable["pd.Series[Any]"], *, title: str) -> str:
    """The sentence that says so; empty where the risks of one part differ.

    Args:
        parts: risks of the test part of each division.
        title: of the network.

    >>> one_risk([pd.Series([0.55, 0.551]), pd.Series([0.4, 0.4])], title="Tiny CNN")
    'Tiny CNN gave all images of a test part about the same risk (0.40 to 0.55): which of them it judged most wrongly
    cannot be told, so that none is shown.'
    >>> one_risk([pd.Series([0.2, 0.9])], title="Tiny CNN")
    ''
    """
    known = [part for part in parts if len(part)]
    if not known or any(part.max() - part.min() >= LEAST_RANGE for part in known):
        return ""
    low, high = min(part.min() for part in known), max(part.max() for part in known)
    return (
        f"{title} gave all images of a test part about the same risk ({low:.2f} to {high:.2f}): which of them it "
        "judged most wrongly cannot be told, so that none is shown."
    )
