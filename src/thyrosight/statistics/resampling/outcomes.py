"""The predictions of one classifier for one division, in the form that means and differences over divisions take."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class DivisionOutcome:
    """Predictions of one classifier for the test part of one division.

    Attributes:
        truth: 0 and 1, one per image.
        score: the higher, the more likely 1.
        predicted: 0 and 1, at the operating point of this division.
        cluster: patient (or group of near-duplicates) of each image, the same name in every division.
    """

    truth: Sequence[int]
    score: Sequence[float]
    predicted: Sequence[int]
    cluster: Sequence[str]
