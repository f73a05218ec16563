"""Parts of curves in tables and sentences."""

import numpy as np

from thyrosight.reports.curve_sections import part_differences, part_differences_summary, parts_methods, parts_section
from thyrosight.statistics import compare_sensitivity_at_specificity, partial_auc, sensitivity_at_specificity

TRUTH = np.arange(60) % 2
SCORE = TRUTH + np.random.default_rng(0).normal(size=60)


def _parts() -> dict:
    area = partial_auc(TRUTH, SCORE, specificity=(0.8, 1), replicates=50)
    rate = sensitivity_at_specificity(TRUTH, SCORE, replicates=50)
    return {"partial AUC over specificity 0.8 to 1": area.raw, "sensitivity at specificity 0.9": rate}


def test_scores_are_named_where_there_are_several() -> None:
    one, two = parts_section({"x": _parts()}), parts_section({"x": _parts(), "y": _parts()})
    assert [row["quantity"] for row in one.rows] == list(_parts())
    assert two.rows[3]["quantity"] == "y: sensitivity at specificity 0.9"


def test_differences_are_signed_and_their_test_is_named() -> None:
    pair = compare_sensitivity_at_specificity(TRUTH, SCORE, -SCORE, replicates=50)
    table = part_differences({("x", "y"): [pair]})
    assert table.rows[0]["quantity"] == "sensitivity at specificity 0.9, x - y"
    assert table.rows[0]["value"] == pair.difference > 0
    assert f"of x {pair.a.value:.3f}, of y {pair.b.value:.3f}" in part_differences_summary({("x", "y"): [pair]})


def test_methods_name_only_what_was_done() -> None:
    rates = {"x": {"sensitivity at specificity 0.9": _parts()["sensitivity at specificity 0.9"]}}
    said = parts_methods(rates, replicates=50, compared=False)
    assert "[mcclish1989]" not in said and "50 bootstrap samples of nodules" in said and "tested" not in said
    assert "[mcclish1989]" in parts_methods({"x": _parts()}, replicates=50, compared=True)
