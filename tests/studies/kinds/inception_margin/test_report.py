"""The report of a study of crop margins: every table against stored ones and against the predictions."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from tests.studies.made_up import assert_golden, made_up_cohort, made_up_risk, train_nothing, without_training
from thyrosight.cohort import Cohort, Split
from thyrosight.documents import Measure, Share
from thyrosight.errors import NetworkError
from thyrosight.statistics import adjust_p_values
from thyrosight.studies import Result, load_recipe, run_study
from thyrosight.studies.analyses.external import Answered
from thyrosight.studies.kinds.inception_margin.plan import Configuration, configurations
from thyrosight.studies.kinds.inception_margin.recipe import Recipe
from thyrosight.studies.predictions import judge, load_raw, raw_table
from thyrosight.studies.trial import View

SETTINGS = (
    "networks=[tiny]",
    "preparation.size=32",
    "preparation.margin.value=10",
    "sweep.margins=[0, 10, 20]",
    "sweep.sizes=[40]",
    "training.augmentation.margin_range=[0, 20]",
    "split.test=0.4",
    "split.validation=0.4",
    "split.repeats=2",
    "sizes.least=2",
    "sizes.training=[{learning_rate: 0.001}]",
    "evaluation.bootstrap=200",
)
CALLS = {"sensitivity": 1, "specificity": 0}
FINDINGS = "thyrosight.studies.further.outside"
__all__ = ["without_training"]


def cohort() -> Any:
    """Sizes of every group, TI-RADS, and features that go with the class; some are not recorded."""
    random, plain = np.random.default_rng(5), made_up_cohort(120).table
    n, malignant = len(plain), plain["label"] == "malignant"
    shape = np.where(random.random(n) < np.where(malignant, 0.6, 0.2), "taller than wide", "wider than tall")
    return made_up_cohort(
        120,
        size_mm=random.choice([3.0, 4.5, 5.0, 7.0, 10.0, 12.0, 25.0], n),
        tirads=random.choice(["3", "4a", "4b", "5"], n),
        shape=shape,
        margin=np.where(random.random(n) < 0.1, None, random.choice(["smooth", "irregular", "ill-defined"], n)),
        composition=random.choice(["solid", "spongiform"], n),
    )


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    folder = tmp_path_factory.mktemp("margins") / "out"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("thyrosight.studies.run.train_and_test", train_nothing)
        patched.setattr(
            f"{FINDINGS}.open_external", lambda *_, **__: replace(made_up_cohort(40, seed=1), name="outside")
        )
        patched.setattr(f"{FINDINGS}.predict_external", predict)
        patched.setattr("thyrosight.studies.run.check_external", lambda items: None)
        patched.setattr("thyrosight.studies.tested.Tested.keeps_weights", True)
        patched.setattr("thyrosight.studies.run.save_model", lambda *_, **__: "No model is saved without networks.")
        recipe = load_recipe("inception-margin", settings=[*SETTINGS, "external=[{cohort: outside, name: outside}]"])
        return run_study(recipe, cohort(), folder), folder


def predict(setup: Any, tested: Any, cohort: Cohort, *, view: View, **_: Any) -> Any:
    """Stand in for `predict_external`."""
    risk = made_up_risk(tested.trial, view.name, "external", cohort.table)
    return Answered(tested.judged(view.name).apply(raw_table("external", cohort.table, risk, view=view.name)), None)


def predictions(study: tuple[Result, Path], key: str, margin: float, *, keys: Any = None) -> list[pd.DataFrame]:
    """Calibrated predictions of a network with a margin, per division; of some images alone where given."""
    recipe, found = load_recipe("inception-margin", settings=SETTINGS), []
    for division in ("division-01", "division-02"):
        raw = load_raw(study[1] / "trials" / f"{division}_{key}" / "predictions.csv")
        raw = raw[raw["view"] == f"margin {margin:g}"]
        chosen = raw if keys is None else raw[raw["key"].isin(keys)]
        found.append(judge(chosen.reset_index(drop=True), options=recipe.evaluation).table)
    return found


def validation_auc(parts: list[pd.DataFrame]) -> float:
    rows = [part[part["part"] == "validation"] for part in parts]
    return float(np.mean([roc_auc_score(one["truth"], one["probability"]) for one in rows]))


def in_test(parts: list[pd.DataFrame]) -> list[pd.DataFrame]:
    return [part[part["part"] == "test"] for part in parts]


def shares(rows: pd.DataFrame) -> dict[str, float]:
    right = rows["truth"] == rows["predicted"]
    return {"accuracy": right.mean()} | {name: right[rows["truth"] == truth].mean() for name, truth in CALLS.items()}


def within(found: Any, value: float) -> None:
    """An estimate of this value, between its limits."""
    assert isinstance(found, Measure)
    assert found.value == pytest.approx(value)
    assert found.low < found.value < found.high  # type: ignore[operator]


def test_the_set_outside_is_judged_at_the_operating_point_from_within(study: tuple[Result, Path]) -> None:
    rows = pd.read_csv(study[1] / "predictions" / "external-outside.csv")
    assert not any("No external data" in text for text in study[0].document.limitations)
    row = study[0].table("external").row(set="outside (external)")
    truth, called = rows["truth"] == 1, rows["predicted"] == 1
    assert [row["n"], row["malignant"], row["benign"]] == [80, truth.sum(), (~truth).sum()]
    expected = {"auc": roc_auc_score(truth, rows["risk"]), "sensitivity": called[truth].mean()}
    for name, value in (expected | {"specificity": (~called)[~truth].mean()}).items():
        found: Any = row[name]
        assert found.value == pytest.approx(value)
        assert found.low < found.value < found.high


def test_every_table_is_what_it_was(study: tuple[Result, Path]) -> None:
    assert_golden(study[0], Path(__file__).with_name("golden.json"))


@pytest.mark.parametrize(("name", "rows"), [("table-1", 3), ("input-sizes", 2), ("shapes", 3)])
def test_tables_of_the_sweep_hold_what_the_networks_said(study: tuple[Result, Path], name: str, rows: int) -> None:
    table, main = study[0].table(name), in_test(predictions(study, "32px_square_drawn", 10))
    assert len(table.rows) == rows
    others = []
    for place, row in enumerate(table.rows):
        key = f"{row['size']}px_{str(row['shape']).replace(' ', '-')}_drawn"
        assert row["network"] == key
        every = predictions(study, key, row["margin"])  # type: ignore[arg-type]
        parts = in_test(every)
        pooled = pd.concat(parts)
        within(row["auc"], roc_auc_score(pooled["truth"], pooled["risk"]))
        for measure, value in shares(pooled).items():
            within(row[measure], value)
        assert row["validation_auc"] == pytest.approx(validation_auc(every))
        if place == table.strong:
            assert (row["margin"], row["size"], row["shape"]) == (10, 32, "square") and "delta_auc" not in row
            continue
        others.append(row)
        areas = [np.mean([roc_auc_score(p["truth"], p["risk"]) for p in found]) for found in (parts, main)]
        within(row["delta_auc"], float(areas[0] - areas[1]))
        right = [np.mean([shares(p)["accuracy"] for p in found]) for found in (parts, main)]
        within(row["delta_accuracy"], float(right[0] - right[1]))
    for measure in ("auc", "accuracy"):
        p = [row[f"delta_{measure}_p"] for row in others]
        found = [row[f"delta_{measure}_p_corrected"] for row in others]
        assert found == pytest.approx(adjust_p_values(p, method="holm"))


def test_the_choice_is_the_best_of_the_validation_part(study: tuple[Result, Path]) -> None:
    areas = {
        (size, margin): validation_auc(predictions(study, f"{size}px_square_drawn", margin))
        for size in (32, 40)
        for margin in (0, 10, 20)
    }
    size, margin = max(areas, key=lambda key: areas[key])
    named = f"margin {margin} pixels, input {size}, trained on all sizes, AUC {areas[size, margin]:.3f}"
    said = study[0].document.key_result
    assert "The validation part cannot tell the margins and input sizes apart: the best" in said
    assert f"({named}) is best in" in said, "a tie was told as a choice before"


def test_size_groups_take_the_candidate_that_is_best_in_their_validation_part(study: tuple[Result, Path]) -> None:
    result, folder = study
    stored = pd.read_csv(folder / "cohort.csv", dtype={"key": str})
    table = result.table("size-groups")
    names = ("< 0.5 cm", "0.5 to 1.0 cm", "> 1.0 cm")
    assert [(row["group"], row["which"]) for row in table.rows] == [(n, w) for n in names for w in ("chosen", "main")]
    trainings = {"": "", "_learning-rate-0.001": "learning_rate 0.001, "}
    for name in names:
        keys, best, chosen = set(stored.loc[stored["size_group"] == name, "key"]), -1.0, ("", [])
        for size in (32, 40):
            for suffix, words in trainings.items():
                for margin in (0, 10, 20):
                    parts = predictions(study, f"{size}px_square_drawn{suffix}", margin, keys=keys)
                    area = validation_auc(parts)
                    if area > best:
                        best = area
                        chosen = (f"margin {margin} pixels, input {size}, {words}trained on all sizes", parts)
        main = predictions(study, "32px_square_drawn", 10, keys=keys)
        for which, words, parts in (("chosen", *chosen), ("main", "main choice", main)):
            row = table.row(group=name, which=which)
            assert row["configuration"] == words and row["tried"] == 12
            pooled = pd.concat(in_test(parts))
            assert row["auc"].value == pytest.approx(roc_auc_score(pooled["truth"], pooled["risk"]))  # type: ignore
            for measure, value in shares(pooled).items():
                assert row[measure].value == pytest.approx(value)  # type: ignore[union-attr]
            assert [row["benign_test"], row["malignant_test"]] == [(pooled["truth"] == t).sum() for t in (0, 1)]


def test_features_are_counted_by_right_and_wrong_calls(study: tuple[Result, Path]) -> None:
    result, _ = study
    rows = pd.concat(in_test(predictions(study, "32px_square_drawn", 10))).merge(cohort().table, on="key")
    wrong = rows["truth"] != rows["predicted"]
    calls, odds = result.table("table-2"), result.table("table-3")
    for label in ("malignant", "benign"):
        own = rows["label_x"] == label
        for feature in ("composition", "margin", "shape"):
            for level in rows[feature].dropna().unique():
                at = wrong[own & (rows[feature] == level)]
                row = calls.row(label=label, feature=feature, level=level)
                assert row["n"] == len(at)
                assert row["wrong"] == Share(n=int(at.sum()), of=len(at))
                assert row["right"] == Share(n=int((~at).sum()), of=len(at))
        unknown = calls.row(label=label, feature="margin", level="not recorded")
        assert unknown["n"] == (own & rows["margin"].isna()).sum() > 0
        head = calls.row(label=label, feature="shape", level="")
        counts = pd.crosstab(rows.loc[own, "shape"], wrong[own]).to_numpy()
        assert head["p_chi_square"] == pytest.approx(stats.chi2_contingency(counts, correction=False).pvalue)
        assert head["p"] != pytest.approx(head["p_chi_square"]) and "clusters" in str(head["method"])
    tests = [row for row in calls.rows if row["level"] == ""]
    p = [row["p"] for row in tests]
    assert len(tests) == 6
    assert [row["p_corrected"] for row in tests] == pytest.approx(adjust_p_values(p, method="holm"))
    for row in odds.rows:
        shown, reference = (rows[str(row["feature"])].dropna() == row["level"], row["reference"])
        known = rows.loc[shown.index]
        base = ~shown if reference == "any other" else known[str(row["feature"])] == reference
        cells = [Share(n=int(wrong[known.index][at].sum()), of=int(at.sum())) for at in (shown, base)]
        assert [row["wrong"], row["wrong_reference"]] == cells
        ratios = [cell.n / (cell.of - cell.n) for cell in cells]
        within(row["univariate"], ratios[0] / ratios[1])
    p = [row["univariate_p"] for row in odds.rows]
    assert [row["univariate_p_corrected"] for row in odds.rows] == pytest.approx(adjust_p_values(p, method="holm"))


def test_the_parts_are_compared_by_groups(study: tuple[Result, Path]) -> None:
    result, folder = study
    split = Split.load(folder / "splits.json")
    stored = pd.read_csv(folder / "cohort.csv", dtype={"key": str, "group": str, "tirads": str})
    single = stored.drop_duplicates("group")
    of_test = single["group"].isin(split.divisions[0].test)
    for key in ("label", "size_group", "tirads"):
        expected = stats.chi2_contingency(pd.crosstab(single[key], of_test).to_numpy(), correction=False).pvalue
        assert result.table("balance").at(key=key, column="p") == pytest.approx(expected)


def test_networks_for_size_groups_see_their_group_alone(without_training: None, tmp_path: Path) -> None:
    recipe = load_recipe("inception-margin", settings=[*SETTINGS, "sizes.train_on=group", "sizes.training=[]"])
    assert isinstance(recipe, Recipe)
    result = run_study(recipe, cohort(), tmp_path / "out")
    stored = pd.read_csv(tmp_path / "out" / "cohort.csv", dtype={"key": str}).set_index("key")["size_group"]
    own = [row for row in result.table("trials").rows if "group < 0.5 cm" in str(row["axes"])]
    assert len(own) == 4
    for row in own:
        told = load_raw(tmp_path / "out" / "trials" / str(row["trial"]) / "predictions.csv")
        assert set(told["key"].map(stored)) == {"< 0.5 cm"}
    words = [row["configuration"] for row in result.table("size-groups").rows if row["which"] == "chosen"]
    assert all("trained on this group alone" in str(text) for text in words)


def test_configurations_stand_once_and_the_main_one_first() -> None:
    recipe = load_recipe("inception-margin", settings=[*SETTINGS, "sweep.margin_in_training=fixed"])
    assert isinstance(recipe, Recipe)
    found = configurations(recipe, pd.DataFrame({"size_group": ["< 0.5 cm"]}))
    assert found[0] == Configuration(32, "square", 10)
    keys = [config.key for config in found]
    assert len(set(keys)) == len(keys)
    assert [key for key in keys if "learning" not in key] == [
        "32px_square_margin-10", "32px_square_margin-0", "32px_square_margin-20", "40px_square_margin-10",
        "32px_width-square_margin-10", "32px_rectangle_margin-10",
    ]  # fmt: skip


def test_a_main_network_that_fails_ends_the_study_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(setup: Any, parameters: Any, folder: Path, progress: Any) -> Any:
        if parameters["key"] == "32px_square_drawn":
            raise NetworkError("The disk is full.")
        return train_nothing(setup, parameters, folder, progress)

    monkeypatch.setattr("thyrosight.studies.run.train_and_test", fail)
    with pytest.raises(NetworkError, match=r"main network could not be trained.*32px_square_drawn: The disk is full"):
        run_study(load_recipe("inception-margin", settings=SETTINGS), cohort(), tmp_path / "out")
