"""Conclusions from few patients, ties and small differences, in every part of a study that draws them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.studies.made_up import made_up_cohort
from thyrosight.cohort import Cohort, split_holdout
from thyrosight.documents import Column, Measure, Table, section
from thyrosight.statistics import LEAST_GROUPS, DifferenceOverDivisions, DivisionOutcome
from thyrosight.studies import load_recipe
from thyrosight.studies.analyses.calibration_figures import calibration_figure
from thyrosight.studies.analyses.curves import scores_figure
from thyrosight.studies.analyses.diagnosis import diagnose, differences, network_judgements
from thyrosight.studies.analyses.part_balance import balance_table
from thyrosight.studies.analyses.rater_figures import raters_figures
from thyrosight.studies.base import Evaluation
from thyrosight.studies.limitations import cohort_limitations, random_starts
from thyrosight.studies.measures import corrected, mean_measures, pooled_measures
from thyrosight.studies.page import _shortened, own_title
from thyrosight.studies.predictions import LEAST_VALIDATED, calibration_clause, judge
from thyrosight.studies.sentences import evaluation_words
from thyrosight.studies.verdicts import best_candidate, few_groups, tested_groups, verdict

OPTIONS = Evaluation(bootstrap=200)


def _tested(benign: int, malignant: int, *, wrong: int = 0) -> pd.DataFrame:
    """Two images of each patient; those of the first `wrong` patients of each class are judged wrongly."""
    truth = np.repeat([0, 1], [2 * benign, 2 * malignant])
    place = np.concatenate([np.repeat(np.arange(benign), 2), np.repeat(np.arange(malignant), 2)])
    called = np.where(place < wrong, 1 - truth, truth)
    risk = called * 0.5 + np.linspace(0.1, 0.4, truth.size)
    group = [f"{label}{number}" for label, number in zip(truth, place, strict=True)]
    return pd.DataFrame({"truth": truth, "predicted": called, "risk": risk, "group": group})


def _outcome(rows: pd.DataFrame) -> DivisionOutcome:
    return DivisionOutcome(
        rows["truth"].tolist(), rows["risk"].tolist(), rows["predicted"].tolist(), rows["group"].tolist()
    )


@pytest.mark.parametrize(("benign", "malignant"), [(6, 6), (12, 12)])
def test_a_perfect_result_is_not_certain_pooled_nor_averaged(benign: int, malignant: int) -> None:
    """A mean AUC of 1.0 (1.0-1.0) of 12 patients, and 1.00 (1.00-1.00), were printed before."""
    rows = _tested(benign, malignant)
    pooled = pooled_measures(rows, options=OPTIONS)
    means = mean_measures([_outcome(rows)] * 3, options=OPTIONS)
    for name, found in (*pooled.items(), *means.items()):
        assert found.value == 1 and found.high == 1, name
        assert found.low is not None and 0.4 < found.low < 0.9, name
    for name in ("auc", "recall", "specificity", "precision", "accuracy"):
        assert pooled[name].low == pytest.approx(means[name].low), "both tables of a report say the same"


def test_too_few_patients_have_exact_intervals_and_the_method_says_why() -> None:
    rows = _tested(6, 4, wrong=2)
    assert few_groups(rows) == ("6 benign and 4 malignant groups are too few (below 10) for a bootstrap or a P value")
    for found in pooled_measures(rows, options=OPTIONS).values():
        assert "6 benign and 4 malignant groups" in found.method and found.low < found.value < found.high  # type: ignore
    assert few_groups(_tested(10, 10)) == ""
    assert "bootstrap" in pooled_measures(_tested(10, 10, wrong=2), options=OPTIONS)["recall"].method


def test_every_bootstrap_draws_as_often_as_the_recipe_asks() -> None:
    """`evaluation.bootstrap` was ignored by pooled measures, which drew 2,000 times."""
    found = pooled_measures(_tested(12, 12, wrong=3), options=OPTIONS)
    assert "200 replicates" in found["recall"].method


def test_differences_without_a_p_value_stay_out_of_the_correction() -> None:
    nan = float("nan")
    values = [DifferenceOverDivisions(0.1, 0.0, 0.2, p, "method") for p in (0.01, nan, 0.04)]
    found = corrected(values, over="3 rows")
    assert [item.p for item in found] == [0.01, None, 0.04]
    assert [item.p_corrected for item in found] == [0.02, None, 0.04]
    assert "Holm" not in corrected(values[:1], over="1 row")[0].difference.method, "one test needs no correction"


def test_a_network_and_a_reader_are_not_tested_on_few_nodules() -> None:
    rows = _tested(8, 8, wrong=2)
    network = diagnose(network_judgements(rows), OPTIONS, threshold=0.5)
    other = diagnose(network_judgements(rows.assign(risk=rows["risk"][::-1].to_numpy())), OPTIONS, threshold=0.5)
    for name, found in differences(network, other, OPTIONS).items():
        assert found.p is None, name
        assert found.difference.low < found.difference.value < found.difference.high, name  # type: ignore[operator]


def test_a_difference_without_an_interval_has_no_verdict() -> None:
    assert verdict(None, OPTIONS) == verdict(Measure(value=0.3), OPTIONS) == "cannot be told"
    assert verdict(Measure(value=0.3, low=0.1, high=0.5), OPTIONS) == "better"
    assert verdict(Measure(value=0.0001, low=0.00001, high=0.0002), OPTIONS) == "practically equal"


def test_a_choice_among_equals_is_no_choice_and_few_patients_choose_nothing() -> None:
    """ "The validation part speaks for 0 pixels (0.569; the main choice has 0.569)" was told before."""
    rows = _tested(12, 12, wrong=6)
    twins = {name: [_outcome(rows)] for name in ("0 pixels", "50 pixels")}
    _, words = best_candidate(twins, options=OPTIONS, what="margins")
    assert words.startswith("The validation part cannot tell the margins apart")
    few = {name: [_outcome(_tested(3, 3))] for name in twins}
    assert best_candidate(few, options=OPTIONS, what="margins")[1] == (
        "The validation part cannot tell the margins apart: 3 benign and 3 malignant groups are too few (below 10) for "
        "a bootstrap or a P value."
    )
    better = twins | {"25 pixels": [_outcome(_tested(12, 12))]}
    assert "speaks for 25 pixels" in best_candidate(better, options=OPTIONS, what="margins")[1]


def _raw(validated: int) -> pd.DataFrame:
    rows = _tested(validated, validated, wrong=1)
    return pd.DataFrame(
        {"view": "plain", "part": "validation", "key": range(len(rows)), "group": rows["group"]}
        | {"label": np.where(rows["truth"], "malignant", "benign"), "truth": rows["truth"]}
        | {"probability": rows["risk"]}
    )


def test_few_validated_patients_calibrate_nothing() -> None:
    """Platt's scaling from two nodules put every nodule into one category."""
    judged = judge(_raw(LEAST_VALIDATED - 1), options=OPTIONS)
    assert not judged.chosen and judged.threshold == 0.5
    assert (judged.table["risk"] == judged.table["probability"]).all()
    judged = judge(_raw(LEAST_VALIDATED), options=OPTIONS)
    assert judged.chosen and not np.allclose(judged.table["risk"], judged.table["probability"])


def _said(cohort: Cohort, **parts: float) -> str:
    return " ".join(cohort_limitations(cohort, split_holdout(cohort, seed=1, repeats=2, **parts)))


def test_limitations_count_the_groups_of_each_part() -> None:
    """A cohort of 160 patients of whom 16 were tested had no word about few patients."""
    said = _said(made_up_cohort(400), test=0.05, validation=0.02)
    assert "Few groups in the smallest test part: 13 benign and 7 malignant" in said
    assert "Not calibrated where the validation part is too small" in said
    said = _said(made_up_cohort(40), test=0.2, validation=0.2)
    assert (
        "No P value and no bootstrap interval of anything that needs both classes:" in said
        and "groups are too few (below 10)" in said
    )
    said = _said(made_up_cohort(400), test=0.3, validation=0.2)
    assert "No P value" not in said and "A test part of fewer than" not in said


def test_limitations_say_of_which_groups_p_values_are() -> None:
    """Two test parts of few patients each bear a P value of their mean together, and none alone."""
    cohort = made_up_cohort(400)
    split = split_holdout(cohort, seed=1, repeats=2, test=0.05, validation=0.2)
    benign, malignant = (tested_groups(cohort, split)[label] for label in ("benign", "malignant"))
    assert min(benign, malignant) >= LEAST_GROUPS
    said = " ".join(cohort_limitations(cohort, split))
    assert f"count the {benign} benign and {malignant} malignant groups that all divisions test together" in said


@dataclass
class _Trained:
    """The part of `Network` that tells where it began."""

    trial: Any
    start: str


@dataclass
class _Trial:
    architecture: str
    weights: str = "imagenet-if-present"


def test_a_network_without_published_weights_misses_none_and_the_fix_is_named() -> None:
    names = {"Tiny CNN": "tiny", "ResNet-18": "resnet18"}
    networks: Mapping[str, Any] = {t: _Trained(_Trial(name), "random weights") for t, name in names.items()}
    tiny, resnet = random_starts(networks)
    assert tiny == "Tiny CNN: began from random weights, as there are no ImageNet weights for it."
    assert "thyrosight models --fetch resnet18" in resnet and "Tiny" not in resnet


@pytest.mark.parametrize(
    ("name", "networks", "title"),
    [
        ("inception-margin", "networks=[tiny]", "Thyroid nodules with Tiny CNN and crop margins"),
        ("inception-margin", "networks=[inception_v3]", "Thyroid nodules with Inception-v3 and crop margins"),
        ("resnet18-focal", "networks=[tiny, resnet18]", "Thyroid nodules with ResNet-18, focal loss and Grad-CAM"),
        ("elasticity-fusion-small", "seed=1", "B-mode images and elastograms with a small VGG16"),
        ("ynet-lymph-node", "seed=1", "Outline and class from one network, Y-Net"),
    ],
)
def test_a_title_names_a_network_that_runs(name: str, networks: str, title: str) -> None:
    assert own_title(load_recipe(name, settings=[networks])) == title


def test_a_corrected_p_value_that_repeats_the_plain_one_is_hidden() -> None:
    """P = 0.886 (= 0.886)."""
    shown = (Column(key="p", title="P", kind="p"), Column(key="p_corrected", title="corrected", kind="p", under="p"))
    rows = ({"p": 0.886, "p_corrected": 0.886}, {"p": 0.01, "p_corrected": 0.01})
    alone = Table(name="a", caption="A", columns=shown, rows=rows)
    several = alone.model_copy(update={"rows": ({"p": 0.4, "p_corrected": 0.8},)})
    hidden = [block.table.columns[1].hidden for block in _shortened(section("S", alone, several)).blocks]  # type: ignore
    assert hidden == [True, False]


def test_columns_that_no_row_has_are_hidden() -> None:
    """Five columns of dashes stood in a table without odds ratios."""
    shown = tuple(Column(key=key, title=key, kind="p") for key in ("a", "p", "q"))
    (block,) = _shortened(section("S", Table(name="a", caption="A", columns=shown, rows=({"p": None},)))).blocks
    assert [column.hidden for column in block.table.columns] == [False, False, True]  # type: ignore[union-attr]


def test_a_large_p_value_is_not_told_as_likeness() -> None:
    cohort = made_up_cohort(40)
    table = balance_table(cohort, split_holdout(cohort, test=0.3, validation=0.2, seed=1), {"label": "label"})
    assert "a large one does not say that they are alike" in table.notes[0]
    assert replace(cohort).table.equals(cohort.table)


@pytest.mark.parametrize(
    ("method", "malignant", "said"),
    [("platt", 6, "calibrated on the validation part"), ("none", 6, "not calibrated"), ("platt", 4, "not calibrated")],
)
def test_risks_are_called_calibrated_only_where_a_calibration_was_fitted(
    method: str, malignant: int, said: str
) -> None:
    """Axes and captions said so of every risk, whether or not the recipe calibrates and the validation part can."""
    parts = [_tested(6, malignant, wrong=2).assign(part=part) for part in ("validation", "test")]
    rows = pd.concat(parts, ignore_index=True).rename(columns={"risk": "probability"}).drop(columns="predicted")
    rows = rows.assign(key=rows.index.astype(str), label=rows["truth"].map({0: "benign", 1: "malignant"}), view="plain")
    judged = judge(rows, options=OPTIONS.model_copy(update={"calibration": method}))
    assert calibration_clause([judged]) == said
    network: Any = SimpleNamespace(judged=lambda: [judged])
    found: Any = SimpleNamespace(network=network, title="A", pooled_rows=judged.part("test"))
    figures = [
        scores_figure(found),
        calibration_figure(judged.part("test"), title="A", calibrated=said, options=OPTIONS),
        *raters_figures(judged.part("test"), [], {}, options=OPTIONS)[1:3],
    ]
    for figure in figures:
        words = f"{figure.caption} {figure.drawing.model_dump_json()}".lower()
        assert said in words
        assert ("calibrated on" in words.replace("perfectly calibrated", "")) == (said != "not calibrated")
        assert "calibrated risk" not in words


def test_divisions_that_calibrate_are_counted() -> None:
    judged: Any = [SimpleNamespace(calibrator=SimpleNamespace(method=method)) for method in ("platt", "none", "platt")]
    assert calibration_clause(judged) == "calibrated in 2 of 3 divisions"


def test_methods_do_not_call_risks_calibrated_that_are_not() -> None:
    own = {"calibration": "none", "operating_point": "youden", "confidence": 0.95}
    plain = evaluation_words(own, {})
    assert plain.startswith("risks as the networks gave them, not calibrated")
    small = evaluation_words(own | {"calibration": "platt"}, {"validation": {"benign": 9, "malignant": 4}})
    assert "on the validation part where that holds 5 groups of each class; elsewhere" in small
    enough = evaluation_words(own | {"calibration": "platt"}, {"validation": {"benign": 9, "malignant": 5}})
    assert enough.startswith("risks calibrated (Platt scaling")
    assert "elsewhere" not in enough
