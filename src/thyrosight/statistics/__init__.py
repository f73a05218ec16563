"""Statistics for diagnostic studies: pure functions on arrays."""

from thyrosight.statistics.estimate import Estimate
from thyrosight.statistics.proportions import gee_proportion, proportion_interval

__all__ = ["Estimate", "gee_proportion", "proportion_interval"]
