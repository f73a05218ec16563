"""The answer on regression: names, few events and the way the model was fitted."""

import numpy as np

from thyrosight.reports import statistics_regression as say
from thyrosight.reports.figures import draw
from thyrosight.statistics import logistic_regression

RNG = np.random.default_rng(3)
AGE = RNG.normal(50, 10, 60)
SEX = np.where(RNG.random(60) < 0.5, "f", "m")
TRUTH = (RNG.random(60) < 0.3).astype(int)


def test_rows_name_levels_and_few_events_are_said() -> None:
    both = logistic_regression(TRUTH, {"age": AGE, "sex": SEX})
    alone = {"age": logistic_regression(TRUTH, {"age": AGE}), "sex": logistic_regression(TRUTH, {"sex": SEX})}
    each, together = say.regression_tables(alone, both)
    assert [row["quantity"] for row in each.rows] == ["age", "sex: m against f"]
    assert together.rows[1]["value"] == both.odds_ratios[1].estimate.value
    assert any("fewer than 10 each" in note for note in together.notes) == (min(both.events, 60 - both.events) < 20)
    assert draw(say.regression_figure(alone, both).drawing).axes[0].get_xscale() == "log"
    assert f"{both.events} events in 60 cases" in say.regression_summary(both)


def test_methods_name_the_fit() -> None:
    plain = logistic_regression(TRUTH, {"age": AGE})
    firth = logistic_regression(TRUTH, {"age": AGE}, penalty="firth")
    gee = logistic_regression(TRUTH, {"age": AGE}, cluster=np.arange(60) // 2, correlation="exchangeable")
    assert "maximum likelihood" in say.regression_methods(plain)
    assert "[firth1993]" in say.regression_methods(firth) and "[liang1986]" not in say.regression_methods(firth)
    assert "exchangeable" in say.regression_methods(gee) and "30 patients" in say.regression_summary(gee)
    assert any("fewer than 40" in note for note in say.regression_tables({"age": gee}, gee)[1].notes)
