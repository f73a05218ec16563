"""`thyrosight cohort`: exit codes, tables, JSON, files."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from thyrosight.cli.main import main
from thyrosight.cohort import Split, open_cohort


def run(*words):
    with pytest.raises(SystemExit) as stop:
        main(["cohort", *map(str, words)])
    return stop.value.code


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Twelve made-up frames of twelve patients; p11 holds a copy of p00's."""
    lines = ["image,patient_id,label,label_source,site"]
    for number in range(12):
        random = np.random.default_rng(0 if number == 11 else number)
        texture = ndimage.gaussian_filter(random.normal(size=(160, 220)), (2, 3))
        pixels = np.clip(128 + texture / texture.std() * 50, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number:02d}.png")
        label = "malignant" if number % 2 else "benign"
        lines.append(f"{number:02d}.png,p{number:02d},{label},pathology,{'AB'[number % 3 == 0]}")
    (tmp_path / "cohort.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path / "cohort.csv"


def test_check_passes_and_tells_what_is_in_the_cohort(source, capsys):
    assert run("check", source) == 0
    said = capsys.readouterr().out
    for words in (
        "No errors",
        "12 images, 12 patients",
        "label source: pathology",
        "site: A",
        "Distinct frames: 11 of 12",
    ):
        assert words in said
    assert "Merged: 2 cases share frames and become 1" in said
    assert "00 (benign), 11 (malignant)" in said
    assert "n = 12" in said


def test_check_lists_every_bad_row_and_exits_with_2(source, capsys):
    text = source.read_text(encoding="utf-8").replace("p03,malignant", "p03,malignat").replace("05.png", "5.png")
    source.write_text(text, encoding="utf-8")
    assert run("check", source) == 2
    said = capsys.readouterr().out
    assert "'malignat' is not 'benign' or 'malignant'; did you mean 'malignant'?" in said
    assert "row 5" in said
    assert "5.png: no such file" in said
    assert "row 7" in said
    assert "2 errors" in said


def test_check_as_json_is_one_document(source, capsys):
    assert run("check", source, "--json") == 0
    content = json.loads(capsys.readouterr().out)
    assert content["description"]["groups"] == 11
    assert content["duplicates"]["merged_cases"] == [["p00", "p11"]]
    assert content["flow"][-1]["n"] == 12


def test_describe_and_convert_need_no_image_to_be_opened(source, capsys, tmp_path):
    assert run("describe", source, "--json") == 0
    assert json.loads(capsys.readouterr().out)["description"]["by_label"] == {"benign": 6, "malignant": 6}
    assert run("convert", source, "--out", tmp_path / "copy.parquet") == 0
    assert open_cohort(tmp_path / "copy.parquet").digest() == open_cohort(source).digest()


def test_duplicates_draws_a_contact_sheet(source, capsys, tmp_path):
    assert run("duplicates", source, "--contact-sheet", tmp_path / "sheet.png", "--json") == 0
    content = json.loads(capsys.readouterr().out)
    assert [(pair["first"], pair["second"], pair["kind"]) for pair in content["pairs"]] == [("00", "11", "same frame")]
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 600


def test_a_split_is_written_and_checked(source, capsys, tmp_path):
    out = tmp_path / "splits.json"
    assert run("split", source, "--out", out, "--folds", 3, "--validation", 0, "--contradictions", "keep") == 0
    split = Split.load(out)
    assert len(split.divisions) == 3
    assert split.groups["p00+p11"] == ("00", "11")
    assert run("split", source, "--check", out, "--contradictions", "keep") == 0
    assert "no group stands in two parts" in capsys.readouterr().out
    assert run("split", source, "--check", out) == 2  # the contradicting pair is excluded now: another cohort
    assert "belongs to another cohort" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["describe", "nowhere"], "nowhere: no such file or folder"),
        (["describe", ".", "--option", "x"], "write NAME=VALUE"),
        (["split", "."], "Give either --out FILE"),
        (["fetch", "tn3k"], "no address of the archive is on record"),
    ],
)
def test_mistakes_get_one_line_and_exit_code_2(words, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(*words) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_kinds_and_public_sets_are_listed(capsys):
    assert run("kinds") == 0
    assert "--option tirads-malignant-from" in capsys.readouterr().out
    assert run("fetch") == 0
    listed = capsys.readouterr().out
    assert "licence" in listed
    assert "github.com/haifangong" in listed
