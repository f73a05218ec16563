"""`thyrosight reader-study` as a user types it."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from thyrosight.cli.main import main
from thyrosight.cli.reader_study import app
from thyrosight.files import sha256_of_file

CASES = "case,truth,role\n" + "".join(f"c{place},{int(place < 5)},\n" for place in range(12))
EXTRA = "".join(f"p{place},1,practice\n" for place in range(3)) + "a0,1,attention\na1,1,attention\n"


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the shipped protocol and a table of cases."""
    monkeypatch.chdir(tmp_path)
    CliRunner().invoke(app, ["template", "--out", "protocol.yaml"], catch_exceptions=False)
    (tmp_path / "cases.csv").write_text(CASES + EXTRA)
    return tmp_path


def test_the_template_becomes_a_design(study: Path) -> None:
    words = ["design", "protocol.yaml", "--cases", "cases.csv", "--readers", "Ada, Ben,Cho", "--out", "out"]
    output = CliRunner().invoke(app, words, catch_exceptions=False).output
    assert "3 sessions with 81 cases to read" in output and "give a power of" in output
    rows = list(csv.DictReader((study / "out" / "orders.csv").open(encoding="utf-8")))
    assert len(rows) == 2 * 81 and {row["reader"] for row in rows} == {"Ada", "Ben", "Cho"}
    record = json.loads((study / "out" / "design.json").read_text())
    assert record["orders_sha256"] == sha256_of_file(study / "out" / "orders.csv")
    assert record["protocol_sha256"][:12] in output
    assert {path.name for path in (study / "out").iterdir()} == {
        "protocol.html", "protocol.docx", "instructions.html", "instructions.docx", "orders.csv", "design.json",
        "power.html",
    }  # fmt: skip


def test_a_design_is_written_in_spanish(study: Path) -> None:
    words = ["design", "protocol.yaml", "--cases", "cases.csv", "--readers", "Ada,Ben,Cho", "--out", "out"]
    output = CliRunner().invoke(app, [*words, "--language", "es"], catch_exceptions=False).output
    assert "Wrote protocol.es.html, protocol.es.docx, instructions.es.html" in output
    page = (study / "out" / "protocol.es.html").read_text(encoding="utf-8")
    assert '<html lang="es"' in page and "Diagrama de flujo de las lecturas planificadas" in page
    assert "Tamaño muestral del estudio de lectores" in (study / "out" / "power.es.html").read_text(encoding="utf-8")


def test_a_template_writes_over_nothing(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["reader-study", "template", "--out", "protocol.yaml"])
    assert stop.value.code == 2 and "is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["design", "gone.yaml", "--cases", "cases.csv", "--readers", "A", "--out", "o"],
            "Protocol gone.yaml does not",
        ),
        (["design", "bad.yaml", "--cases", "cases.csv", "--readers", "A", "--out", "o"], "design: expected 'single'"),
        (["design", "protocol.yaml", "--cases", "gone.csv", "--readers", "A", "--out", "o"], "gone.csv"),
        (["design", "protocol.yaml", "--cases", "cases.csv", "--readers", "A,,B", "--out", "o"], "one is empty"),
        (["design", "protocol.yaml", "--cases", "few.csv", "--readers", "A", "--out", "o"], "practice: the protocol"),
        (["design", "protocol.yaml", "--cases", "cases.csv", "--readers", "no.csv", "--out", "o"], "no.csv"),
        (["export", "cases.csv"], "Name a file with --imrmc"),
        (["export", "cases.csv", "--long", "o.csv"], "has no column 'reader'"),
        (["export", "cases.csv", "--long", "o.csv", "--column", "arm"], "should read NAME=COLUMN"),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(
    study: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    (study / "bad.yaml").write_text((study / "protocol.yaml").read_text().replace("sequential\n", "sequentiel\n"))
    (study / "few.csv").write_text(CASES)
    with pytest.raises(SystemExit) as stop:
        main(["reader-study", *words])
    told = capsys.readouterr().err
    assert stop.value.code == 2 and said in told and told.count("\n") == 1
    assert not (study / "o").exists() and not (study / "o.csv").exists()
