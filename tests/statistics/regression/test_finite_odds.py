"""Firth's penalty for separated columns alone: the others are what they are without the separated level."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from thyrosight.errors import StatisticsError
from thyrosight.statistics import LogisticRegression, OddsRatio, finite_odds_ratios, logistic_regression

# Guan et al., Ann Transl Med 2019, Table 3: wrong and right calls by margin; none of 25 irregular ones was wrong.
MARGINS = {
    "smooth": (17, 124), "extrathyroidal": (4, 45), "ill-defined": (15, 154), "irregular": (0, 25),
    "lobulated": (2, 13),
}  # fmt: skip


def margins() -> tuple[np.ndarray, np.ndarray]:
    level = np.repeat(list(MARGINS), [sum(pair) for pair in MARGINS.values()])
    return np.concatenate([np.repeat([1, 0], pair) for pair in MARGINS.values()]), level


def by_level(fit: LogisticRegression) -> dict[str | None, OddsRatio]:
    return {ratio.level: ratio for ratio in fit.odds_ratios}


def test_the_margins_of_the_paper() -> None:
    wrong, level = margins()
    fit = finite_odds_ratios(wrong, {"margin": level}, reference={"margin": "smooth"})
    found = {name: ratio.estimate for name, ratio in by_level(fit).items()}
    assert {name: round(e.value, 3) for name, e in found.items() if name != "irregular"} == {
        "extrathyroidal": 0.648, "ill-defined": 0.710, "lobulated": 1.122,
    }  # fmt: skip
    assert {name: e.method for name, e in found.items() if name != "irregular"} == dict.fromkeys(
        ["extrathyroidal", "ill-defined", "lobulated"], "logistic regression"
    )
    # Firth's estimate of a saturated table adds one half to each cell.
    assert found["irregular"].value == pytest.approx(0.5 * 124.5 / (25.5 * 17.5), rel=1e-3)
    assert "Firth" in found["irregular"].method
    assert fit.separated == ("margin: irregular against smooth",)
    assert fit.note == "Perfect separation, so by Firth's penalty: margin: irregular against smooth."


def test_without_separation_nothing_changes() -> None:
    generator = np.random.default_rng(1)
    outcome, x = generator.integers(0, 2, 60), generator.normal(size=60)
    patient = np.arange(60) // 2
    assert finite_odds_ratios(outcome, {"x": x}) == logistic_regression(outcome, {"x": x})
    gee = finite_odds_ratios(outcome, {"x": x}, cluster=patient)
    assert gee.odds_ratios == logistic_regression(outcome, {"x": x}, cluster=patient).odds_ratios


@pytest.mark.parametrize("reference", [None, {"margin": "lobulated"}])
def test_with_clusters_the_others_are_the_gee_without_the_separated_level(reference: dict[str, str] | None) -> None:
    wrong, level = margins()
    patient = np.random.default_rng(2).integers(0, 200, wrong.size)
    fit = finite_odds_ratios(wrong, {"margin": level}, reference=reference, cluster=patient)
    kept = level != "irregular"
    gee = logistic_regression(wrong[kept], {"margin": level[kept]}, reference=reference, cluster=patient[kept])
    found = by_level(fit)
    assert {name: found[name] for name in by_level(gee)} == by_level(gee)
    assert "Firth" in found["irregular"].estimate.method
    assert np.isfinite([ratio.estimate.high for ratio in fit.odds_ratios]).all()


def test_a_separated_reference_leaves_nothing_to_the_gee() -> None:
    wrong, level = margins()
    fit = finite_odds_ratios(
        wrong, {"margin": level}, reference={"margin": "irregular"}, cluster=np.arange(wrong.size) // 2
    )
    assert {ratio.estimate.method for ratio in fit.odds_ratios} == {
        "logistic regression with Firth's penalty, profile likelihood"
    }


def test_columns_that_allow_no_gee_say_so() -> None:
    # Every image is of one patient: no variance between patients.
    wrong, level = margins()
    fit = finite_odds_ratios(wrong, {"margin": level}, cluster=np.zeros(wrong.size))
    assert "The others allow no GEE and take observations as independent:" in fit.note
    assert by_level(fit)["lobulated"].estimate.method == "logistic regression"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 12), min_size=4, max_size=4), st.integers(1, 12))
@example([1, 10, 1, 1], 3)  # no error in three, and an odds ratio of 1
def test_the_number_of_separated_observations_leaves_the_others_as_they_are(cells: list[int], n: int) -> None:
    wrong = np.concatenate([np.repeat([1, 0, 1, 0], cells), np.zeros(n, dtype=int)])
    level = np.concatenate([np.repeat(["a", "a", "b", "b"], cells), np.repeat("c", n)])
    ratio = by_level(finite_odds_ratios(wrong, {"level": level}, reference={"level": "a"}))
    assert ratio["b"].estimate.value == pytest.approx(cells[2] * cells[1] / cells[3] / cells[0], rel=1e-5)
    # One half is added to each cell where every level has a rate of its own (Firth, Biometrika 1993;80:27).
    firth = (0.5 / (n + 0.5)) / ((cells[0] + 0.5) / (cells[1] + 0.5))
    assert ratio["c"].estimate.value == pytest.approx(firth, rel=1e-5)


def test_bad_input_is_refused_as_by_the_plain_regression() -> None:
    with pytest.raises(StatisticsError, match="same value everywhere"):
        finite_odds_ratios([0, 1, 0, 1], {"x": [1, 1, 1, 1]})
    with pytest.raises(StatisticsError, match="no level 'z'"):
        finite_odds_ratios([0, 1, 0, 1], {"x": ["a", "b", "a", "b"]}, reference={"x": "z"})
