"""From frames with B-mode and elastogram to a cohort of pairs."""

from thyrosight.cohort.split_panels.options import SplitPanelsOptions
from thyrosight.cohort.split_panels.running import SplitPanelsResult, split_panels

__all__ = ["SplitPanelsOptions", "SplitPanelsResult", "split_panels"]
