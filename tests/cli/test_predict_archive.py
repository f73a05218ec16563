"""`thyrosight predict --out` as a user runs it."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from tests.archives.conftest import save_model, write_image
from thyrosight.cli.main import main


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("bundle") / "model")


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    for number in range(5):
        write_image(tmp_path / "scans" / f"scan{number}.png", number)
    return tmp_path / "scans"


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        main(["predict", *map(str, words)])
    out, err = capsys.readouterr()
    return int(str(stopped.value.code or 0)), " ".join(out.split()), err


def test_a_folder_becomes_a_table_and_a_summary(
    model: Path, scans: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "results"
    code, said, told = run(capsys, scans, "--model", model, "--out", out, "--part-size", 2)
    assert code == 0
    assert "5 images were listed: 5 were assessed and 0 refused." in said and "research use only" in said
    assert "Assessing: 5/5" in told
    assert len(pd.read_parquet(out / "assessments")) == 5
    page = (out / "summary.html").read_text(encoding="utf-8")
    assert "5 images were listed" in page and "every number comes from assessments in the same folder" in page
    with (out / "summary" / "labels.csv").open(encoding="utf-8", newline="") as stream:
        assert next(csv.DictReader(stream)) == {
            "what": "images assessed", "count": "5", "count_of": "5", "count_share": "1.0",
        }  # fmt: skip


def test_refusals_are_counted_by_reason_and_the_exit_code_says_so(
    model: Path, scans: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.png", "b.png"):
        (scans / name).write_text("nothing", encoding="utf-8")
    out = tmp_path / "results"
    code, said, _ = run(capsys, scans, "--model", model, "--out", out)
    assert code == 2 and "2 refused" in said and "2 the image is not an image that can be read" in said
    assert (out / "summary" / "refusals.csv").exists()
    for name in ("a.png", "b.png"):
        (scans / name).unlink()
    assert run(capsys, scans, "--model", model, "--out", tmp_path / "other")[0] == 0
    assert not (tmp_path / "other" / "summary" / "refusals.csv").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--engine", "processes"], "add --out DIR"),
        (["--keep", "id"], "add --out DIR"),
        (["--out", "x", "--csv", "a.csv"], "--csv is for few images"),
        (["--out", "x", "--boxes", "a.csv"], "--boxes is for few images"),
        (["--out", "x", "--engine", "slurm"], "expected local, processes or ray"),
        (["--out", "x", "--workers", "2"], "add --engine processes"),
        (["--out", "x", "--keep", "id"], "have no columns to keep"),
    ],
)
def test_options_that_do_not_fit(
    words: list[str], said: str, *, model: Path, scans: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    code, _, told = run(capsys, scans, "--model", model, *words)
    assert code == 2 and said in told and len(told.splitlines()) == 1
    assert not (tmp_path / "x" / "archive.json").exists()
