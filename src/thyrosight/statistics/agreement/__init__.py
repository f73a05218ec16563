"""Agreement between readers, measurements and outlines."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.statistics.agreement.kappa import cohen_kappa, fleiss_kappa, gwet_coefficient
    from thyrosight.statistics.agreement.masks import Overlap, overlap
    from thyrosight.statistics.agreement.measurements import BlandAltman, bland_altman, intraclass_correlation
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "BlandAltman",
    "Overlap",
    "bland_altman",
    "cohen_kappa",
    "fleiss_kappa",
    "gwet_coefficient",
    "intraclass_correlation",
    "overlap",
]
