"""Exports for other programs, from real readings, and read back."""

import csv
import io
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.readings.test_table import rows_of
from thyrosight.errors import ReadingsError
from thyrosight.readings import Protocol, Readings, imrmc_csv, main_readings, mrmcaov_csv, ratings_of, read_readings
from thyrosight.statistics import compare_readers


def parsed(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_van_dyke_comes_out_as_the_package_holds_it(real_data: Path) -> None:
    path = real_data / "readers" / "vandyke.csv"
    readings = read_readings(path, columns={"arm": "treatment", "score": "rating"})
    found = mrmcaov_csv(readings.rows)
    own = [
        {name: row[name] for name in ("reader", "treatment", "case", "truth", "rating")}
        for row in parsed(path.read_text())
    ]
    assert parsed(found.text) == own
    assert (found.readings, found.left_out) == (1140, 0)


def test_imrmc_holds_the_truth_of_each_case_and_every_reading(real_data: Path) -> None:
    readings = read_readings(real_data / "readers" / "vandyke.csv", columns={"arm": "treatment", "score": "rating"})
    rows = parsed(imrmc_csv(readings.rows).text)
    truth = [row for row in rows if row["readerID"] == "truth"]
    assert len(truth) == 114 and sum(row["score"] == "1" for row in truth) == 45
    assert {row["modalityID"] for row in truth} == {"truth"}
    first = next(row for row in rows if row["readerID"] != "truth")
    assert first == {"readerID": "1", "caseID": "1", "modalityID": "1", "score": "1"}
    assert len(rows) == 114 + 1140


def test_real_thyroid_readings_by_points_and_by_grade(real_data: Path) -> None:
    names = {"truth": "cancer", "points": "tirads_points", "category": "tirads_grade"}
    readings = read_readings(real_data / "readers" / "thyroid_readers.csv", columns=names)
    rows = parsed(mrmcaov_csv(readings.rows).text)
    data = {name: [row[name] for row in rows] for name in ("reader", "treatment", "case")}
    numbers = {name: [float(row[name]) for row in rows] for name in ("truth", "rating")}
    auc = compare_readers(
        data | numbers, test="treatment", reader="reader", case="case", truth="truth", rating="rating"
    ).test_estimates[0]
    assert auc.value == pytest.approx(0.814, abs=5e-4)  # docs/how-to/reader-study.md, printed from the table itself
    by_grade = ratings_of([row | {"points": None} for row in readings.rows])
    assert by_grade.column == "category" and set(by_grade.values) == {1, 2, 3, 4, 5}


def categories(*cells: str, system: str | None = None) -> list[dict[str, object]]:
    named = {"reader": "A", "case": "1", "score": None, "points": None, "system": system}
    return [named | {"category": cell} for cell in cells]


def test_categories_without_a_system_are_those_of_the_oldest_that_knows_all() -> None:
    """4b stands behind 4a in Kwak's TI-RADS; a word for nothing is nothing; numbers are themselves."""
    found = ratings_of(categories("4b", "3", "5", "not read", "4a"))
    assert found.values == (4, 2, 6, None, 3)
    assert "Kwak" in found.system
    assert ratings_of(categories("2", "5")).values == (2, 5)
    assert ratings_of(categories("2", "5"), column="category").system == ""


def test_categories_of_two_systems_are_no_scale() -> None:
    rows = [*categories("TR4", system="acr"), *categories("4", system="eu")]
    with pytest.raises(ReadingsError, match=r"categories of several systems \(acr, eu\)"):
        ratings_of(rows)
    with pytest.raises(ReadingsError, match="No reading has anything in the column 'points'"):
        ratings_of(rows, column="points")


def test_practice_attention_and_repeats_are_left_out(protocol: Protocol) -> None:
    rows = rows_of(protocol)
    assert len(main_readings(rows)) == 2 * 2 * 4
    assert imrmc_csv(rows).readings == mrmcaov_csv(rows).readings == 16
    assert {row["treatment"] for row in parsed(mrmcaov_csv(rows).text)} == {"unaided", "aided"}


def test_readings_without_a_number_are_counted(protocol: Protocol) -> None:
    rows = rows_of(protocol)
    rows[-1]["score"] = None
    assert (mrmcaov_csv(rows).left_out, mrmcaov_csv(rows).readings) == (1, 15)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"truth": None}, "has no truth"),
        ({"reader": "truth"}, "which iMRMC takes for the truth"),
        ({"repeat": 1}, "no reading of the main analysis"),
        ({"score": None, "points": None, "category": None}, "No reading has a score"),
        ({"score": None, "points": None, "system": None, "category": "odd"}, "name its TI-RADS system"),
        ({"score": None, "points": None, "category": "TR9"}, "is no category of"),
    ],
)
def test_what_cannot_be_exported_is_said(protocol: Protocol, changes: dict[str, object], said: str) -> None:
    rows = [row | changes for row in rows_of(protocol)]
    with pytest.raises(ReadingsError, match=said):
        imrmc_csv(Readings(tuple(rows), ()).rows)


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="there is no R on this machine")
def test_another_program_finds_the_same_in_the_table_for_imrmc(real_data: Path, tmp_path: Path) -> None:
    """Obuchowski-Rockette-Hillis written anew in R from all pairs of cases, on the exported file."""
    readings = read_readings(real_data / "readers" / "vandyke.csv", columns={"arm": "treatment", "score": "rating"})
    path = tmp_path / "imrmc.csv"
    path.write_text(imrmc_csv(readings.rows).text, encoding="utf-8")
    script = Path(__file__).parents[2] / "benchmarks" / "reader_study.R"
    told = subprocess.run(["Rscript", script, path], check=True, capture_output=True, text=True).stdout.splitlines()
    difference, error, freedom, p = map(float, next(one for one in told if "random difference" in one).split()[2:])
    rows = [row for row in parsed(path.read_text(encoding="utf-8")) if row["readerID"] != "truth"]
    truth = {row["caseID"]: int(row["score"]) for row in parsed(path.read_text()) if row["readerID"] == "truth"}
    found = compare_readers(
        {
            "arm": [row["modalityID"] for row in rows],
            "reader": [row["readerID"] for row in rows],
            "case": [row["caseID"] for row in rows],
            "truth": [truth[row["caseID"]] for row in rows],
            "rating": [float(row["score"]) for row in rows],
        },
        test="arm", reader="reader", case="case", truth="truth", rating="rating",
    )  # fmt: skip
    apart = found.differences[0]
    sign = 1 if [apart.test_b, apart.test_a] == told[-1].split()[1:] else -1
    assert apart.estimate.value == pytest.approx(sign * difference, abs=1e-10)
    assert apart.estimate.se == pytest.approx(error, abs=1e-10)
    assert apart.p == pytest.approx(p, abs=1e-8)
    assert found.global_test is not None and found.global_test.df2 == pytest.approx(freedom, rel=1e-8)
