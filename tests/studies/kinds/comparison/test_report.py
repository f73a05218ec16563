"""The report of a comparison: every table against stored ones, and its words."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sklearn.metrics import roc_auc_score

from tests.studies.made_up import assert_golden, made_up_cohort, without_networks, without_training
from thyrosight.documents import Measure
from thyrosight.errors import NetworkError
from thyrosight.studies import Result, load_recipe, run_study
from thyrosight.studies.base import Evaluation
from thyrosight.studies.kinds.comparison.report import comparison_words, key_result
from thyrosight.studies.measures import Compared
from thyrosight.studies.predictions import judge, load_raw

SETTINGS = (
    "networks=[tiny, {architecture: resnet18, weights: none}, {architecture: alexnet, weights: none}]",
    "split.repeats=3",
    "split.validation=0.35",
    "explain.images=0",
    "explain.worst=0",
    "evaluation.bootstrap=200",
)
__all__ = ["without_networks", "without_training"]


@pytest.fixture(scope="module")
def study(without_training: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    out = tmp_path_factory.mktemp("comparison") / "out"
    return run_study(load_recipe("demo", settings=SETTINGS), made_up_cohort(), out), out


def test_every_table_is_what_it_was(without_networks: None, tmp_path: Path) -> None:
    recipe = load_recipe("demo", settings=[*SETTINGS, "explain.images=24"])
    assert_golden(run_study(recipe, made_up_cohort(), tmp_path / "out"), Path(__file__).with_name("golden.json"))


def test_columns_hold_what_their_names_say(study: tuple[Result, Path]) -> None:
    """Each number again from the predictions, by another route."""
    result, folder = study
    recipe = load_recipe("demo", settings=SETTINGS)
    for network in ("tiny", "resnet18", "alexnet"):
        for row in result.table(f"divisions-{network}").rows:
            raw = load_raw(folder / "trials" / f"{row['division']}_{network}" / "predictions.csv")
            judged = judge(raw, options=recipe.evaluation)
            test = judged.part("test")
            truth, called = test["truth"] == 1, test["predicted"] == 1
            expected = {
                "auc": roc_auc_score(test["truth"], test["risk"]),
                "recall": (truth & called).sum() / truth.sum(),
                "specificity": (~truth & ~called).sum() / (~truth).sum(),
            }
            for name, value in expected.items():
                assert row[name].value == pytest.approx(value), (network, name)  # type: ignore[union-attr]
            counts = {"validation": len(judged.part("validation")), "test": len(test), "malignant": int(truth.sum())}
            assert {name: row[name] for name in counts} == counts
            assert row["threshold"] == pytest.approx(judged.threshold)
    table = result.table("comparisons")
    assert [row["network"] for row in table.rows] == ["resnet18", "alexnet"]
    for row in table.rows:
        means = result.table("means")
        own, main = (means.at(network=name, measure="auc").value for name in (row["network"], "tiny"))
        assert row["difference"].value == pytest.approx(own - main)  # type: ignore[union-attr]
        assert row["difference"].low < row["difference"].value < row["difference"].high  # type: ignore
        assert row["p"] <= row["p_corrected"]  # type: ignore[operator]


def test_without_weights_the_missing_model_is_said(study: tuple[Result, Path]) -> None:
    result, _ = study
    assert result.model is None
    assert "No model was saved: the trained weights of division-01_tiny" in " ".join(result.unfinished)


def test_a_main_network_that_fails_ends_the_study_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: Any) -> dict[str, Any]:
        raise NetworkError("The disk is full.")

    monkeypatch.setattr("thyrosight.studies.run.train_and_test", fail)
    with pytest.raises(NetworkError, match=r"main network could not be trained.*division-01_tiny: The disk is full"):
        run_study(load_recipe("demo", settings=SETTINGS), made_up_cohort(), tmp_path / "out")


@dataclass
class _Found:
    """The parts of `Evaluated` that sentences use."""

    title: str
    against_main: Compared | None
    mean: dict[str, Measure]
    network: Any


class _Divisions:
    divisions = ("division-01", "division-02")


def _evaluated(title: str, difference: tuple[float, float] | None = None, corrected: float = 1.0, **auc: float) -> Any:
    against = None
    if difference is not None:
        low, high = difference
        against = Compared(Measure(value=(low + high) / 2, low=low, high=high), 0.03, corrected)
    return _Found(title, against, {"auc": Measure(**{"value": 0.8, **auc})}, _Divisions())


def test_chance_is_named_when_the_interval_includes_it() -> None:
    options = Evaluation()
    assert "cannot be told from guessing" in key_result(
        [_evaluated("A", value=0.55, low=0.48, high=0.62)], options=options
    )
    said = key_result([_evaluated("A", value=0.58, low=0.52, high=0.63, spread=0.03)], options=options)
    assert "guessing" not in said
    assert "mean AUC of 0.58 (95 % interval 0.52 to 0.63) over 2 divisions; it varied by 0.03" in said


def test_verdicts_rest_on_interval_margin_and_corrected_p_value() -> None:
    """A difference of +0.001 was called significantly better before."""
    found = [
        _evaluated("Main"),
        _evaluated("B", (0.03, 0.1), 0.02),
        _evaluated("C", (-0.2, -0.05), 0.01),
        _evaluated("D", (0.03, 0.2), 0.12),
        _evaluated("E", (0.0005, 0.0015), 0.01),
        _evaluated("F", (0.001, 0.1), 0.01),
    ]
    assert comparison_words(found, options=Evaluation()) == (
        "B is better; C is worse; E is practically equal; whether D and F are better or worse cannot be told "
        "(AUC, margin 0.02, corrected for the number of comparators)."
    )
    wider = comparison_words(found, options=Evaluation(margin=0.001))
    assert wider.startswith("B is better") and "D, E and F" in wider
    assert comparison_words(found[:1], options=Evaluation()) == ""


def test_a_recipe_may_be_given_as_a_file(study: tuple[Result, Path], tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(load_recipe("demo", settings=SETTINGS).to_yaml(), encoding="utf-8")
    assert run_study(own, made_up_cohort(), tmp_path / "again").table("means") == study[0].table("means")
