"""Lesions found and localised: FROC, AFROC and LROC analysis of marks."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.statistics.localisation.acceptance import accepted_lesions
    from thyrosight.statistics.localisation.comparison import LocalisationComparison, compare_localisation
    from thyrosight.statistics.localisation.curves import LocalisationCurve, localisation_curve
    from thyrosight.statistics.localisation.estimates import localisation_merit
    from thyrosight.statistics.localisation.froc import FrocCurve, froc_curve
    from thyrosight.statistics.localisation.marked import MarkedCases, marked_cases
    from thyrosight.statistics.localisation.readers import compare_localisation_readers
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "FrocCurve",
    "LocalisationComparison",
    "LocalisationCurve",
    "MarkedCases",
    "accepted_lesions",
    "compare_localisation",
    "compare_localisation_readers",
    "froc_curve",
    "localisation_curve",
    "localisation_merit",
    "marked_cases",
]
