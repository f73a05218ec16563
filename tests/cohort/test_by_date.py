"""Division by date: ties, months and years, patients on both sides, missing dates, and the sentences that refuse."""

from typing import Any

import pandas as pd
import pytest

from thyrosight.cohort import Cohort, split_by_date
from thyrosight.errors import SplitError


def cohort(*dates: str | None, images: int = 1) -> Cohort:
    """Patients a, b, c ... with one date each, in turn benign and malignant."""
    rows = [
        {"key": f"{chr(97 + place)}{image}", "patient_id": chr(97 + place), "group": chr(97 + place), "exam_date": date}
        | {
            "label": ("benign", "malignant")[place % 2],
            "image": "",
            "label_source": "pathology",
            "nodule_id": "unknown",
        }
        for place, date in enumerate(dates)
        for image in range(images)
    ]
    return Cohort(table=pd.DataFrame(rows), name="dated", source="")


YEARS = cohort(*(f"201{year}-0{month}-15" for year in range(5) for month in (1, 6)))
"""Ten patients, two a year from 2010 to 2014."""


def in_test(cohort: Cohort, **options: Any) -> set[str]:
    split = split_by_date(cohort, **({"validation": 0.3} | options))
    split.check(cohort)
    assert len({division.test for division in split.divisions}) == 1
    return set(split.divisions[0].test)


def test_later_examinations_are_tested_and_earlier_ones_train() -> None:
    assert in_test(YEARS, since="2013-01-15") == set("ghij"), "the day itself belongs to the later part"
    assert in_test(YEARS, since="2013-01-16") == set("hij")
    assert in_test(YEARS, since="2013") == set("ghij")
    split = split_by_date(YEARS, since="2013", validation=0.3, repeats=3)
    assert [division.name for division in split.divisions] == ["division-01", "division-02", "division-03"]
    assert len({division.validation for division in split.divisions}) > 1
    assert all(not set(d.test) & {*d.train, *d.validation} for d in split.divisions)
    assert split.method == (
        "by date (exam_date): examined before 2013-01-01 to train, from then on to test; validation 0.3 of the earlier "
        "part"
    )


def test_without_a_date_the_share_of_the_test_part_decides_and_ties_stay_together() -> None:
    assert in_test(YEARS, test=0.2) == set("ij")
    assert in_test(YEARS, test=0.41) == set("ghij")
    tied = cohort("2010", "2010", "2010", "2010", "2012", "2012", "2012", "2012")
    assert in_test(tied, test=0.1) == set("efgh"), "all of one date are on one side"
    with pytest.raises(SplitError, match="names one date only"):
        split_by_date(cohort("2010", "2010", "2010", "2010"))


def test_months_and_years_are_dates_unless_they_leave_their_side_open() -> None:
    mixed = cohort("2010", "2010-03", "2010-05-01", "2011", "2012-02", "2012", "2012-07-01T10:30", "2012-08")
    assert in_test(mixed, since="2012") == set("efgh")
    with pytest.raises(SplitError, match="image f0: 2012 may lie before or after 2012-03-01; write months or days"):
        split_by_date(mixed, since="2012-03")


def test_patients_on_both_sides_are_refused_or_kept_whole() -> None:
    table = YEARS.table.copy()
    more = table.iloc[[0, 1]].assign(key=["a9", "b9"], exam_date="2014-02-01")
    both = Cohort(table=pd.concat([table, more], ignore_index=True), name="dated", source="")
    with pytest.raises(SplitError, match=r"2 groups \(patients\) have images before and from 2013-01-01 on, .* a;"):
        split_by_date(both, since="2013")
    assert in_test(both, since="2013", both_sides="earlier") == set("ghij")
    assert in_test(both, since="2013", both_sides="later") == set("abghij")
    method = split_by_date(both, since="2013", both_sides="later", validation=0.3).method
    assert "groups with images on both sides, counted as later: 2" in method


def test_images_without_a_date_are_refused_or_train() -> None:
    table = YEARS.table.assign(exam_date=[None, "", *YEARS.table["exam_date"][2:]])
    lacking = Cohort(table=table, name="dated", source="")
    with pytest.raises(SplitError, match="2 of 10 images have no exam_date, for example a0"):
        split_by_date(lacking, since="2013")
    split = split_by_date(lacking, since="2013", undated="train", validation=0.3)
    assert {"a", "b"} <= {*split.divisions[0].train, *split.divisions[0].validation}
    assert "images without a date, which train: 2" in split.method


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"column": "exam_dat"}, "no column exam_dat to divide by date; did you mean exam_date?"),
        ({"column": "operated"}, "no column operated to divide by date; it has key,"),
        ({"since": "last May"}, "since: 'last May' is no date; write it as 2021-03-04"),
        ({"since": "2019"}, "No image of cohort dated was examined from 2019-01-01 on"),
        ({"since": "2010"}, "train part is empty"),
        ({"both_sides": "drop"}, "both_sides is 'drop'; choose refuse, earlier or later"),
    ],
)
def test_what_cannot_be_divided_is_told_in_one_sentence(options: Any, said: str) -> None:
    with pytest.raises(SplitError, match=said):
        split_by_date(YEARS, **options)


def test_a_cell_that_is_no_date_is_named() -> None:
    table = YEARS.table.assign(exam_date=["15.01.2010", *YEARS.table["exam_date"][1:]])
    with pytest.raises(SplitError, match=r"image a0, column exam_date: '15\.01\.2010' is no date"):
        split_by_date(Cohort(table=table, name="dated", source=""))
