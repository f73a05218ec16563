"""Whether a new model moves patients to the right risk: reclassification tables, NRI and IDI."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.statistics.reclassification.improvement import (
        NetReclassification,
        Reclassification,
        compare_risks,
    )
    from thyrosight.statistics.reclassification.tables import ReclassificationTable, reclassification_table
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "NetReclassification",
    "Reclassification",
    "ReclassificationTable",
    "compare_risks",
    "reclassification_table",
]
