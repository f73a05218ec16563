"""`thyrosight study`: from images to a report, and the sentences for what cannot be run."""

import io
import json
import re
import shutil
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from thyrosight.cli.main import main
from thyrosight.phantoms import make_phantom_cohort

SMALL = (
    "split.repeats=1",
    "preparation.size=32",
    "training.epochs=1",
    "evaluation.bootstrap=200",
    "networks=[tiny]",
    "explain.images=4",
)


def run(*words: str) -> int:
    try:
        code = main(list(words))
    except SystemExit as stop:
        return int(stop.code or 0)
    return int(code or 0)


@pytest.fixture(scope="module")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_phantom_cohort(tmp_path_factory.mktemp("phantoms"), n=40, seed=3)


@pytest.fixture(scope="module")
def ran(phantoms: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a study that was run from the command line, and what it printed."""
    out, printed = tmp_path_factory.mktemp("study") / "out", io.StringIO()
    settings = [word for setting in SMALL for word in ("--set", setting)]
    with redirect_stdout(printed):
        assert run("study", "run", "resnet18-focal", "--cohort", str(phantoms), "--out", str(out), *settings) == 0
    return out, printed.getvalue()


def test_a_study_leaves_a_report_and_a_card_of_its_model(ran: tuple[Path, str]) -> None:
    out, printed = ran
    assert "Research use only" in printed and "±" not in printed, "what it is stands in the report alone"
    result = json.loads((out / "results.json").read_text(encoding="utf-8"))
    page = (out / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=.?https?:", page), "the page needs no internet"
    said = " ".join(printed.split())
    assert result["document"]["key_result"] in said, "with the verdict, for figures alone tell too much"
    card = (out / "model-card.md").read_text(encoding="utf-8")
    assert result["model"]["hash"] in card
    assert "simulated" in card
    assert "patient-level" in card


def test_an_unknown_setting_names_the_nearest_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("study", "show", "demo", "--set", "training.epoch=3") == 2
    assert "did you mean training.epochs?" in capsys.readouterr().err


def test_a_recipe_shown_is_a_recipe_that_can_be_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("study", "show", "demo") == 0
    mine = tmp_path / "mine.yaml"
    mine.write_text(capsys.readouterr().out, encoding="utf-8")
    assert run("study", "show", str(mine)) == 0
    assert capsys.readouterr().out == mine.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--engine", "spark"), "--engine: expected local, processes or ray, got 'spark'"),
        (("--workers", "3"), "add --engine processes"),
        (("--address", "auto"), "add --engine ray"),
    ],
)
def test_an_engine_that_cannot_be_is_refused(
    words: tuple[str, ...], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run("study", "run", "demo", "--cohort", str(tmp_path), "--out", str(out), *words) == 2
    assert sentence in capsys.readouterr().err
    assert not out.exists()


def test_a_plan_is_printed_and_written_and_nothing_is_trained(
    phantoms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = [word for setting in SMALL for word in ("--set", setting)]
    command = ["study", "plan", "resnet18-focal", "--cohort", str(phantoms), "--out", str(tmp_path / "plan"), *settings]
    assert run(*command, "--auc", "0.8", "--width", "0.2") == 0
    printed = capsys.readouterr().out
    assert "Interval of an AUC of 0.8 no wider than 0.2" in printed and "For the Methods section:" in printed
    plan = json.loads((tmp_path / "plan" / "plan.json").read_text(encoding="utf-8"))
    assert plan["result"]["aims"][0]["there"] == plan["result"]["aims"][1]["there"]
    assert "thyrosight study plan" in (tmp_path / "plan" / "plan.html").read_text(encoding="utf-8")
    assert sorted(path.name for path in (tmp_path / "plan").iterdir()) == ["plan.csv", "plan.html", "plan.json"]


def test_a_dry_run_needs_no_folder_and_a_run_does(phantoms: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = [word for setting in SMALL for word in ("--set", setting)]
    assert run("study", "run", "resnet18-focal", "--cohort", str(phantoms), "--plan", *settings) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("1 trial, ") and "Intervals to expect" in printed
    assert run("study", "run", "resnet18-focal", "--cohort", str(phantoms)) == 2
    assert "--out" in capsys.readouterr().err


def test_a_report_is_written_again_with_answers(
    ran: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = ran[0] / "guidelines" / "claim.csv"
    text = file.read_text(encoding="utf-8-sig")
    file.write_text(text.removesuffix(",,,\n") + ",Nobody paid.,,\n", encoding="utf-8")
    assert run("study", "report", str(ran[0])) == 0
    assert "Nobody paid." in (ran[0] / "report.html").read_text(encoding="utf-8")
    assert run("study", "report", str(tmp_path)) == 2
    assert "no finished study" in capsys.readouterr().err


def test_a_report_and_a_manuscript_are_written_in_another_language(
    ran: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thyrosight.reports.manuscript.draw", lambda *_: {}["no pictures: legends stand alone"])
    assert run("study", "report", str(ran[0]), "--language", "es") == 0
    assert "<h2>Limitaciones</h2>" in re.sub(' id="[^"]*"', "", (ran[0] / "report.es.html").read_text(encoding="utf-8"))
    assert run("study", "export", str(ran[0]), "--to", str(tmp_path / "paper"), "--language", "zh") == 0
    assert "材料与方法" in (tmp_path / "paper" / "latex" / "manuscript.tex").read_text(encoding="utf-8")
    for words in (("report", str(ran[0])), ("export", str(ran[0]), "--to", str(tmp_path / "other"))):
        assert run("study", *words, "--language", "tlh") == 2
        assert "There are no reports in the language 'tlh'" in capsys.readouterr().err


def test_a_study_becomes_a_manuscript_and_is_computed_again(
    ran: tuple[Path, str],
    phantoms: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("thyrosight.reports.manuscript.draw", lambda *_: {}["no pictures: legends stand alone"])
    out, paper, again = ran[0], tmp_path / "paper", tmp_path / "again"
    assert run("study", "export", str(out), "--to", str(paper)) == 0
    printed = capsys.readouterr().out
    assert "for you to write" in printed
    assert "Research use only" in printed
    assert run("study", "rerun", str(paper), "--check-only") == 0
    assert "Nothing was run" in capsys.readouterr().out
    shutil.copytree(out, again)  # its trials are taken over, so that nothing is trained here
    assert run("study", "rerun", str(paper), "--cohort", str(phantoms), "--out", str(again)) == 0
    assert "came out identical" in capsys.readouterr().out
    assert run("study", "export", str(out), "--to", str(paper)) == 2
    assert "choose another --to" in capsys.readouterr().err
    assert run("study", "export", str(tmp_path / "nothing"), "--to", str(tmp_path / "other")) == 2
    assert "holds no finished study" in capsys.readouterr().err
