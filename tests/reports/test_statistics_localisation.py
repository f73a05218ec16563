"""Sentences, tables and figures of an answer on lesions found."""

import numpy as np
import pytest

from thyrosight.documents.drawings import Lines
from thyrosight.documents.references import citations
from thyrosight.reports import statistics_localisation as say
from thyrosight.statistics import MarkedCases, compare_localisation, froc_curve, marked_cases


@pytest.fixture
def marked() -> dict[str, MarkedCases]:
    rng = np.random.default_rng(2)
    case = [f"c{number:02}" for number in range(40)]
    lesion = ["1" if number % 2 else None for number in range(40)]
    return {
        name: marked_cases(
            {"case": case, "lesion": lesion, "confidence": rng.normal(size=40) + shift * (np.arange(40) % 2)},
            {"case": case, "lesion": lesion},
        )
        for name, shift in (("network", 1.5), ("reader", 0.5))
    }


def test_sentences_tables_and_figures_hold_the_same_numbers(marked: dict[str, MarkedCases]) -> None:
    curves = {name: froc_curve(one, rates=[0.1, 0.4], replicates=100) for name, one in marked.items()}
    merits = say.merits_of(marked, "wafroc", confidence=0.95)
    pairs = {("network", "reader"): compare_localisation(*marked.values())}
    value = merits["network"]["wafroc"].value
    summary = say.froc_summary(marked, curves, merits, pairs, "wafroc")
    assert summary.startswith("20 lesions in 40 cases. Sensitivity of network")
    assert f"at 0.4 false marks per case, wAFROC {value:.3f}" in summary and "network - reader" in summary
    at_rates, areas, differences = say.froc_tables(marked, curves, merits, pairs, "wafroc")
    assert [row["quantity"] for row in at_rates.rows] == [
        "network, at 0.1 false per case", "network, at 0.4 false per case", "network, CPM",
        "reader, at 0.1 false per case", "reader, at 0.4 false per case", "reader, CPM",
    ]  # fmt: skip
    assert areas.rows[0]["value"] == value
    assert differences.rows[0]["p"] == pairs["network", "reader"].p
    froc, area = say.froc_figures(curves, marked, merits)
    assert isinstance(froc.drawing, Lines) and isinstance(area.drawing, Lines)
    panel = froc.drawing.panels[0]
    assert not panel.whole and panel.curves[0].x[-1] == curves["network"].false_per_case[-1]
    heights = dict(zip(panel.curves[0].x, panel.curves[0].y, strict=True))
    assert all(
        heights[x] == pytest.approx(max(curves["network"].sensitivity[curves["network"].false_per_case == x]))
        for x in heights
    )
    assert f"network: {value:.3f}" in area.drawing.panels[0].curves[0].name


def test_methods_cite_what_was_done(marked: dict[str, MarkedCases]) -> None:
    curves = {"network": froc_curve(marked["network"], replicates=50)}
    text = say.froc_methods(curves, {}, rule="a lesion whose box holds the mark's centre", metric="lroc")
    assert citations(text) == ["swensson1996", "bunch1978", "niemeijer2011", "efron1993"]
    assert "Cases were taken as independent." in text and "over cases" in text
    for metric in ("wafroc", "afroc1", "lroc", "pcl", "cpm", "sensitivity"):
        citations(say.acceptance_methods("the lesion that the table names", metric))
