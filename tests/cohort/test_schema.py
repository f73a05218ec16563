"""The schema: every failure at once, each a sentence with its place."""

import pandas as pd
import pytest

from thyrosight.cohort import open_cohort
from thyrosight.cohort.schema import table_problems, typed
from thyrosight.errors import CohortError

GOOD = {
    "key": "a",
    "image": "/a.png",
    "patient_id": "",
    "nodule_id": "",
    "label": "benign",
    "label_source": "pathology",
}


def table_of(*rows):
    filled = [{**GOOD, "key": f"k{number}", **row} for number, row in enumerate(rows)]
    return pd.DataFrame(filled, index=range(2, len(rows) + 2), dtype=object).fillna("")


def sentences(*rows):
    return [problem.sentence() for problem in table_problems(table_of(*rows))]


def test_a_misspelt_label_is_placed_and_corrected():
    rows = [{}] * 15 + [{"label": "malignat"}]
    said = "row 17, column label: 'malignat' is not 'benign' or 'malignant'; did you mean 'malignant'?"
    assert sentences(*rows) == [said]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"label": ""}, "column label: the cell is empty; every row needs label"),
        ({"label": "7"}, "column label: '7' is not 'benign' or 'malignant'; correct the cell"),
        ({"label_source": "histology"}, "column label_source: 'histology' is not 'pathology', 'cytology', 'TI-RADS'"),
        ({"size_mm": "12,5"}, "column size_mm: '12,5' is not a number; write it with a decimal point"),
        ({"size_mm": "1200"}, "column size_mm: 1200 is outside 0.1 to 200; check the value and its unit"),
        ({"size_mm": "nan"}, "column size_mm: 'nan' is not a number"),
        ({"age": "-3"}, "column age: -3 is outside 0 to 120"),
        ({"sex": "female"}, "column sex: 'female' is not 'F' or 'M'"),
        ({"box": "1,2,3"}, "column box: '1,2,3' is not a box; write four whole numbers"),
        ({"box": "30,2,10,20"}, "column box: Box 30,2,10,20 has no area"),
    ],
)
def test_each_wrong_cell_is_named(row, said):
    found = sentences({}, row)
    assert len(found) == 1
    assert found[0].startswith(f"row 3, {said}")


def test_all_problems_of_all_rows_come_at_once_in_row_order():
    found = table_problems(table_of({"sex": "x"}, {"label": "begnin", "box": "a"}, {}, {"age": "old"}))
    assert [(problem.where, problem.column) for problem in found] == [
        ("row 2", "sex"),
        ("row 3", "label"),
        ("row 3", "box"),
        ("row 5", "age"),
    ]


def test_a_repeated_key_names_both_rows():
    assert sentences({"key": "x"}, {"key": "y"}, {"key": "x"}) == [
        "row 4, column key: 'x' is already the key of row 2; keys must differ"
    ]


def test_a_column_that_is_almost_a_known_one_is_a_warning():
    (problem,) = table_problems(table_of({"echogenicty": "hypoechoic", "reader:Ann": "3", "anything": "kept"}))
    assert problem.severity == "warning"
    assert problem.sentence() == (
        "column echogenicty: is not a known column and is kept as it is; did you mean 'echogenicity'?"
    )


def test_final_types_are_numbers_text_and_unknown():
    table = typed(table_of({"age": "51", "site": "A"}, {"patient_id": "007", "reader:Ann": "4"}))
    assert table["age"].dtype == float
    assert table["age"].isna().tolist() == [False, True]
    assert table["patient_id"].tolist() == ["unknown", "007"]
    assert table["site"].isna().tolist() == [False, True]
    assert list(table.index) == [0, 1]


def test_opening_lists_the_first_problems_and_counts_the_rest(tmp_path):
    lines = "".join(f"{number}.png,maligant\n" for number in range(30))
    (tmp_path / "cohort.csv").write_text(f"image,label\n{lines}", encoding="utf-8")
    with pytest.raises(CohortError) as caught:
        open_cohort(tmp_path)
    said = str(caught.value)
    assert "60 problems must be corrected" in said  # 30 labels and 30 missing files
    assert said.count("\n") == 11
    assert "... and 50 more; thyrosight cohort check lists them all" in said
