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


def test_a_cohort_like_a_study_with_changes(tmp_path: Path) -> None:
    words = ["--out", str(tmp_path / "p"), "--n", "2", "--seed", "3", "--like", "micronodule", "--reader", "Kim=0.8"]
    result = CliRunner().invoke(app, [*words, "--describing-reader", "Lee=0.9", "--no-reference-standard"])
    assert result.exit_code == 0
    assert "Simulated reader Kim: k-tirads-2016 categories with an AUC of 0.800" in result.output
    header = (tmp_path / "p" / "cohort.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert {"reader:Kim", "reader:Lee", "margin:Lee", "setting"} <= set(header) and "reader:A" not in header


def test_a_cohort_of_lymph_nodes(tmp_path: Path) -> None:
    words = ["--out", str(tmp_path / "p"), "--n", "2", "--seed", "3", "--like", "ynet-lymph-node"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0
    assert "2 simulated images of 2 lymph nodes" in result.output
    assert "sensitivity 95.14%, specificity 34.30%" in result.output
    header = (tmp_path / "p" / "cohort.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert {"hilum", "neck_level", "short_axis_mm", "report_text"} <= set(header)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--like", "ynet-lymph-node", "--small", "0.3"], "--small cannot be used with --like ynet-lymph-node"),
        (["--like", "lymph"], "choose from standard, .*ynet-lymph-node"),
        (["--like", "lymph"], "no phantoms like 'lymph'"),
        (["--reader", "Kim"], "'Kim' should read NAME=NUMBER"),
        (["--reader", "=0.8"], "needs a name"),
        (["--reader", "Kim=0.99"], "the best possible one"),
    ],
)
def test_impossible_options(tmp_path: Path, words: list[str], message: str) -> None:
    with pytest.raises(OutputError, match=message):
        CliRunner().invoke(app, ["--out", str(tmp_path / "p"), *words], catch_exceptions=False)
    assert not (tmp_path / "p").exists()


def test_a_cohort_with_elastograms_says_what_each_picture_can_tell(tmp_path: Path) -> None:
    words = ["--out", str(tmp_path / "p"), "--n", "2", "--seed", "3", "--like", "elasticity-fusion"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0 and "2 simulated images with elastograms" in result.output
    assert "0.812 from B-mode features, 0.812 from stiffness, 0.895 from both" in result.output
    with pytest.raises(OutputError, match="--small cannot be used with --like elasticity-fusion"):
        CliRunner().invoke(app, [*words, "--small", "0.5"], catch_exceptions=False)
