"""Which diagnoses of a cohort count as confirmed; written and checked without tables."""

from typing import Literal

from thyrosight.parts import Part


class ReferenceOptions(Part):
    """Which diagnoses count as confirmed. Columns that the cohort does not have are not asked for."""

    rule: Literal["if recorded", "required", "none"] = "if recorded"
    """`if recorded`: where the cohort has one of the columns, nodules without a confirmed diagnosis are left out;
    `required` refuses a cohort without them; `none` takes the labels as they are."""
    surgery: str = "surgery"
    """Column with the histology of the surgical specimen: benign, malignant, or empty where there was no surgery."""
    bethesda: str = "bethesda"
    """Column with the Bethesda category, I to VI or 1 to 6; II is benign, VI malignant, all others are unconfirmed."""
