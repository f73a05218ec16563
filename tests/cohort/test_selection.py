"""Rows chosen by a short text, in a manifest and elsewhere."""

import pandas as pd
import pytest

from thyrosight.cohort import flow_chart_steps, open_cohort, selected
from thyrosight.errors import CohortError


def test_rows_that_are_not_chosen_are_left_out_and_counted(tmp_path, picture):
    for name in "abcd":
        picture(f"{name}.png")
    rows = (
        "a.png,benign,train,830,",
        "b.png,malignant,valid,830,",
        "c.png,benign,train,900,",
        "d.png,benign,test,1,blur",
    )
    manifest = tmp_path / "cohort.csv"
    manifest.write_text("image,label,part,width,exclude\n" + "\n".join(rows), encoding="utf-8")
    cohort = open_cohort(manifest, only="part=train|test and width=820..840")
    assert cohort.table["key"].tolist() == ["a"]
    assert [(item.reason, item.images) for item in cohort.exclusions] == [
        ("chosen were only part=train|test and width=820..840", ("b", "c")),
        ("blur", ("d",)),
    ]
    assert flow_chart_steps(cohort)[-1].n == 1
    assert set(cohort.left_out["key"]) == {"b", "c", "d"}  # they can still show that two patients share frames


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("width", "'width' is no condition"),
        ("width=", "is no condition"),
        ("widht=3", "no column widht to choose rows by; did you mean width"),
        ("colour=1", "no column colour"),
    ],
)
def test_a_condition_that_cannot_be_used_is_explained(text, message):
    with pytest.raises(CohortError, match=message):
        selected(pd.DataFrame({"width": ["1"]}), text, where="list.csv")


def test_words_in_a_column_of_numbers_are_outside_every_range():
    table = pd.DataFrame({"width": ["820", "840.0", "841", "wide", ""]})
    assert selected(table, "width=820..840", where="t").tolist() == [True, True, False, False, False]
