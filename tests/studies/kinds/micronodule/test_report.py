"""The report of a study of micronodules: every table against stored ones and against the predictions, and its words."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from tests.studies.made_up import assert_golden, made_up_cohort, made_up_risk, train_nothing, without_training
from thyrosight.cohort import Cohort
from thyrosight.documents import Measure
from thyrosight.documents.drawings import Calibration, Lines, Scores
from thyrosight.errors import ImageError, NetworkError
from thyrosight.statistics import LEAST_GROUPS, adjust_p_values
from thyrosight.studies import Result, load_recipe, run_study
from thyrosight.studies.analyses.external import Answered
from thyrosight.studies.analyses.lesion_set import AnalysedSet, SetOptions, TestedSet, analyse, analysed
from thyrosight.studies.predictions import raw_table

SETTINGS = (
    "networks=[tiny, {architecture: resnet18, weights: none}]",
    "evaluation.bootstrap=200",
    "division.validation=0.6",
    "external_sites=B",
    "examples={shown: 0, worst: 0}",
    "preparation.crop=scan area",
    "categories.cut_offs=[0.2, 0.4, 0.6]",
)
__all__ = ["without_training"]


def cohort() -> Cohort:
    """Large nodules at site A train, small ones are tested; site B records no sizes and only reader A read there."""
    plain = made_up_cohort(130, images=1).table
    random, n = np.random.default_rng(8), len(plain)
    malignant = (plain["label"] == "malignant").to_numpy()
    outside = np.arange(n) % 5 == 4
    sizes = np.round(np.where(random.random(n) < 0.5, random.uniform(3, 9.5, n), random.uniform(10, 30, n)), 1)
    read = {
        skill: np.clip(np.round(3 + skill * (2 * malignant - 1) + random.normal(size=n)), 2, 5) for skill in (1.0, 0.3)
    }
    second = np.where(outside | (np.arange(n) % 9 == 0), "", read[0.3].astype(int).astype(str))
    return made_up_cohort(
        130,
        images=1,
        site=np.where(outside, "B", "A"),
        size_mm=np.where(outside, np.nan, sizes),
        sex=np.where(random.random(n) < 0.3, "M", "F"),
        age=30 + np.arange(n) % 45,
        surgery=plain["label"],
        **{"reader:A": read[1.0].astype(int).astype(str), "reader:B": second},  # type: ignore[arg-type]
    )


def predict(setup: Any, tested: Any, cohort: Cohort, **_: Any) -> Any:
    """Stand in for `predict_external`."""
    risk = made_up_risk(tested.trial, "plain", "external", cohort.table)
    return Answered(tested.judged().apply(raw_table("external", cohort.table, risk)), None)


def _run(folder: Path, *settings: str) -> Result:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("thyrosight.studies.run.train_and_test", train_nothing)
        patched.setattr("thyrosight.studies.kinds.micronodule.sets.predict_external", predict)
        return run_study(load_recipe("micronodule", settings=[*SETTINGS, *settings]), cohort(), folder)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    folder = tmp_path_factory.mktemp("micronodule") / "out"
    return _run(folder), folder


def predictions(study: tuple[Result, Path], network: str, where: str) -> pd.DataFrame:
    table = pd.read_csv(study[1] / "predictions" / f"{network}.csv")
    return table[table["set"] == where].reset_index(drop=True)


def test_every_table_is_what_it_was(study: tuple[Result, Path]) -> None:
    assert_golden(study[0], Path(__file__).with_name("golden.json"))


def test_tables_of_a_subgroup_are_those_of_its_nodules_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen = []

    def remember(item: TestedSet, options: SetOptions, *, first: bool) -> AnalysedSet:
        seen.append((options, analysed(item, options, first=first)))
        return seen[-1][1]

    monkeypatch.setattr("thyrosight.studies.kinds.micronodule.report.analysed", remember)
    _run(tmp_path / "out", "networks=[tiny]")
    options, found = seen[0]
    nodules = found.item.nodules
    small = nodules["nodule_mm"] <= 5
    assert [part.name for part in found.subgroups] == ["≤ 5 mm", "> 5 mm"]
    for part, rows in zip(found.subgroups, (nodules[small], nodules[~small]), strict=True):
        alone = analyse(found.item, options, name="all nodules", nodules=rows, prefix="Table")
        for own, table in zip((*part.tables, *part.more), (*alone.tables, *alone.more), strict=True):
            assert own.columns == table.columns
            plain = [{key: cell for key, cell in row.items() if key != "p_corrected"} for row in own.rows]
            expected = [{key: cell for key, cell in row.items() if key != "p_corrected"} for row in table.rows]
            assert [row | {"nodules": part.name} for row in expected] == plain, own.caption
            assert own.notes[: len(table.notes)] == table.notes
            assert own.caption == table.caption.replace("Table", f"Subgroup {part.name}, Table").replace(
                "(all nodules", f"({part.name}"
            )


def within(found: Any, value: float) -> None:
    """An estimate of this value between its limits, strictly so unless all or none were counted."""
    assert isinstance(found, Measure)
    assert found.value == pytest.approx(value)
    assert found.low < found.high  # type: ignore[operator]
    assert found.low <= found.value <= found.high  # type: ignore[operator]
    assert value in (0, 1) or found.low < value < found.high  # type: ignore[operator]


def _by_definition(rows: pd.DataFrame) -> dict[str, float]:
    truth, called = rows["truth"] == 1, rows["predicted"] == 1
    return {
        "auc": roc_auc_score(rows["truth"], rows["risk"]),
        "sensitivity": called[truth].mean(), "specificity": (~called)[~truth].mean(),
        "accuracy": (called == truth).mean(), "ppv": truth[called].mean(), "npv": (~truth)[~called].mean(),
    }  # fmt: skip


def test_networks_are_measured_on_each_set_at_the_validations_operating_point(study: tuple[Result, Path]) -> None:
    result, _ = study
    tables = result.table("networks")
    for where in ("made-up", "B", "Validation part"):
        for network in ("tiny", "resnet18"):
            rows = predictions(study, network, where)
            row = tables.row(set=where, network=network)
            for name, value in _by_definition(rows).items():
                within(row[name], value)
            threshold = result.table("training").at(network=network, column="threshold")
            assert (rows["predicted"] == (rows["risk"] >= threshold)).all()
            assert row["true_positive"] == int((rows["truth"] & rows["predicted"]).sum())
            assert row["false_negative"] == int((rows["truth"] & (1 - rows["predicted"])).sum())
        difference = tables.at(set=where, network="resnet18", column="main_minus_this")
        areas = [tables.at(set=where, network=network, measure="auc").value for network in ("tiny", "resnet18")]
        within(difference, areas[0] - areas[1])
        significant = difference.low > 0 or difference.high < 0
        few = rows.groupby("truth")["group"].nunique().min() < LEAST_GROUPS
        p = tables.row(set=where, network="resnet18")["p"]
        assert (p is None) == few
        assert few or (p < 0.05) == significant  # type: ignore[operator]
        assert "p" not in tables.row(set=where, network="tiny")
        assert tables.row(set=where, network="tiny")["split"] == ("external set" if where == "B" else "patient-level")


def test_the_main_network_stands_in_one_row_for_each_set(study: tuple[Result, Path]) -> None:
    table = study[0].table("external")
    names = {"made-up (internal)": "made-up", "B (external)": "B"}
    assert [row["set"] for row in table.rows] == list(names)
    for title, where in names.items():
        rows, row = predictions(study, "tiny", where), table.row(set=title)
        malignant = int(rows["truth"].sum())
        assert [row[key] for key in ("n", "malignant", "benign")] == [len(rows), malignant, len(rows) - malignant]
        assert row["groups"] == rows["group"].nunique()
        assert row["split"] == ("external set" if where == "B" else "patient-level")
        for name, value in _by_definition(rows).items():
            within(row[name], value)
    raters = study[0].table("raters")
    for where in ("made-up", "B"):
        expected = _by_definition(predictions(study, "resnet18", where))
        for name in ("auc", "sensitivity", "specificity"):
            within(raters.at(set=where, rater="ResNet-18", column=name), expected[name])


def test_readers_are_judged_on_what_they_read_and_never_by_one_anothers_figures(study: tuple[Result, Path]) -> None:
    """Every cell of every reader's table against recorded categories and predictions."""
    result, folder = study
    table = result.table("readers")
    whole = cohort().table.set_index("key")
    sizes = pd.read_csv(folder / "cohort.csv").set_index("key")["nodule_mm"]
    seen = {(str(row["set"]), str(row["nodules"]), str(row["read_by"])) for row in table.rows}
    assert seen == {
        *(("made-up", part, f"Reader {name}") for part in ("all nodules", "≤ 5 mm", "> 5 mm") for name in "AB"),
        ("B", "all nodules", "Reader A"),
    }
    for where, part, reader in seen:
        rows = predictions(study, "tiny", where)
        if part != "all nodules":
            small = rows["key"].map(sizes) <= 5
            rows = rows[small if part.startswith("≤") else ~small]
        cells = rows["key"].map(whole[f"reader:{reader[-1]}"])
        rows, marks = rows[cells != ""], cells[cells != ""].astype(float)

        def at(quantity: str, column: str, keys: Any = (where, part, reader)) -> Any:
            where, part, reader = keys
            return table.at(set=where, nodules=part, read_by=reader, quantity=quantity, column=column)

        raters = {"network": rows["risk"], "reader": marks}
        expected = {}
        for rater, score in raters.items():
            called = (score.to_numpy() >= _cut(at("cut_off", f"{rater}_cut_off"), marks, rater)).astype(int)
            expected[rater] = _by_definition(rows.assign(risk=score.to_numpy(), predicted=called))
            counts = {
                "true_positive": (1, 1),
                "true_negative": (0, 0),
                "false_positive": (0, 1),
                "false_negative": (1, 0),
            }
            truth = rows["truth"].to_numpy()
            for name, (malignant, positive) in counts.items():
                assert at(name, rater) == int(((truth == malignant) & (called == positive)).sum()), (where, part, name)
            for name, value in expected[rater].items():
                assert at(name, rater).value == pytest.approx(value), (where, part, reader, rater, name)
                assert at(name, rater).low <= value + 1e-9 <= at(name, rater).high + 2e-9
        for name in expected["network"]:
            difference = at(name, "difference")
            if difference.value is not None:
                assert difference.value == pytest.approx(expected["network"][name] - expected["reader"][name])
                assert difference.low <= difference.value <= difference.high
        assert at("auc", "network") != at("auc", "reader")


def _cut(found: float, marks: "pd.Series[Any]", rater: str) -> float:
    """Ranks of plain categories are the categories themselves."""
    assert rater == "network" or marks.min() <= found <= marks.max() + 1
    return found


def test_characteristics_count_patients_and_rates(study: tuple[Result, Path]) -> None:
    result, folder = study
    nodules = predictions(study, "tiny", "made-up").merge(pd.read_csv(folder / "cohort.csv"), on="key")
    malignant = nodules["truth"] == 1
    table = result.table("characteristics")

    def at(characteristic: str, level: str, column: str) -> Any:
        return table.at(set="made-up", nodules="all nodules", characteristic=characteristic, level=level, column=column)

    assert at("No. of patients", "", "malignant") == malignant.sum()
    assert at("No. of nodules", "", "benign") == (~malignant).sum()
    ages = nodules["age"]
    assert at("Age (years)", "", "malignant").mean == pytest.approx(ages[malignant].mean())
    assert at("Age (years)", "", "benign").sd == pytest.approx(ages[~malignant].std())
    assert at("Age (years)", "", "p") == pytest.approx(stats.ttest_ind(ages[malignant], ages[~malignant]).pvalue)
    assert at("Nodule size (mm)", "", "malignant").mean == pytest.approx(nodules["nodule_mm"][malignant].mean())
    women = nodules["sex"] == "F"
    counts = [[(women & malignant).sum(), (women & ~malignant).sum()],
              [(~women & malignant).sum(), (~women & ~malignant).sum()]]  # fmt: skip
    assert at("Sex", "", "p") == pytest.approx(stats.chi2_contingency(counts, correction=False).pvalue)
    assert (at("Sex", "Female", "benign").n, at("Sex", "Female", "benign").of) == (counts[0][1], (~malignant).sum())
    fives = nodules["reader:A"].astype(str) == "5"
    rate = at("Reader A", "5", "rate")
    assert (rate.n, rate.value) == (fives.sum(), pytest.approx(malignant[fives].mean()))
    assert at("Reader A", "5", "malignant").share == pytest.approx(fives[malignant].mean())
    bounds = [0, 0.2, 0.4, 0.6, 1.01]
    categories = pd.cut(nodules["risk"], bounds, right=False, labels=["2", "3", "4", "5"]).astype(str)
    own = result.table("categories")
    for level in sorted(set(categories)):
        row = own.row(set="made-up", nodules="all nodules", category=level)
        chosen = categories == level
        assert (row["calibrated_malignant"], row["calibrated_total"]) == (malignant[chosen].sum(), chosen.sum())
        assert at("CNN TIRADS", level, "rate").value == row["calibrated_rate"].value  # type: ignore[union-attr]
    small = result.table("sizes").row(characteristic="Diagnosis", level="malignant")
    below = nodules["nodule_mm"] <= 5
    assert small["small"].n == (malignant & below).sum()  # type: ignore[union-attr]
    assert small["large"].of == (~below).sum()  # type: ignore[union-attr]


def test_curves_and_bins_are_of_the_rater_they_name(study: tuple[Result, Path]) -> None:
    captions = {figure.name: figure.caption for figure in study[0].document.figures()}
    figures = {figure.name: figure.drawing for figure in study[0].document.figures()}
    rows = predictions(study, "tiny", "made-up")
    marks = {f"Reader {name}": rows["key"].map(cohort().table.set_index("key")[f"reader:{name}"]) for name in "AB"}
    areas = {"CNN": roc_auc_score(rows["truth"], rows["risk"])}
    areas |= {name: roc_auc_score(rows["truth"][cells != ""], cells[cells != ""]) for name, cells in marks.items()}
    drawing = figures["roc-made-up"]
    assert isinstance(drawing, Lines)
    (panel,) = drawing.panels
    assert [curve.name.split(",")[0] for curve in panel.curves] == list(areas)
    for curve, area in zip(panel.curves, areas.values(), strict=True):
        assert curve.name.split(" ")[-2] == f"{area:.2f}"
        assert np.trapezoid(curve.y[::-1], curve.x[::-1]) == pytest.approx(area, abs=0.01)
    for name, column in (("calibration-made-up", "risk"), ("calibration-before-made-up", "probability")):
        found = figures[name]
        assert isinstance(found, Calibration)
        assert sum(item.n for item in found.bins) == len(rows)
        assert sum(item.n * item.predicted for item in found.bins) == pytest.approx(rows[column].sum())
        assert "Brier" not in captions[name], "a number without an interval"
    scores = figures["scores-made-up"]
    assert isinstance(scores, Scores)
    assert sorted(scores.malignant) == pytest.approx(sorted(rows["risk"][rows["truth"] == 1]))


def test_the_mean_reader_is_of_what_all_read(study: tuple[Result, Path]) -> None:
    rows = predictions(study, "tiny", "made-up")
    marks = rows["key"].map(cohort().table.set_index("key")["reader:B"])
    shared = rows[marks != ""]
    both = [shared["key"].map(cohort().table.set_index("key")[f"reader:{name}"]).astype(float) for name in "AB"]
    (row,) = study[0].table("reader-mean").rows
    assert (row["set"], row["readers"], row["n"]) == ("made-up", "Reader A, Reader B", len(shared))
    areas = [roc_auc_score(shared["truth"], marks) for marks in both]
    network = roc_auc_score(shared["truth"], shared["risk"])
    assert row["mean"].value == pytest.approx(np.mean(areas))  # type: ignore[union-attr]
    within(row["network"], network)
    assert row["difference"].value == pytest.approx(np.mean(areas) - network)  # type: ignore[union-attr]


def test_the_words_say_what_is_left_out_and_where(study: tuple[Result, Path]) -> None:
    document = study[0].document
    said = " ".join(text for part in document.sections for block in part.blocks for text in getattr(block, "texts", ()))
    assert "B: no sizes are recorded, so nodules of all sizes were tested." in said
    assert "Reader B: 6 of 59 nodules were not read." in said
    assert "B: Reader B: no category could be used." in said
    assert document.key_result.startswith("Trained on nodules of at least 10 mm, tested on smaller ones. On made-up (")
    assert "On B (external): AUC" in document.key_result
    assert document.tiles[0].name == "AUC"
    assert [part.title for part in document.sections][1:8] == [
        "Enrolment", "Results", "External: B", "Within and outside the cohort", "Calibration and decisions",
        "Subgroups", "Examples",
    ]  # fmt: skip


def test_without_a_size_rule_the_first_lines_say_that_nothing_is_about_micronodules(tmp_path: Path) -> None:
    found = _run(tmp_path / "out", "sizes.rule=none", "readers.columns=none")
    assert any("nothing here speaks about micronodules" in sentence for sentence in found.unfinished)
    assert any("Comparison with readers: left out for made-up, B" in sentence for sentence in found.unfinished)
    assert "network-alone" in found.document.names()
    assert "readers" not in found.document.names()


def test_an_external_set_that_cannot_be_judged_is_left_out_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise ImageError("The disk is gone.")

    monkeypatch.setattr(f"{__name__}.predict", fail)
    found = _run(tmp_path / "out")
    assert "External set B was left out: The disk is gone." in found.unfinished
    assert {row["set"] for row in found.table("characteristics").rows} == {"made-up"}


def test_a_main_network_that_fails_ends_the_study_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: Any) -> dict[str, Any]:
        raise NetworkError("The disk is full.")

    monkeypatch.setattr("thyrosight.studies.run.train_and_test", fail)
    with pytest.raises(NetworkError, match=r"main network could not be trained.*division-01_tiny: The disk is full"):
        run_study(load_recipe("micronodule", settings=SETTINGS), cohort(), tmp_path / "out")


def test_all_comparisons_with_readers_are_corrected_together(study: tuple[Result, Path]) -> None:
    """Fifty P values stood uncorrected before."""
    rows = [row for table in study[0].document.tables() if table.name == "readers" for row in table.rows]
    for name in ("made-up", "B"):
        own = [row for row in rows if row["set"] == name and row.get("p") is not None]
        assert len({(row["nodules"], row["read_by"]) for row in own}) > 1 or name == "B"
        plain: list[Any] = [row["p"] for row in own]
        expected = adjust_p_values(plain, method="holm") if plain else []
        assert [row["p_corrected"] for row in own] == pytest.approx(list(expected))


def test_simulated_readers_are_not_said_to_have_seen_examinations(tmp_path: Path) -> None:
    table = cohort().table.assign(label_source="simulated")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("thyrosight.studies.run.train_and_test", train_nothing)
        patched.setattr("thyrosight.studies.kinds.micronodule.sets.predict_external", predict)
        recipe = load_recipe("micronodule", settings=SETTINGS)
        said = " ".join(run_study(recipe, replace(cohort(), table=table), tmp_path / "out").document.limitations)
    assert "Readers are simulated" in said and "What readers saw" not in said


def test_tables_name_the_rule_of_the_cut_offs(tmp_path: Path) -> None:
    """They said Youden's index whatever the recipe's rule."""
    result = _run(tmp_path / "out", "networks=[tiny]", "evaluation.operating_point=sensitivity>=0.9")
    named = set()
    for table in result.document.tables():
        notes = " ".join(table.notes)
        assert "by Youden's index" not in notes, table.name
        named |= {table.name} if "for a sensitivity of at least 0.9" in notes else set()
        titles = [column.title for column in table.columns if not column.hidden and not column.under]
        assert [title for title in titles if title[:1].islower() and title.split()[0] not in ("n", "of")] == [], (
            table.name
        )
    assert {"comparisons", "published"} <= named
