"""Differences in agreement between arms, from the exported readings."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.studies.kinds.reader_study.test_report import ARMS, parts
from thyrosight.statistics import fleiss_kappa
from thyrosight.studies import Result


def test_arms_differ_in_agreement_by_what_their_coefficients_differ_by(study: tuple[Result, Path]) -> None:
    """On complete readings; the bootstrap by patients, written anew for the action."""
    both = study[0].table("agreement")
    for row in study[0].table("agreement-differences").rows:
        key = {"Fleiss' kappa": "kappa", "Krippendorff's alpha": "alpha", "ICC": "icc"}[str(row["coefficient"])]
        first, second = (parts(both.row(answer=row["answer"], arm=arm)[key])[0] for arm in ARMS)
        value, low, high = parts(row["difference"])
        assert value == pytest.approx(second - first)  # type: ignore[operator]
        assert low <= value <= high  # type: ignore[operator]


def test_the_interval_of_a_difference_in_agreement_keeps_patients_and_arms_together(
    study: tuple[Result, Path], table: pd.DataFrame
) -> None:
    first, second = (table[table["arm"] == arm].pivot(index="case", columns="reader", values="biopsy") for arm in ARMS)
    cluster = table.groupby("case")["cluster"].first().reindex(first.index)
    of_patient = [np.flatnonzero(cluster == name) for name in cluster.unique()]
    generator = np.random.default_rng(3)
    drawn = []
    for _ in range(200):
        rows = np.concatenate([of_patient[one] for one in generator.integers(len(of_patient), size=len(of_patient))])
        drawn.append(fleiss_kappa(second.to_numpy()[rows]).value - fleiss_kappa(first.to_numpy()[rows]).value)
    _, low, high = parts(study[0].table("agreement-differences").row(answer="Action")["difference"])
    assert high - low == pytest.approx(2 * 1.96 * np.std(drawn), rel=0.25)  # type: ignore[operator]
