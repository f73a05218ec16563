"""Frames with B-mode and elastogram become a cohort of pairs."""

from thyrosight.cohort.split_panels.options import SplitPanelsOptions
from thyrosight.cohort.split_panels.running import SplitPanelsResult, split_panels

__all__ = ["SplitPanelsOptions", "SplitPanelsResult", "split_panels"]
