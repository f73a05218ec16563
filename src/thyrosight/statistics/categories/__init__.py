"""Ordered risk categories: risk per category, trend, and comparison of two systems."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.statistics.categories.comparison import CategorisationComparison, compare_categorisations
    from thyrosight.statistics.categories.ordering import categorisation
    from thyrosight.statistics.categories.results import Categorisation
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "Categorisation",
    "CategorisationComparison",
    "categorisation",
    "compare_categorisations",
]
