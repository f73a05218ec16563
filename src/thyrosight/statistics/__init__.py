"""Statistics for diagnostic studies: pure functions on arrays."""

from thyrosight.statistics.estimate import Estimate
from thyrosight.statistics.proportions import proportion_interval

__all__ = ["Estimate", "proportion_interval"]
