"""Words on subgroups: no merit of one where the network guesses, and no test where there was none."""

import pandas as pd

from thyrosight.statistics import LEAST_GROUPS
from thyrosight.studies.analyses.subgroup_words import interactions_words
from thyrosight.studies.analyses.subgroups import Property, interactions_table

DEVICE = Property("Device", pd.Series(pd.Categorical(["X", "Y"] * 120), index=[str(n) for n in range(240)]))


def rows(risk: list[float]) -> pd.DataFrame:
    found = pd.DataFrame({"key": [str(n) for n in range(240)], "truth": [0, 0, 1, 1] * 60, "risk": risk})
    return found.assign(predicted=(found["risk"] > 0.5).astype(int), group=found["key"])


def test_sensitivity_of_a_network_at_chance_is_no_merit_of_a_subgroup() -> None:
    """It differs where more are called malignant, and was told as doing better there."""
    table = interactions_table([DEVICE], rows([0.2, 0.8] * 120), None)
    assert "Sensitivity by device; Specificity by device" in interactions_words(table)
    said = interactions_words(table, at_chance=True)
    assert "Sensitivity by" not in said and said.endswith("malignant, not where it does better.")
    alike = interactions_table([DEVICE], rows([0.2, 0.2, 0.2, 0.2, 0.8, 0.8, 0.8, 0.8] * 30), None)
    assert interactions_words(alike, at_chance=True) == interactions_words(alike)


def test_no_test_is_told_as_none() -> None:
    """Where all calls are alike, P was said to be corrected over 0 tests, and no difference to have been found."""
    table = interactions_table([DEVICE], rows([0.2, 0.3] * 120).assign(risk=0.2), None)
    assert table is not None
    assert [row["measure"] for row in table.rows if row["p"] is None][-2:] == ["Sensitivity", "Specificity"]
    constant = table.model_copy(update={"rows": tuple(row for row in table.rows if row["p"] is None)})
    assert interactions_words(constant) == "No difference between subgroups could be tested."
    assert interactions_words(None).startswith(f"No difference was tested: no two subgroups hold {LEAST_GROUPS} groups")
