"""Ordered risk categories: risk per category, trend, and comparison of two systems."""

from thyrosight.statistics.categories.comparison import CategorisationComparison, compare_categorisations
from thyrosight.statistics.categories.ordering import Categorisation, categorisation

__all__ = [
    "Categorisation",
    "CategorisationComparison",
    "categorisation",
    "compare_categorisations",
]
