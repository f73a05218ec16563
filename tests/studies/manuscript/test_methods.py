"""Sentences of the methods follow what was done."""

from pathlib import Path
from typing import Any

import pytest

from thyrosight.cohort.mapping import ColumnPlan, MappingPlan
from thyrosight.studies import Result, load_recipe
from thyrosight.studies.manuscript import methods
from thyrosight.studies.manuscript.dictionary import UNWRITTEN, data_dictionary
from thyrosight.studies.stored import read_cells


@pytest.mark.parametrize(
    ("filled", "said"),
    [
        (
            {"box": 60},
            "From each image the nodule with a margin of 25 % of its size on each side was taken, brought to",
        ),
        (
            {},
            "No image had a box or an outline of the nodule, so that from each the whole scan area was taken",
        ),
        ({"mask": 20}, "From images with a box or an outline of the nodule (20 of 60) it was taken with a margin"),
        ({"box": 20, "mask": 30}, "From images with a box or an outline of the nodule it was taken with a margin"),
    ],
)
def test_a_crop_is_of_the_nodule_only_where_that_is_known(
    study: tuple[Result, Path], filled: dict[str, int], said: str
) -> None:
    facts = study[0].facts
    facts = facts.model_copy(update={"cohort": {**facts.cohort, "filled": filled}})
    assert said in methods.preparation(facts, load_recipe("demo"))[1]


def test_labels_are_counted_by_their_source(study: tuple[Result, Path]) -> None:
    counts = {"pathology": {"benign": 100, "malignant": 82}, "cytology": {"benign": 53, "malignant": 0}}
    changes: dict[str, Any] = {"label_sources": ("cytology", "pathology"), "cohort": {"by_label_source": counts}}
    first, second = methods.reference_standard(study[0].facts.model_copy(update=changes))
    assert first.startswith(
        "Labels came from cytology of fine-needle aspirates (53 images) and pathology (182 images)."
    )
    assert "[[to be written: by which rule" in first, "as given in the manifest is no rule"
    assert "reference standard" in second
    named = study[0].facts.model_copy(update={**changes, "label_policy": "histology decides."})
    assert "Rule of the labels: histology decides." in methods.reference_standard(named)[0]


def test_the_dictionary_names_the_columns_of_the_spreadsheet(study: tuple[Result, Path], tmp_path: Path) -> None:
    columns = {
        "Größe": ColumnPlan(to="size_mm"),
        "Histologie": ColumnPlan(to="histology"),
        "view": ColumnPlan(to="keep"),
    }
    MappingPlan(table="nodules.xlsx", columns=columns).save(tmp_path / "mapping.yaml")
    cohort = read_cells(study[1] / "cohort.csv")
    table = data_dictionary(cohort, name="test", source=str(tmp_path / "cohort.csv"))
    assert table.row(column="size_mm")["source"] == "nodules.xlsx: Größe"
    assert table.row(column="label")["source"] == "nodules.xlsx: Histologie"
    assert table.row(column="group")["source"] == "found by ThyroSight"
    own = next(
        row for row in table.rows if row["column"] not in ("key", "image") and str(row["meaning"]).startswith(UNWRITTEN)
    )
    assert str(own["column"]) in str(own["meaning"])
    (tmp_path / "mapping.yaml").write_text("nothing: [", encoding="utf-8")
    assert (
        data_dictionary(cohort, name="t", source=str(tmp_path)).row(column="label")["source"] == "given with the cohort"
    )
