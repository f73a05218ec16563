"""Sensitivity and specificity of several sites or studies, summarised."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.statistics.synthesis.counts import SiteCounts, count_sites
    from thyrosight.statistics.synthesis.summary import Hsroc, SiteSummary, summarise_sites
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "Hsroc",
    "SiteCounts",
    "SiteSummary",
    "count_sites",
    "summarise_sites",
]
