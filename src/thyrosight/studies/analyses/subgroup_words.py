"""Findings of tests between subgroups, in a sentence."""

from collections.abc import Sequence

from thyrosight.documents import Row, Table
from thyrosight.statistics import LEAST_GROUPS
from thyrosight.studies.analyses.subgroups import MEASURES


def interactions_words(table: Table | None, *, at_chance: bool = False) -> str:
    """Findings of the tests, in a sentence.

    Args:
        at_chance: whether the network cannot be told from guessing on all test images. Sensitivity and specificity of a
            subgroup then follow from how many of it are called malignant.
    """
    rows = [row for row in (() if table is None else table.rows) if isinstance(row.get("p_corrected"), float)]
    if not rows:
        return (
            f"No difference was tested: no two subgroups hold {LEAST_GROUPS} groups (patients) of each class."
            if table is None
            else "No difference between subgroups could be tested."
        )
    clear = [row for row in rows if float(str(row["p_corrected"])) < 0.05]
    by_calls = [row for row in clear if row["measure"] in (MEASURES["sensitivity"], MEASURES["specificity"])]
    if not at_chance or not by_calls:
        return _differences(clear)
    apart = [row for row in clear if row not in by_calls]
    return f"{_differences(apart)} {_GUESSING}" if apart else _GUESSING


_GUESSING = (
    "On all test images the network cannot be told from guessing: sensitivity or specificity differ between subgroups "
    "where it calls more nodules malignant, not where it does better."
)


def _differences(clear: Sequence[Row]) -> str:
    if not clear:
        return "After correction for the number of tests, no difference between subgroups was found."
    named = "; ".join(f"{row['measure']} by {str(row['property']).lower()}" for row in clear)
    return f"After correction for the number of tests, subgroups differ in: {named}."
