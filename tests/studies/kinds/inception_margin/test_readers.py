"""Radiologists beside the network: calls at a cut-off that the test part had no say in."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from thyrosight.studies import Result

ORDER = ("2", "3", "4a", "4b", "4c", "5")


def parts(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Images that are not tested, and tested ones, with the rank of the recorded category."""
    table = pd.read_csv(folder / "cohort.csv", dtype=str)
    division = json.loads((folder / "splits.json").read_text(encoding="utf-8"))["divisions"][0]
    ranked = table.assign(rank=table["tirads"].map(ORDER.index), truth=(table["label"] == "malignant").astype(int))
    tested = ranked["group"].isin(division["test"])
    return ranked[~tested], ranked[tested]


def youden(rows: pd.DataFrame) -> int:
    """The lowest of the ranks with the largest sum of sensitivity and specificity."""
    truth = rows["truth"] == 1
    return max(
        sorted(rows["rank"].unique()),
        key=lambda cut: (rows["rank"] >= cut)[truth].mean() + (rows["rank"] < cut)[~truth].mean(),
    )


def test_the_cut_off_comes_from_images_that_are_not_tested(margin_study: tuple[Result, Path]) -> None:
    result, folder = margin_study
    rest, tested = parts(folder)
    row = result.table("readers").row(rater="reader")
    cut, truth = youden(rest), tested["truth"] == 1
    assert row["title"] == "Recorded TI-RADS" and row["images"] == len(tested)
    assert str(row["cut_off"]).split(" ")[1] == ORDER[cut]
    called = tested["rank"] >= cut
    expected = {"sensitivity": called[truth].mean(), "specificity": (~called)[~truth].mean()}
    expected["accuracy"] = (called == truth).mean()
    for name, value in expected.items():
        found = row[name]
        assert found.value == pytest.approx(value), name  # type: ignore[union-attr]
        assert found.low <= value <= found.high  # type: ignore[union-attr,operator]


def test_the_difference_is_network_minus_reader(margin_study: tuple[Result, Path]) -> None:
    table = margin_study[0].table("readers")
    network, reader = (table.row(rater=rater) for rater in ("network", "reader"))
    assert network["auc"] == table.rows[0]["auc"] == margin_study[0].table("table-1").row(margin=10.0)["auc"]
    for name in ("auc", "accuracy"):
        difference = network[name].value - reader[name].value  # type: ignore[union-attr,operator]
        assert reader[f"delta_{name}"].value == pytest.approx(difference)  # type: ignore[union-attr]
    assert np.isfinite(reader["auc"].value)  # type: ignore[union-attr,arg-type]


def test_the_papers_radiologists_stand_beside(margin_study: tuple[Result, Path]) -> None:
    table = margin_study[0].table("readers-published")
    printed = {row["title"]: row["printed"] for row in table.rows}
    assert printed["Recorded TI-RADS: Sensitivity, %"] == "84.7"
    assert printed["Recorded TI-RADS: Specificity, %"] == "97.9"
    assert printed["Tiny CNN: Sensitivity, %"] == "93.3"


def test_the_key_result_states_intervals(margin_study: tuple[Result, Path]) -> None:
    """Sensitivity and specificity of 17 nodules stood there bare."""
    result = margin_study[0]
    row = result.table("readers").row(rater="reader")
    for name in ("sensitivity", "specificity"):
        value, low, high = (round(100 * getattr(row[name], part)) for part in ("value", "low", "high"))
        assert f"{name} {value} % (95 % interval {low} to {high})" in result.document.key_result
