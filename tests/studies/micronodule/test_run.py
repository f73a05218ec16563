"""A whole study on phantoms: what it leaves, that it resumes, that it finds what was put in, and its report."""

import json
import re
import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from tests.studies.micronodule.conftest import SETTINGS
from thyrosight.cohort import Cohort
from thyrosight.errors import OutputError
from thyrosight.inference import load_bundle
from thyrosight.reports import write_report
from thyrosight.studies import load_recipe, load_result, run_study
from thyrosight.studies.micronodule import MicronoduleRecipe, MicronoduleResult

Study = tuple[MicronoduleResult, Path]


def test_results_say_their_kind_and_are_read_back(study: Study) -> None:
    result, folder = study
    assert json.loads((folder / "results.json").read_text(encoding="utf-8"))["kind"] == "micronodule"
    assert load_result(folder) == result
    names = {path.name for path in (folder / "tables").iterdir()}
    made = ("characteristics", "sizes", "diagnosis", "differences", "categories", "categorisation", "networks")
    assert names == {f"{name}.csv" for name in made}
    table = pd.read_csv(folder / "tables" / "diagnosis.csv")
    assert set(table["labels"]) == {"simulated"}


def test_only_larger_nodules_train_and_only_smaller_ones_are_tested(study: Study) -> None:
    _, folder = study
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


def test_every_set_is_there_with_figures_of_its_predictions(study: Study) -> None:
    result, folder = study
    assert [(found.name, found.external) for found in result.sets] == [
        ("cohort", False) if result.sets[0].name == "cohort" else (result.sets[0].name, False),
        ("site C", True),
        ("site D", True),
    ]
    unit = folder / "divisions" / "division-01" / "tiny"
    for found, name in zip(result.sets[1:], ("external-site-c", "external-site-d"), strict=True):
        table = pd.read_csv(unit / f"{name}.csv")
        assert len(table) == found.images
        area = found.networks[0].measures["auc"].value
        if found.benign and found.malignant:
            assert area == pytest.approx(roc_auc_score(table["truth"], table["risk"]))
    flow = result.flow
    for above, below in pairwise(flow):
        assert below.n == above.n - sum(count for _, count in above.excluded)
    assert flow[-1].n == result.sets[0].images
    assert "Read by: Reader A" in flow[-1].text


def test_readers_have_the_skill_that_was_put_in(study: Study, manifest: Path) -> None:
    truth = json.loads((manifest.parent / "phantom.json").read_text(encoding="utf-8"))
    wanted = {f"Reader {reader['name']}": reader["auc"] for reader in truth["options"]["readers"] if reader["auc"]}
    found = {table.reader: table for table in study[0].sets[0].analysis.readers}
    assert set(wanted) <= set(found)
    assert "Descriptors of C under K-TIRADS 2016" in found
    for name, area in wanted.items():
        measured = found[name].radiologist.measures["auc"]
        assert measured.low is not None
        assert measured.low - 0.05 < area < (measured.high or 0) + 0.05


def test_mirroring_adds_exactly_what_is_missing(study: Study) -> None:
    result, folder = study
    record = json.loads((folder / "divisions" / "division-01" / "tiny" / "unit.json").read_text(encoding="utf-8"))
    cohort = pd.read_csv(folder / "cohort.csv").set_index("key")
    split = json.loads((folder / "splits.json").read_text(encoding="utf-8"))
    keys = [key for group in split["divisions"][0]["train"] for key in split["groups"][group]]
    counts = cohort.loc[keys, "label"].value_counts()
    assert len(record["mirrored"]) == result.networks[0].mirrored == abs(counts["benign"] - counts["malignant"])
    assert set(cohort.loc[record["mirrored"], "label"]) <= {counts.idxmin()}


def test_a_second_run_takes_over_what_is_trained_and_may_change_what_is_asked(
    study: Study, cohort: Cohort, tmp_path: Path
) -> None:
    result, folder = study
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("unit.json")}
    changed = load_recipe("micronodule", settings=[*SETTINGS, "subgroups.at_most_mm=null", "readers.columns=none"])
    again = run_study(changed, cohort, copy)
    assert isinstance(again, MicronoduleResult)
    assert {path: path.stat().st_mtime_ns for path in copy.rglob("unit.json")} == before
    assert again.networks == result.networks
    assert again.sets[0].subgroups == []
    with pytest.raises(OutputError, match=r"sizes\.train_from_mm|another cohort"):
        run_study(load_recipe("micronodule", settings=[*SETTINGS, "sizes.train_from_mm=12"]), cohort, copy)


def test_the_bundle_names_the_rule(study: Study) -> None:
    result, folder = study
    bundle = load_bundle(folder / "model")
    assert result.model is not None
    assert bundle.hash == result.model.hash
    assert "nodules of at least 10 mm train" in bundle.info.cohort["division_rule"]


def test_the_report_holds_every_table_and_says_what_it_must(study: Study, tmp_path: Path) -> None:
    result, folder = study
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    page = write_report(result, copy).read_text(encoding="utf-8")
    text = re.sub(r"<[^>]+>", " ", page)
    for words in (
        "Research use only. Not for diagnosis.",
        "Table 1. Patients and nodules (all nodules)",
        "CNN against Reader A (all nodules",
        "Table 3. Categorisation (all nodules)",
        "Subgroup ≤ 5 mm",
        "External: site C",
        "Supplement 1. Networks on",
        "Supplement 2. Patients and nodules by size",
        "Read by:",
        "Within and outside the cohort",
        "uncalibrated",
    ):
        assert words in text, words
    assert page.count("simulated") > 20, "every table and figure names the label source"
    assert not re.search(r'(src|href)="https?:', page)
    assert "None" not in text.split("Recipe with all defaults")[0]
    assert "nan" not in text.split("Recipe with all defaults")[0].lower().split()


def test_a_cohort_that_cannot_train_still_gets_the_readers_tables(
    cohort: Cohort, recipe: MicronoduleRecipe, tmp_path: Path
) -> None:
    small = cohort.table[cohort.table["size_mm"] < 9].reset_index(drop=True)
    changed = recipe.model_copy(update={"external_sites": ()})
    result = run_study(changed, replace(cohort, table=small), tmp_path / "out")
    assert isinstance(result, MicronoduleResult)
    assert result.networks == []
    assert result.model is None
    assert any("no nodule is of at least 10 mm" in sentence for sentence in result.unfinished)
    assert result.sets[0].analysis.readers
    page = write_report(result, tmp_path / "out").read_text(encoding="utf-8")
    assert page.index("No network was trained") < page.index("Table 1")


def test_pictures_hold_frames_that_the_report_shows(study: Study) -> None:
    result, folder = study
    with np.load(folder / "pictures.npz") as stored:
        assert {f"{item.key}/pixels" for item in (*result.examples, *result.worst)} == set(stored.files)
        for item in result.examples:
            pixels = stored[f"{item.key}/pixels"]
            assert pixels.dtype == np.uint8
            assert item.box is not None
            width, height = item.box[2] - item.box[0], item.box[3] - item.box[1]
            assert abs(width - height) < 1.5, "the network saw a square"
