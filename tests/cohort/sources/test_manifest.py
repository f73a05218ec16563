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
    with pytest.raises(CohortError, match=r"row 2, column label: '1' is not 'benign' or 'malignant'"):
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
        ("", "is empty; it needs a header"),
        ("image,label\n", "no image is left"),
        ("image,label,label\n1.png,benign,benign\n", "two columns named 'label'"),
        ("image,label\n1.png,benign,3\n", "row 2 has 3 cells, but the header has 2"),
    ],
)
def test_a_table_that_cannot_be_read_gets_one_sentence(tmp_path, text, said):
    with pytest.raises(CohortError, match=said):
        open_cohort(write(tmp_path / "list.csv", text))


@pytest.mark.parametrize(
    ("encoding", "site", "named"), [("gb18030", "盛京医院", "GB18030"), ("cp1252", "Köln", "Windows-1252")]
)
def test_text_as_spreadsheets_write_it_is_read_with_a_note(tmp_path, picture, encoding, site, named):
    picture("1.png")
    manifest = write(tmp_path / "list.csv", f"image,label,site\n1.png,benign,{site}\n", encoding)
    cohort = open_cohort(manifest)
    assert cohort.table.loc[0, "site"] == site
    assert f"it was read as {named}" in cohort.notes[0]
    assert open_cohort(manifest, encoding=encoding).notes == ()
    with pytest.raises(CohortError, match="is not text in utf-8"):
        open_cohort(manifest, encoding="utf-8")


def test_words_for_what_is_missing_are_empty_cells_in_columns_with_a_meaning(tmp_path, picture):
    for name in ("1.png", "2.png", "3.png"):
        picture(name)
    text = (
        "image,label,patient_id,age,calcification,exclude,mine\n"
        "1.png,benign,NA,#N/A,none,NULL,NA\n2.png,malignant,n/a,47,none,,b\n3.png,#N/A,p,#DIV/0!,none,,c\n"
    )
    cohort = open_cohort(write(tmp_path / "list.csv", text))
    table = cohort.table
    assert table["key"].tolist() == ["1", "2"] and cohort.exclusions[0].reason == "no label"
    assert table["patient_id"].tolist() == ["unknown", "unknown"]  # two patients named NA would be one
    assert table["age"].isna().tolist() == [True, False]
    assert (table["calcification"].tolist(), table["mine"].tolist()) == (["none", "none"], ["NA", "b"])
    assert "patient_id: NA or n/a was taken as empty, in 2 of 3 rows." in cohort.notes


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\nimage;label;size_mm\n1.png;benign;7,5\n",
        "image;label;size_mm\n1.png;benign;7,5\n",
        'image,label,size_mm\n1.png,benign,"7,5"\n',
    ],
)
def test_decimal_commas_and_the_line_that_names_the_separator(tmp_path, picture, text):
    picture("1.png")
    cohort = open_cohort(write(tmp_path / "list.csv", text), only="size_mm=7..8")
    assert cohort.table["size_mm"].tolist() == [7.5]
    assert cohort.notes == ("size_mm: commas were taken as decimal points.",)


def test_a_comma_that_may_part_thousands_is_refused(tmp_path, picture):
    picture("1.png")
    manifest = write(tmp_path / "list.csv", 'image,label,size_mm\n1.png,benign,"1,250"\n')
    with pytest.raises(CohortError, match="'1,250' is not a number; write it with a decimal point"):
        open_cohort(manifest)


def test_names_stay_text(tmp_path, picture):
    for name in ("a.png", "b.png", "c.png"):
        picture(name)
    text = "image,label,key,patient_id,nodule_id\na.png,benign,1.1,01,1.10\nb.png,benign,1.10,1,1.1\n"
    table = open_cohort(write(tmp_path / "list.csv", text + "c.png,malignant,1.100,1.0,2\n"), patients="keep").table
    assert table["key"].tolist() == ["1.1", "1.10", "1.100"]
    assert table["patient_id"].tolist() == ["01", "1", "1.0"] and table["nodule_id"].tolist() == ["1.10", "1.1", "2"]


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
