"""Statistics for diagnostic studies: pure functions on arrays."""

from thyrosight.statistics.estimate import Estimate

__all__ = ["Estimate"]
