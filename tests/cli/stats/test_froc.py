"""`thyrosight stats froc`: marks by place, box or name, several readers and tests; one sentence for each mistake."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from thyrosight.cli.stats import app
from thyrosight.errors import ThyroSightError
from thyrosight.statistics import compare_localisation, froc_curve, localisation_merit, marked_cases
from thyrosight.statistics.examples import example_tables

LESIONS = [
    {"case": "a.png", "lesion": "1", "left": 10, "top": 10, "right": 30, "bottom": 20},
    {"case": "a.png", "lesion": "2", "left": 60, "top": 40, "right": 90, "bottom": 70},
    {"case": "b.png", "lesion": "1", "left": 0, "top": 0, "right": 50, "bottom": 50},
    {"case": "c.png", "lesion": ""},
    {"case": "d.png", "lesion": ""},
]
PLACES: list[dict[str, Any]] = [
    {"case": "a.png", "x": 28, "y": 12, "confidence": 0.9},
    {"case": "a.png", "x": 12, "y": 28, "confidence": 0.8},  # columns and rows the other way round hit nothing
    {"case": "b.png", "x": 25, "y": 25, "confidence": 0.4},
    {"case": "c.png", "x": 25, "y": 25, "confidence": 0.5},
]


def _write(path: Path, rows: list[dict[str, Any]]) -> Path:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return path


def _around(x: int, y: int) -> str:
    return f"{x - 2},{y - 2},{x + 2},{y + 2}"


def _run(*words: object) -> Any:
    result = CliRunner().invoke(
        app, ["froc", *(str(word) for word in words), "--format", "json"], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def lesions(tmp_path: Path) -> Path:
    return _write(tmp_path / "lesions.csv", LESIONS)


def test_places_boxes_and_names_say_the_same(tmp_path: Path, lesions: Path) -> None:
    boxes = [
        {"image": f"/scans/{row['case']}", "calibrated_risk": row["confidence"], "box": _around(row["x"], row["y"])}
        for row in PLACES
    ]
    boxes.append({"image": "/scans/d.png", "box": "", "calibrated_risk": 0.1})  # nothing found
    names = [{**row, "lesion": name} for row, name in zip(PLACES, ("1", "", "1", ""), strict=True)]
    found = [
        _run(_write(tmp_path / f"{kind}.csv", rows), "--lesions", lesions)
        for kind, rows in (("places", PLACES), ("boxes", boxes), ("names", names))
    ]
    results = [one["result"]["readers"]["marks"] for one in found]
    assert results[0] == results[1] == results[2]
    assert results[0]["marks"] == "4 cases, 2 without a lesion; 2 of 3 lesions marked; 2 false marks"
    # Lesion 1 of a (0.9) beats 0.5 and nothing; lesion 2 ties with nothing; b (0.4) loses to 0.5 and beats nothing.
    assert results[0]["merits"]["wafroc"]["value"] == pytest.approx((0.5 * 2 + 0.5 * 0.5 + 1) / 4)
    assert results[0]["merits"]["afroc"]["value"] == pytest.approx((2 + 0.5 + 1) / 6)
    notes = " ".join(found[1]["notes"])
    assert "Cases were matched by the names of their files." in notes
    assert "1 rows without a place are searched images without a mark." in notes
    assert "A mark hits a lesion whose box holds the mark's centre." in found[0]["notes"]
    assert "the lesion that the table names" in found[2]["methods"]


def test_the_rule_is_the_users(tmp_path: Path, lesions: Path) -> None:
    rows = [{"case": "b.png", "left": 10, "top": 0, "right": 50, "bottom": 50, "confidence": 1}]
    marks = _write(tmp_path / "marks.csv", rows)

    def hit(*words: object) -> bool:
        return (
            "1 of 3 lesions marked" in _run(marks, "--lesions", lesions, *words)["result"]["readers"]["marks"]["marks"]
        )

    assert hit("--rule", "overlap", "--least-overlap", 0.8) and not hit("--rule", "overlap", "--least-overlap", 0.81)
    # The centres are 5 pixels apart.
    assert hit("--rule", "distance", "--within-mm", 0.5, "--mm-per-pixel", 0.1)
    assert not hit("--rule", "distance", "--within-mm", 0.4, "--mm-per-pixel", 0.1)


@pytest.fixture
def examples(tmp_path: Path) -> tuple[Path, Path]:
    tables = example_tables()
    marks = _write(tmp_path / "marks.csv", tables["marks"])
    return marks, _write(tmp_path / "lesions.csv", tables["lesions"])


def test_the_command_gives_what_the_functions_give(examples: tuple[Path, Path], tmp_path: Path) -> None:
    from thyrosight.statistics import accepted_lesions

    tables = example_tables()
    lesions, places = tables["lesions"], [row for row in tables["lesions"] if "lesion" in row]
    sides = ("left", "top", "right", "bottom")
    marked = {}
    for reader in ("network", "R1"):
        own = [row for row in tables["marks"] if row["reader"] == reader]
        hit = accepted_lesions(
            [row["case"] for row in own],
            [[row["x"], row["y"]] for row in own],
            [row["case"] for row in places],
            [[row[side] for side in sides] for row in places],
        )
        names = {name: [row[name] for row in own] for name in ("case", "confidence")}
        names["lesion"] = [None if place < 0 else places[place]["lesion"] for place in hit]
        columns = {name: [row.get(name) for row in lesions] for name in ("case", "lesion", "patient_id")}
        marked[reader] = marked_cases(names, columns, cluster="patient_id")
    found = _run(examples[0], "--lesions", examples[1], "--figure", tmp_path / "froc.svg")["result"]
    network = found["readers"]["network"]
    assert network["froc"] == froc_curve(marked["network"]).to_dict()
    assert network["merits"]["lroc"] == localisation_merit(marked["network"], metric="lroc").to_dict()
    expected = compare_localisation(marked["network"], marked["R1"]).to_dict()
    assert {"a_name": "network", "b_name": "R1", **expected} in found["differences"]
    assert len(found["differences"]) == 3
    assert (tmp_path / "froc.svg").is_file() and (tmp_path / "froc-wafroc.svg").is_file()


def test_several_tests_are_a_reader_study(examples: tuple[Path, Path], tmp_path: Path) -> None:
    rows = [row | {"modality": kind} for row in example_tables()["marks"] for kind in ("B-mode", "elastography")]
    marks = _write(tmp_path / "study.csv", [row for place, row in enumerate(rows) if place % 7])
    answer = _run(marks, "--lesions", examples[1], "--figure", tmp_path / "f.png")
    assert answer["result"]["tests"] == ["B-mode", "elastography"]
    assert answer["result"]["readers"] == ["R1", "R2", "network"]
    assert "jackknife covariance over patients" in answer["result"]["method"]
    assert "Obuchowski and Rockette" in answer["methods"] and "wAFROC" in answer["methods"]


def test_without_a_lesion_free_case_another_area_stands_in(tmp_path: Path) -> None:
    lesions = _write(tmp_path / "lesions.csv", LESIONS[:3])
    answer = _run(_write(tmp_path / "marks.csv", PLACES[:3]), "--lesions", lesions)
    assert list(answer["result"]["readers"]["marks"]["merits"]) == ["wafroc1", "afroc1", "pcl"]
    assert any("wAFROC1" in note for note in answer["notes"])


@pytest.mark.parametrize(
    ("marks", "words", "message"),
    [
        ([{"case": "z.png", "x": 1, "y": 1, "confidence": 1}], (), "Case z.png has marks but no row"),
        ([{"case": "a.png", "confidence": 1}], (), "says no places: it needs the columns left, top, right, bottom"),
        ([{"case": "a.png", "box": "1,2,3", "confidence": 1}], (), "row 2: 'box' should be left,top,right,bottom"),
        ([{"case": "a.png", "x": 1, "y": 1}], (), "has no column 'confidence' or 'rating'"),
        ([{"case": "a.png", "x": 1, "y": 1, "confidence": ""}], (), "'confidence' is empty"),
        (PLACES, ("--rule", "distance"), "Expected `within_mm`"),
        (PLACES, ("--metric", "auc"), "Expected `metric` to be one of"),
        (
            [{"case": "a.png", "box": "", "confidence": "", "refused": "no pixels"}],
            (),
            "a.png and 0 other images were refused",
        ),
    ],
)
def test_each_mistake_has_its_sentence(
    tmp_path: Path, lesions: Path, marks: list[dict[str, Any]], words: tuple[str, ...], message: str
) -> None:
    table = _write(tmp_path / "marks.csv", marks)
    with pytest.raises(ThyroSightError, match=message):
        _run(table, "--lesions", lesions, *words)


ROWS = [
    {"reader": reader, "modality": modality, "case": case, "lesion": lesion, "confidence": confidence}
    for reader, modality, case, lesion, confidence in (
        *(("R1", "I", *row) for row in (("a", 1, 0.9), ("b", "", ""), ("f", "", 0.5), ("g", "", ""))),
        *(("R2", "I", *row) for row in (("b", "", ""), ("c", 1, 0.6), ("g", "", ""), ("h", "", 0.7))),
        *(("R1", "II", *row) for row in (("a", 1, 0.9), ("b", 1, 0.8), ("f", "", 0.85), ("g", "", ""))),
        *(("R2", "II", *row) for row in (("b", 1, 0.9), ("c", 1, 0.8), ("g", "", 0.85), ("h", "", ""))),
    )
]
"""Marks of readers who searched four of six cases each; rows without a mark are searches without one."""


@pytest.fixture
def parts(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Tables of marks, of lesions, and of searches alone."""
    lesions = [{"case": case, "lesion": lesion} for case, lesion in zip("abcfgh", (1, 1, 1, "", "", ""), strict=True)]
    searches = [{name: row[name] for name in ("reader", "modality", "case")} for row in ROWS]
    return (
        _write(tmp_path / "marks.csv", ROWS),
        _write(tmp_path / "lesions.csv", lesions),
        _write(tmp_path / "searches.csv", searches),
    )


def test_who_searched_what_is_told_by_rows_without_a_mark_or_by_a_table(
    tmp_path: Path, parts: tuple[Path, Path, Path]
) -> None:
    """The values are worked out in tests/statistics/localisation/test_partial.py."""
    marks, lesions, searches = parts
    alone = _write(tmp_path / "alone.csv", [row for row in ROWS if row["confidence"] != ""])
    words = ("--lesions", lesions, "--readers", "fixed")
    answers = [_run(marks, *words, "--searched", marks), _run(alone, *words, "--searched", searches)]
    results = [one["result"] for one in answers]
    assert results[0] == results[1]
    assert [[one["value"] for one in row] for row in results[0]["reader_estimates"]] == [[0.625, 0.375], [0.75, 0.75]]
    assert results[0]["differences"][0]["estimate"]["se"] == pytest.approx((3 / 4 * 0.265625) ** 0.5)
    assert "6 rows without a lesion and a confidence are searched images without a mark." in answers[0]["notes"]
    assert "searches.csv names 16 searches of 6 cases." in answers[1]["notes"]
    everything = _run(alone, *words)["result"]
    assert everything["reader_estimates"][0][0]["value"] == pytest.approx(5 / 9)


def test_with_one_test_readers_are_compared_where_both_searched(parts: tuple[Path, Path, Path]) -> None:
    marks, lesions, _ = parts
    answer = _run(marks, "--lesions", lesions, "--searched", marks, "--where", "modality=I")
    found = answer["result"]["readers"]
    assert found["R1"]["merits"]["wafroc"]["value"] == 0.625 and found["R1"]["merits"]["wafroc"]["n"] == 4
    assert answer["summary"].startswith("R1 searched 4 cases with 2 lesions. R2 searched 4 cases with 2 lesions.")
    assert "R1 - R2: compared on the 2 cases that both searched." in answer["notes"]
    # Both miss b and leave g unmarked: a tie each.
    assert (answer["result"]["differences"][0]["a"]["value"], answer["result"]["differences"][0]["b"]["value"]) == (
        0.5,
        0.5,
    )


def test_readers_without_a_common_case_are_not_compared(tmp_path: Path) -> None:
    rows = [row for row in ROWS if (row["reader"] == "R1") == (row["case"] in "abfg") and row["modality"] == "II"]
    rows = [row for row in rows if row["reader"] == "R1" or row["case"] in "ch"]
    lesions = [{"case": case, "lesion": lesion} for case, lesion in zip("abcfgh", (1, 1, 1, "", "", ""), strict=True)]
    marks = _write(tmp_path / "marks.csv", rows)
    answer = _run(marks, "--lesions", _write(tmp_path / "lesions.csv", lesions), "--searched", marks)
    assert answer["result"]["differences"] == []
    assert any(note.startswith("R1 - R2 cannot be compared.") for note in answer["notes"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows[1:], "marks.csv has a mark of R1, I, a, but .*searches.csv has no such search"),
        (lambda rows: [*rows, rows[0] | {"case": "z"}], "Case z was searched but has no row in the table of lesions"),
        (lambda rows: [{"reader": "R1", "case": "a"}], "searches.csv has no column 'modality' .marks.csv."),
        (lambda rows: [*rows, rows[0] | {"reader": ""}], "row 18: 'reader' is empty"),
    ],
)
def test_each_mistake_in_searches_has_its_sentence(
    tmp_path: Path, parts: tuple[Path, Path, Path], change: Any, message: str
) -> None:
    marks, lesions, _ = parts
    rows = change([{name: row[name] for name in ("reader", "modality", "case")} for row in ROWS])
    with pytest.raises(ThyroSightError, match=message):
        _run(marks, "--lesions", lesions, "--searched", _write(tmp_path / "searches.csv", rows))
