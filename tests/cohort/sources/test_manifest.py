"""Manifests: paths, separators, Parquet, label words and exclusions."""

from pathlib import Path

import pandas as pd
import pytest

from thyrosight.cohort import flow_chart_steps, open_cohort
from thyrosight.errors import CohortError


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def test_paths_are_relative_to_the_manifest_whatever_the_slash(tmp_path, picture):
    image = picture("frames/a/1.png")
    manifest = write(tmp_path / "cohort.csv", "image,label\nframes\\a\\1.png,benign\n")
    row = open_cohort(manifest).table.iloc[0]
    assert Path(row["image"]) == image.resolve()
    assert (row["key"], row["patient_id"], row["nodule_id"], row["label_source"]) == (
        "1", "unknown", "unknown", "unstated",
    )  # fmt: skip


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_and_a_byte_order_mark_are_recognised(tmp_path, picture, separator):
    picture("1.png")
    text = separator.join(["image", "label", "site"]) + "\r\n" + separator.join(["1.png", "Malignant", "Köln"])
    cohort = open_cohort(write(tmp_path / "list.csv", text, "utf-8-sig"))
    assert cohort.table.loc[0, "label"] == "malignant"
    assert cohort.describe().by_site == {"Köln": {"benign": 0, "malignant": 1}}


def test_parquet_and_csv_give_the_same_cohort(tmp_path, picture):
    picture("1.png")
    picture("2.png")
    rows = {"image": ["1.png", "2.png"], "label": ["benign", "malignant"], "patient_id": [7, 8], "age": [51.0, None]}
    pd.DataFrame(rows).to_parquet(tmp_path / "list.parquet")
    pd.DataFrame(rows).to_csv(tmp_path / "list.csv", index=False)
    by_parquet, by_csv = open_cohort(tmp_path / "list.parquet"), open_cohort(tmp_path / "list.csv")
    pd.testing.assert_frame_equal(by_parquet.table, by_csv.table)
    assert by_parquet.table["patient_id"].tolist() == ["7", "8"]
    assert by_parquet.table["age"].isna().tolist() == [False, True]


def test_numbers_as_labels_are_refused_until_they_are_explained(tmp_path, picture):
    picture("1.png")
    manifest = write(tmp_path / "list.csv", "image,label\n1.png,1\n")
    with pytest.raises(CohortError, match=r"row 2, column label: '1' is not benign or malignant"):
        open_cohort(manifest)
    assert open_cohort(manifest, labels="0:benign,1:malignant").table.loc[0, "label"] == "malignant"


def test_rows_without_label_and_rows_marked_are_left_out_and_recorded(tmp_path, picture):
    for name in ("1.png", "2.png", "3.png"):
        picture(name)
    text = "image,label,exclude\n1.png,benign,\n2.png,,\n3.png,malignant,poor contact\n"
    cohort = open_cohort(write(tmp_path / "list.csv", text))
    assert [(e.reason, e.images) for e in cohort.exclusions] == [("no label", ("2",)), ("poor contact", ("3",))]
    first, last = flow_chart_steps(cohort)
    assert (first.n, last.n) == (3, 1)
    assert first.n - sum(count for _, count in first.excluded) == last.n
    assert cohort.left_out["key"].tolist() == ["2", "3"]


def test_keys_take_as_many_folders_as_they_need(tmp_path, picture):
    picture("a/1.png")
    picture("b/1.png")
    cohort = open_cohort(write(tmp_path / "list.csv", "image,label\na/1.png,benign\nb/1.png,malignant\n"))
    assert cohort.table["key"].tolist() == ["a/1", "b/1"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("image,lable\n1.png,benign\n", r"there is no column label .*is it the column 'lable'\? Rename it to label"),
        ("", "is empty; it needs a header row"),
        ("image,label\n", "no image is left"),
        ("image,label,label\n1.png,benign,benign\n", "column 'label' stands twice"),
        ("image,label\n1.png,benign,3\n", "row 2: 3 cells where the header has 2"),
    ],
)
def test_a_table_that_cannot_be_read_gets_one_sentence(tmp_path, text, said):
    with pytest.raises(CohortError, match=said):
        open_cohort(write(tmp_path / "list.csv", text))


def test_text_in_another_encoding_names_the_row(tmp_path):
    manifest = write(tmp_path / "list.csv", "image,label,site\n1.png,benign,Köln\n", "latin-1")
    with pytest.raises(CohortError, match=r"row 2: the text is not UTF-8"):
        open_cohort(manifest)


def test_damaged_parquet_is_said_to_be_so(tmp_path):
    (tmp_path / "list.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(CohortError, match="cannot be read as Parquet"):
        open_cohort(tmp_path / "list.parquet")


def test_a_column_called_group_never_stands_for_a_search_for_duplicates(tmp_path, picture):
    picture("1.png")
    cohort = open_cohort(write(tmp_path / "list.csv", "image,label,group,patient_id\n1.png,benign,g1,Unknown\n"))
    assert "group" not in cohort.table
    assert cohort.table.loc[0, "group_as_given"] == "g1"
    assert cohort.split_kind == "image-level"
