"""`thyrosight phantom` as a user types it."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from thyrosight.cli.phantom import phantom
from thyrosight.errors import OutputError

app = typer.Typer()
app.command()(phantom)


def test_it_writes_a_cohort_and_says_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["--out", str(tmp_path / "p"), "--n", "2", "--seed", "3"])
    assert result.exit_code == 0
    assert "2 simulated images" in result.output and "Best possible AUC: 0.922" in result.output
    assert (tmp_path / "p" / "cohort.csv").exists()


def test_a_foreign_folder_is_an_error_a_user_can_act_on(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="choose a new or empty folder"):
        CliRunner().invoke(app, ["--out", str(tmp_path)], catch_exceptions=False)


def test_zero_images_are_refused(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["--out", str(tmp_path / "p"), "--n", "0"]).exit_code == 2
