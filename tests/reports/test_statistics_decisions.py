"""The answers on decisions and reclassification: rows, cells and curves hold what was found."""

import numpy as np

from thyrosight.reports import statistics_decisions as say
from thyrosight.reports.figures import draw
from thyrosight.statistics import biopsies_avoided, compare_net_benefit, compare_risks, decision_curve

RNG = np.random.default_rng(2)
OLD = RNG.uniform(0.05, 0.95, 120)
NEW = np.clip(OLD + RNG.normal(0, 0.2, 120), 0, 1)
TRUTH = (RNG.random(120) < OLD).astype(int)


def test_decisions_hold_every_threshold_and_score() -> None:
    curves = {name: decision_curve(TRUTH, risk, [0.1, 0.3]) for name, risk in (("new", NEW), ("old", OLD))}
    pair = compare_net_benefit(TRUTH, NEW, OLD, [0.1, 0.3])
    avoided = {name: biopsies_avoided(TRUTH, risk, replicates=20) for name, risk in (("new", NEW), ("old", OLD))}
    benefit, differences, spared, biopsies = say.decision_tables(curves, pair, avoided)
    rows = {row["quantity"]: row["value"] for row in benefit.rows}
    assert rows["0.3, old"] == curves["old"].points[1].model.value
    assert rows["0.1, act on all"] == curves["new"].points[0].treat_all.value
    assert differences.rows[1]["value"] == pair[1].difference.value
    assert len(spared.rows) == 4 and len(biopsies.rows) == 6
    lines = draw(say.decision_figure(curves).drawing).axes[0].lines
    assert any(np.allclose(line.get_ydata(), [p.model.value for p in curves["old"].points]) for line in lines)


def test_reclassification_holds_components_and_cells() -> None:
    found = compare_risks(TRUTH, NEW, OLD, thresholds=[0.3], replicates=50)
    benefit, measures, events, nonevents = say.reclassification_tables(found)
    rows = {str(row["quantity"]).strip(): row["value"] for row in measures.rows}
    assert rows["categorical NRI, events"] == found.categorical.events.value  # type: ignore[union-attr]
    assert rows["IDI, non-events"] == found.idi_nonevents.value
    assert benefit.rows[0]["value"] == found.net_benefit[0].difference.value
    assert events.rows[0]["new_1"] == found.table.events[0][1]  # type: ignore[union-attr]
    assert nonevents.rows[1]["new_0"] == found.table.nonevents[1][0]  # type: ignore[union-attr]
    assert "[vickers2006]" in say.reclassification_methods(found)
    assert len(draw(say.reclassification_figure(found).drawing).axes) == 2
