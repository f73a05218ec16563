"""Descriptors recorded as points, and the reader study that recorded the sums too."""

import csv
from pathlib import Path

import pytest

from thyrosight.tirads import Composition, Extension, Focus, Margin, TiradsError, assess, read_coded_nodule

ROW = {
    "composition": "2", "echogenicity": "1", "shape": "0", "margins": "0", "no_echogenic_foci": "1",
    "large_comet_tail": "0", "macrocalcification": "0", "peripheral_calcification": "0", "punctate_foci": "0",
    "size_cm": "1.2",
}  # fmt: skip


def test_a_code_stands_for_all_terms_with_these_points() -> None:
    reading = read_coded_nodule(ROW | {"composition": "0", "margins": "2"})
    assert reading.nodule.composition == {Composition.CYSTIC, Composition.SPONGIFORM}
    assert reading.nodule.margin == {Margin.MACROLOBULATED, Margin.MICROLOBULATED, Margin.IRREGULAR}
    assert reading.nodule.extension == {Extension.ABSENT} and reading.nodule.size_mm == 12
    assert reading.contradictions == ()
    assert read_coded_nodule(ROW | {"margins": "3"}).nodule.extension == {Extension.PRESENT}


def test_contradictions_between_the_foci_columns() -> None:
    both = read_coded_nodule(ROW | {"punctate_foci": "1"})
    assert both.nodule.foci == {frozenset({Focus.PUNCTATE})}
    assert both.contradictions == ("no_echogenic_foci is 1, but punctate_foci is recorded",)
    neither = read_coded_nodule(ROW | {"no_echogenic_foci": "0"})
    assert neither.contradictions == ("no_echogenic_foci is 0, but no kind of focus is recorded",)


def test_empty_cells_are_unknown_and_unknown_codes_are_errors() -> None:
    assert len(read_coded_nodule({}).nodule.not_exactly_known()) == 6
    with pytest.raises(TiradsError, match=r"t.csv, row 3: shape: '1' is no code of this column; allowed are 0, 3"):
        read_coded_nodule(ROW | {"shape": "1"}, where="t.csv, row 3")
    with pytest.raises(TiradsError, match="size_cm: 'big' is not a number of centimetres"):
        read_coded_nodule(ROW | {"size_cm": "big"})


@pytest.fixture(scope="module")
def rows(real_data: Path) -> list[dict[str, str]]:
    with (real_data / "readers" / "thyroid_readers.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_points_computed_from_descriptors_agree_with_all_recorded_points(rows: list[dict[str, str]]) -> None:
    assert len(rows) == 792
    for number, row in enumerate(rows, start=2):
        result = assess("acr", read_coded_nodule(row, where=f"row {number}").nodule)
        assert result.points == int(row["tirads_points"]), number
        assert result.category == f"TR{row['tirads_grade']}", number


def test_rows_whose_record_contradicts_itself(rows: list[dict[str, str]]) -> None:
    """Counted from the file with other code: see the table in docs/reference/tirads.md."""
    found = {number: read_coded_nodule(row).contradictions for number, row in enumerate(rows, start=2)}
    said = {number: reasons[0] for number, reasons in found.items() if reasons}
    assert [number for number, reason in said.items() if "is 1" in reason] == [728]
    assert sum("is 0" in reason for reason in said.values()) == 197
    # Columns added up blindly, 94 rows differ from what was recorded: all of composition 0, recorded with 0 points.
    blind = [
        number
        for number, row in enumerate(rows, start=2)
        if sum(int(row[name]) for name in ("composition", "echogenicity", "shape", "margins", "macrocalcification"))
        + 2 * int(row["peripheral_calcification"])
        + 3 * int(row["punctate_foci"])
        != int(row["tirads_points"])
    ]
    assert len(blind) == 94
    assert {(rows[number - 2]["composition"], rows[number - 2]["tirads_points"]) for number in blind} == {("0", "0")}
