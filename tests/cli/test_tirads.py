"""`thyrosight tirads` as a user types it."""

import csv
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from thyrosight.cli.tirads import tirads
from thyrosight.errors import ThyroSightError

app = typer.Typer()
app.command()(tirads)

NODULE = ["--composition", "solid", "--echogenicity", "hypoechoic", "--margin", "smooth", "--calcification", "none"]


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), catch_exceptions=False)


def test_one_nodule_in_words() -> None:
    output = run("--system", "acr", *NODULE, "--shape", "wider", "--size-mm", "16").output
    assert "TR4 (moderately suspicious)" in output and "fine-needle aspiration" in output
    assert output.rstrip().endswith("For research use only, not for diagnosis.")


def test_what_is_left_out_is_unknown() -> None:
    output = run("--system", "acr", *NODULE).output
    assert "TR4 to TR5" in output and "4 to 7" in output and "not exactly known  shape" in output


def test_one_and_several_systems_as_json() -> None:
    one = json.loads(run("--system", "acr", *NODULE, "--json").output)
    assert (one["lowest"], one["highest"], one["category"]) == ("TR4", "TR5", None)
    both = json.loads(run("--system", "acr", "--system", "eu", *NODULE, "--json").output)
    assert [item["system"] for item in both] == ["acr-2017", "eu-tirads-2017"]


def test_the_list_names_systems_and_sources() -> None:
    output = run("--list").output
    assert "k-tirads-2021" in output and "J Am Coll Radiol 2017;14:587-595" in output
    assert len(json.loads(run("--list", "--json").output)) == 8


def test_a_table_keeps_its_columns_and_gains_categories(tmp_path: Path) -> None:
    source, out = tmp_path / "n.csv", tmp_path / "o.csv"
    source.write_text("id;Margins;composition\nä1;smooth;solid\nä2;;cystic\n", encoding="utf-8")
    result = run("--system", "acr", "--table", str(source), "--out", str(out), "--column", "margin=Margins")
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert [row["id"] for row in rows] == ["ä1", "ä2"]
    assert [row["acr_2017_lowest"] for row in rows] == ["TR3", "TR1"]
    assert "2 rows with their categories" in result.stderr


def test_a_table_with_bad_cells_writes_nothing(tmp_path: Path) -> None:
    source, out = tmp_path / "n.csv", tmp_path / "o.csv"
    source.write_text("composition,shape\nsolid,wider\n\nhard,wider\nsolid,flat\n", encoding="utf-8")
    with pytest.raises(ThyroSightError, match=r"(?s)2 cells.*row 4, composition: 'hard'.*row 5, shape: 'flat'"):
        run("--system", "acr", "--table", str(source), "--out", str(out))
    assert not out.exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "Name a system with --system"),
        (["--system", "acr", "--out", "x.csv"], "go with --table"),
        (["--system", "bcr"], "There is no system 'bcr'"),
        (["--system", "acr", "--size-mm", "1,5"], "is not a number of millimetres"),
        (["--system", "acr", "--table", "n.csv", "--column", "margin"], "should read NAME=COLUMN"),
        (["--system", "acr", "--table", "n.csv", "--json"], "leave out --json"),
        (["--system", "acr", "--table", "n.csv", "--size-mm", "9"], "reads sizes from its column"),
        (["--system", "acr", "--table", "missing.csv"], "There is no file missing.csv"),
    ],
)
def test_mistakes_are_told(words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "n.csv").write_text("composition\nsolid\n", encoding="utf-8")
    with pytest.raises(ThyroSightError, match=message):
        run(*words)


def test_the_reader_study_as_a_user_runs_it(real_data: Path, tmp_path: Path) -> None:
    source, out = real_data / "readers" / "thyroid_readers.csv", tmp_path / "o.csv"
    result = run("--system", "acr", "--table", str(source), "--codes", "--out", str(out))
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert all(row["acr_2017_points_lowest"] == row["acr_2017_points_highest"] == row["tirads_points"] for row in rows)
    assert "197 rows (10, 13, 15-18," in result.stderr and "1 row (728)" in result.stderr
