"""Whole tables: mapping of columns, all errors at once, and what is told."""

import pytest

from thyrosight.tirads import TiradsError, assess_table

ROWS = [
    {"comp": "solid", "echogenicity": "isoechoic", "margin": "smooth", "calcification": "none", "shape": "wider",
     "size_mm": "16"},
    {"comp": "", "echogenicity": "hypoechoic", "margin": "smooth", "calcification": "none", "shape": "wider",
     "size_mm": ""},
]  # fmt: skip


def test_several_systems_and_a_renamed_column() -> None:
    found = assess_table(ROWS, systems=["acr", "ata"], columns={"composition": "comp"})
    assert found.columns["acr_2017_category"] == ("TR3", "")
    assert found.columns["acr_2017_lowest"][1] == "TR1" and found.columns["acr_2017_highest"][1] == "TR4"
    assert found.columns["acr_2017_points_lowest"] == ("3", "0")
    assert found.columns["acr_2017_recommendation"][0] == "ultrasound follow-up"
    assert found.columns["ata_2015_category"][0] == "low suspicion"
    assert "acr_2017_notes" in found.columns and "ata_2015_points_lowest" not in found.columns
    assert found.notes[-2:] == ("ACR TI-RADS 2017: TR3 1, range 1", "ATA patterns 2015: low suspicion 1, range 1")


def test_all_bad_cells_are_told_at_once_with_rows_and_columns() -> None:
    rows = [{"composition": "soldi", "shape": "wider"}, {"composition": "soldi", "shape": "round"}]
    with pytest.raises(TiradsError) as caught:
        assess_table(rows, systems=["acr"], source="n.csv")
    told = str(caught.value).split("\n")
    assert told[0] == "n.csv: 3 cells cannot be read; nothing was written."
    assert told[1] == "rows 2, 3, composition: 'soldi' is not a known word; did you mean 'solid'?"
    assert told[2] == "row 3, shape: 'round' is not a known word."
    assert told[3].startswith("Allowed for composition: ") and told[4].startswith("Allowed for shape: ")


def test_empty_cells_are_filled_only_on_request_and_counted() -> None:
    plain = assess_table(ROWS, systems=["ata"], columns={"composition": "comp"})
    filled = assess_table(ROWS, systems=["ata"], columns={"composition": "comp"}, fill={"composition": "solid"})
    assert plain.columns["ata_2015_category"][1] == ""
    assert filled.columns["ata_2015_category"][1] == "intermediate suspicion"
    assert filled.notes[0] == "composition was taken as 'solid' in 1 rows where it is not recorded"


def test_sizes_in_centimetres() -> None:
    in_cm = assess_table([{"composition": "solid", "size_cm": "2.6"}], systems=["acr"])
    assert in_cm.results["acr-2017"][0].size_mm == 26
    with pytest.raises(TiradsError, match="size_cm: '2 cm' is not a number of centimetres"):
        assess_table([{"composition": "solid", "size_cm": "2 cm"}], systems=["acr"])
    mistaken = [{"composition": "solid", "size_mm": str(size)} for size in (0.9, 1.2, 3.4, 5.9, 2.0)]
    assert "check that the sizes are not in centimetres" in assess_table(mistaken, systems=["acr"]).notes[0]
    right = [*mistaken, {"composition": "solid", "size_mm": "23"}]
    assert "centimetres" not in assess_table(right, systems=["acr"]).notes[0]


def test_wrong_columns() -> None:
    with pytest.raises(TiradsError, match="has no column 'Comp'; its columns are comp"):
        assess_table(ROWS, systems=["acr"], columns={"composition": "Comp"})
    with pytest.raises(TiradsError, match="'colour' is no column that can be mapped"):
        assess_table(ROWS, systems=["acr"], columns={"colour": "comp"})
    with pytest.raises(TiradsError, match="has no column with descriptors"):
        assess_table([{"a": "1", "size_mm": "3"}], systems=["acr"])


def test_codes_tell_contradictions_by_row_and_refuse_all_wrong_rows() -> None:
    row = {
        "composition": "2", "echogenicity": "1", "shape": "0", "margins": "0", "no_echogenic_foci": "1",
        "large_comet_tail": "0", "macrocalcification": "0", "peripheral_calcification": "0", "punctate_foci": "0",
    }  # fmt: skip
    rows = [row, *([row | {"no_echogenic_foci": "0"}] * 3)]
    found = assess_table(rows, systems=["acr"], codes=True)
    assert found.notes[0] == "no_echogenic_foci is 0, but no kind of focus is recorded: 3 rows (3-5)"
    assert found.columns["acr_2017_category"] == ("TR3",) * 4
    with pytest.raises(TiradsError, match=r"2 rows cannot be read; nothing was written.\nrow 2: shape: '1'.*\nrow 3: "):
        assess_table([row | {"shape": "1"}, row | {"margins": "x"}], systems=["acr"], codes=True)
