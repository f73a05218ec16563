"""Partial verification in tables and sentences."""

import numpy as np

from thyrosight.reports.verification_sections import verification_methods, verification_sections, verification_summary
from thyrosight.statistics import correct_verification

CELLS = [231, 32, 166, 27, 54, 140]
TRUTH, CALL = np.repeat([1, 0, np.nan, 1, 0, np.nan], CELLS), np.repeat([1, 1, 1, 0, 0, 0], CELLS)


def test_counts_assumption_and_both_rates_are_shown() -> None:
    found = correct_verification(TRUTH, CALL)
    counts, rates = verification_sections(found)
    assert [row["n"] for row in counts.rows] == CELLS
    assert counts.rows[2]["quantity"] == "called positive: not verified"
    assert rates.rows[0]["value"] == found.sensitivity.value and found.assumption in rates.notes
    assert "344 of 650 nodules were verified" in verification_summary(found)


def test_methods_name_the_interval() -> None:
    assert "delta method" in verification_methods(correct_verification(TRUTH, CALL))
    drawn = correct_verification(TRUTH, CALL, interval="bootstrap", replicates=50)
    assert "[efron1993]" in verification_methods(drawn)
