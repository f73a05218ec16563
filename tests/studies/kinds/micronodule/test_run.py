"""A whole study on phantoms: what it leaves, that it resumes, that it finds what was put in, and its page."""

import json
import re
import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.studies.kinds.micronodule.conftest import SETTINGS
from thyrosight.cohort import Cohort
from thyrosight.documents.drawings import Flow, PictureGrid
from thyrosight.errors import OutputError, SplitError
from thyrosight.inference import load_bundle
from thyrosight.reports import write_report
from thyrosight.studies import Result, load_recipe, load_result, run_study
from thyrosight.studies.kinds.micronodule.recipe import Recipe
from thyrosight.studies.predictions import LEAST_VALIDATED

Study = tuple[Result, Path]


def test_results_say_their_kind_and_are_read_back(micronodule_study: Study) -> None:
    result, folder = micronodule_study
    assert result.facts.kind == "micronodule"
    assert load_result(folder) == result
    names = {path.stem for path in (folder / "tables").iterdir()}
    assert names == {
        "characteristics", "sizes", "readers", "network-alone", "categories", "categorisation", "networks", "external",
        "raters", "reader-mean", "calibration", "decisions", "subgroups", "interactions", "training", "trials",
        "characteristics-published", "readers-published", "categorisation-published", "comparisons",
        "comparisons-published", "published",
    }  # fmt: skip
    table = pd.read_csv(folder / "tables" / "readers.csv")
    assert set(table["labels"]) == {"simulated"}
    assert set(table["split"]) == {"patient-level", "external set"}


def test_only_larger_nodules_train_and_only_smaller_ones_are_tested(micronodule_study: Study) -> None:
    _, folder = micronodule_study
    split = json.loads((folder / "splits.json").read_text(encoding="utf-8"))
    cohort = pd.read_csv(folder / "cohort.csv").set_index("key")
    sizes = cohort["nodule_mm"]
    (division,) = split["divisions"]
    parts = {name: [key for group in division[name] for key in split["groups"][group]] for name in
             ("train", "validation", "test")}  # fmt: skip
    assert sizes[parts["train"] + parts["validation"]].min() >= 10 > sizes[parts["test"]].max()
    patients = {name: set(cohort.loc[keys, "patient_id"]) for name, keys in parts.items()}
    assert not patients["train"] & patients["test"]
    assert not patients["validation"] & patients["test"]
    assert set(cohort["site"]) <= {"site A", "site B"}, "external sites are nowhere in the cohort"


def test_the_flow_chart_adds_up_to_those_tested_and_read(micronodule_study: Study) -> None:
    result, _ = micronodule_study
    flow = result.facts.flow
    for above, below in pairwise(flow):
        assert below.n == above.n - sum(count for _, count in above.excluded)
    own = next(row for row in result.table("external").rows if str(row["set"]).endswith("(internal)"))
    assert flow[-1].n == own["n"]
    assert "Read by: Reader A" in flow[-1].text
    charts = [figure for figure in result.document.figures() if isinstance(figure.drawing, Flow)]
    assert [figure.name for figure in charts] == ["flow", "flow-site-c", "flow-site-d"]


def test_readers_have_the_skill_that_was_put_in(micronodule_study: Study, manifest: Path) -> None:
    truth = json.loads((manifest.parent / "phantom.json").read_text(encoding="utf-8"))
    wanted = {f"Reader {reader['name']}": reader["auc"] for reader in truth["options"]["readers"] if reader["auc"]}
    table = micronodule_study[0].table("readers")
    own = {row["read_by"] for row in table.rows if row["set"] == "cohort"}
    assert own == {*wanted, "Reader C", "Descriptors of C under K-TIRADS 2016"}
    for name, area in wanted.items():
        measured = table.at(set="cohort", nodules="all nodules", read_by=name, quantity="auc", column="reader")
        assert measured.low - 0.05 < area < measured.high + 0.05


def test_mirroring_adds_exactly_what_is_missing(micronodule_study: Study) -> None:
    result, folder = micronodule_study
    record = json.loads((folder / "trials" / "division-01_tiny" / "trial.json").read_text(encoding="utf-8"))
    mirrored = record["result"]["mirrored"]
    cohort = pd.read_csv(folder / "cohort.csv").set_index("key")
    split = json.loads((folder / "splits.json").read_text(encoding="utf-8"))
    keys = [key for group in split["divisions"][0]["train"] for key in split["groups"][group]]
    counts = cohort.loc[keys, "label"].value_counts()
    assert len(mirrored) == abs(counts["benign"] - counts["malignant"])
    assert result.table("training").at(network="tiny", column="mirrored") == len(mirrored)
    assert set(cohort.loc[mirrored, "label"]) <= {counts.idxmin()}


def test_a_second_run_trains_and_predicts_nothing_and_may_change_what_is_asked(
    micronodule_study: Study, nodules: Cohort, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result, folder = micronodule_study
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("nothing must be trained or predicted anew")

    monkeypatch.setattr("thyrosight.studies.run.train_and_test", refuse)
    monkeypatch.setattr("thyrosight.studies.analyses.external.predict_rows", refuse)
    changed = load_recipe("micronodule", settings=[*SETTINGS, "subgroups.at_most_mm=null", "readers.columns=none"])
    again = run_study(changed, nodules, copy)
    assert again.table("networks") == result.table("networks")
    assert {row["nodules"] for row in again.table("characteristics").rows} == {"all nodules"}
    assert not (copy / "tables" / "sizes.csv").exists(), "a table of an earlier run stands beside other results"
    with pytest.raises(OutputError, match=r"sizes\.train_from_mm|another cohort"):
        run_study(load_recipe("micronodule", settings=[*SETTINGS, "sizes.train_from_mm=12"]), nodules, copy)


def test_the_users_division_stands_in_and_must_be_one(
    micronodule_study: Study, micronodule_recipe: Recipe, nodules: Cohort, tmp_path: Path
) -> None:
    split = json.loads((micronodule_study[1] / "splits.json").read_text(encoding="utf-8"))
    second = {**split["divisions"][0], "name": "division-02"}
    path = tmp_path / "two.json"
    path.write_text(json.dumps({**split, "divisions": [*split["divisions"], second]}), encoding="utf-8")
    with pytest.raises(SplitError, match="holds 2 divisions; this kind of study takes one"):
        run_study(micronodule_recipe, nodules, tmp_path / "out", split_file=path)


def test_the_bundle_names_the_rule(micronodule_study: Study) -> None:
    result, folder = micronodule_study
    bundle = load_bundle(folder / "model")
    assert result.model is not None
    assert bundle.hash == result.model.hash
    assert "nodules of at least 10 mm train" in bundle.info.cohort["division_rule"]


def test_the_report_holds_every_table_and_says_what_it_must(micronodule_study: Study, tmp_path: Path) -> None:
    result, folder = micronodule_study
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    page = write_report(result, copy).read_text(encoding="utf-8")
    text = re.sub(r"<[^>]+>", " ", page)
    for words in (
        "Research use only. Not for diagnosis.",
        "Table 1. Patients and nodules (all nodules)",
        "CNN against Reader A (all nodules",
        "Table 3. Categorisation (all nodules)",
        "CNN against readers, all nodules and by size",
        "External: site C",
        "Supplement 1. Networks on",
        "Supplement 2. Patients and nodules by size",
        "Read by:",
        "Within and outside the cohort",
        "uncalibrated",
    ):
        assert words in text, words
    assert page.count("simulated") > 20, "every table and figure names the label source"
    assert "Not shown" not in text
    assert not re.search(r'(src|href)="https?:', page)
    assert "None" not in text.split("Recipe with all defaults")[0]
    assert "nan" not in text.split("Recipe with all defaults")[0].lower().split()


def test_pictures_hold_frames_that_the_report_shows(micronodule_study: Study) -> None:
    result, folder = micronodule_study
    grids = [figure.drawing for figure in result.document.figures() if isinstance(figure.drawing, PictureGrid)]
    shown = [item for grid in grids for item in grid.pictures]
    with np.load(folder / "pictures.npz") as stored:
        assert {item.picture for item in shown} == set(stored.files)
        for item in shown:
            pixels = stored[item.picture]
            assert pixels.dtype == np.uint8
            (mark,) = item.marks
            assert mark.box is not None
            width, height = mark.box[2] - mark.box[0], mark.box[3] - mark.box[1]
            assert abs(width - height) < 1.5, "the network saw a square"


def test_a_cohort_that_cannot_train_still_gets_the_readers_tables(
    nodules: Cohort, micronodule_recipe: Recipe, tmp_path: Path
) -> None:
    small = nodules.table[nodules.table["size_mm"] < 9].reset_index(drop=True)
    changed = micronodule_recipe.model_copy(update={"external_sites": ()})
    result = run_study(changed, replace(nodules, table=small), tmp_path / "out")
    assert result.model is None
    assert any("no nodule is of at least 10 mm" in sentence for sentence in result.unfinished)
    assert "networks" not in result.document.names()
    table = result.table("readers")
    alone = table.at(nodules="all nodules", read_by="Reader A", quantity="auc", column="reader")
    assert 0.5 < alone.value < 1
    assert all("network" not in row and "p" not in row for row in table.rows)
    page = write_report(result, tmp_path / "out").read_text(encoding="utf-8")
    assert page.index("No network was trained") < page.index("Table 1")


def test_one_table_holds_the_comparisons_of_all_readers_and_sizes(micronodule_study: Study) -> None:
    result, _ = micronodule_study
    whole, short = result.table("readers"), result.table("comparisons")
    places = {(row["set"], row["nodules"], row["read_by"]) for row in whole.rows}
    assert {(row["set"], row["part"], row["reader"]) for row in short.rows} == places
    for row in short.rows:
        where = {"set": row["set"], "nodules": row["part"], "read_by": row["reader"]}
        for name in ("auc", "sensitivity", "specificity"):
            own = whole.row(**where, quantity=name)
            assert (row[f"{name}_network"], row[f"{name}_reader"]) == (own["network"], own["reader"])
            assert row.get(f"{name}_p") == own.get("p_corrected")
        assert row["n"] == whole.at(**where, quantity="auc", column="reader").n
    printed = [block.table.name for part in result.document.sections for block in part.blocks if block.block == "table"]
    assert printed.count("readers") == 1, "the whole tables of other readers and sizes are CSV files alone"
    assert printed.count("characteristics") == printed.count("categorisation") == 1


def test_a_cut_off_that_nothing_chose_is_not_called_chosen(micronodule_study: tuple[Result, Path]) -> None:
    result = micronodule_study[0]
    assert min(result.facts.parts["validation"].values()) < LEAST_VALIDATED, "else this shows nothing"
    assert "at a cut-off of 0.5: the validation part is too small" in result.document.tiles_note
    for table in result.document.tables():
        if table.name == "networks" and "Supplement 1" in table.caption:
            assert table.caption.endswith("at a cut-off of 0.5")
