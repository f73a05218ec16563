"""Tables as people have them: a spreadsheet with four columns, real readers, and what is refused in one sentence."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest

from thyrosight.cli.main import main
from thyrosight.documents import Measure
from thyrosight.errors import OutputError, ReadingsError
from thyrosight.readings.example import ExampleStudy
from thyrosight.studies import load_recipe, load_result, reader_report
from thyrosight.studies.kinds.reader_study.arranging import not_computed

HEADER = "reader,case,truth,score"
CASES = [(f"c{place}", int(place > 12)) for place in range(1, 25)]


def spreadsheet(readers: str = "AB", cases: list[tuple[str, int]] = CASES) -> list[str]:
    """A plain table: every reader's score of each case goes with the truth, more or less."""
    return [
        f"{reader},{case},{truth},{30 * truth + (7 * place + 11 * ord(reader)) % 50}"
        for reader in readers
        for place, (case, truth) in enumerate(cases)
    ]


def run(*words: str) -> int:
    try:
        return int(main(list(words)) or 0)
    except SystemExit as stop:
        return int(stop.code or 0)


@pytest.fixture
def analyse(tmp_path: Path) -> Callable[..., tuple[int, Path]]:
    """Write a table and run the command on it: the exit code, and the study's folder."""

    def command(lines: list[str], *words: str, header: str = HEADER) -> tuple[int, Path]:
        table, out = tmp_path / "table.csv", tmp_path / "out"
        table.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        return run("study", "run", "reader-study", "--readings", str(table), "--out", str(out), *words), out

    return command


@pytest.mark.parametrize(("repeats", "missed"), [(0, False), (5, True), (None, True)])
def test_repeats_are_missed_where_they_were_planned_or_no_plan_is_known(repeats: int | None, missed: bool) -> None:
    found = SimpleNamespace(has_calls=True, arms=(), aided={}, repeated=(), probability=True)
    plan = None if repeats is None else SimpleNamespace(repeats=repeats)
    said = not_computed(("model_score", "active_seconds"), found, plan)  # type: ignore[arg-type]
    assert any("marked as repeated" in sentence for sentence in said) is missed and len(said) == missed


def test_four_columns_are_enough_and_what_is_not_told_is_said(
    analyse: Callable[..., tuple[int, Path]], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = analyse(spreadsheet())
    assert code == 0, capsys.readouterr().err
    result = load_result(out)
    assert set(result.document.names()) - {"guidelines"} == {
        "readers", "mrmc", "readers-auc", "agreement", "guideline-grras", "guideline-mrmc",
    }  # fmt: skip
    said = " ".join(result.unfinished)
    for column in ("biopsy", "model_score", "active_seconds", "repeat", "score_is_risk"):
        assert f"`{column}`" in said
    assert "Labels of unstated origin" in " ".join(result.document.limitations)
    assert "Research use only" in capsys.readouterr().out
    assert (out / "report.html").is_file()


def test_a_workbook_reads_like_its_text(analyse: Callable[..., tuple[int, Path]], tmp_path: Path) -> None:
    code, out = analyse(spreadsheet())
    book = openpyxl.Workbook()
    for line in [HEADER, *spreadsheet()]:
        book.active.append([int(cell) if cell.isdecimal() else cell for cell in line.split(",")])
    book.save(tmp_path / "table.xlsx")
    again = reader_report(tmp_path / "table.xlsx", out=tmp_path / "of-workbook")
    assert code == 0
    assert again.table("readers-auc").records() == load_result(out).table("readers-auc").records()


WRONG: dict[str, tuple[list[str], str, str]] = {
    "no column of readers": (spreadsheet(), "who,case,truth,score", "has no column 'reader'; its columns are who"),
    "nothing rated": (spreadsheet(), "reader,case,truth,note", "has no column 'score', 'category' or 'points'"),
    "two truths": ([*spreadsheet(), "C,c1,1,40"], HEADER, "the case 'c1' has truth 1, but 0 in row 2; correct one"),
    "a reading twice": ([*spreadsheet(), "B,c1,0,40"], HEADER, "the reader 'B' has read the case 'c1'"),
    "one reader": (spreadsheet("A"), HEADER, "One reader alone (A) is no study of readers"),
    "no malignant case": (spreadsheet(cases=CASES[:12]), HEADER, "None of the 12 cases is malignant (truth 1)"),
    "no benign case": (spreadsheet(cases=CASES[12:]), HEADER, "None of the 12 cases is benign (truth 0)"),
    "no number": ([*spreadsheet(), "C,c1,0,high"], HEADER, "'score' should be a number, got 'high'"),
}  # fmt: skip


@pytest.mark.parametrize("problem", list(WRONG))
def test_what_cannot_be_analysed_is_refused_in_one_sentence(
    analyse: Callable[..., tuple[int, Path]], capsys: pytest.CaptureFixture[str], problem: str
) -> None:
    lines, header, sentence = WRONG[problem]
    code, out = analyse(lines, header=header)
    said = capsys.readouterr().err.strip()
    assert code == 2
    assert sentence in said and "\n" not in said, said
    assert not out.exists(), "nothing is left behind"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"score": 140}, "gave the case 'C065' a score of 140; scores of this protocol lie between 0 and 100"),
        ({"arm": "with AI"}, "the arm 'with AI', which the protocol does not know; its arms are unaided, aided"),
    ],
)
def test_a_reading_that_the_protocol_does_not_allow_is_named(
    example: ExampleStudy, tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    rows = [{**row, **changes} if place == 4 else row for place, row in enumerate(example.rows)]
    with pytest.raises(ReadingsError, match=r"^[^\n]+$") as caught:
        reader_report(rows, example.protocol, out=tmp_path / "out")
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (["reference=x"], "The recipe's reference 'x' is no arm; arms are unaided, aided."),
        (["aided=[x]"], "aided: there is no arm 'x'; arms are unaided, aided."),
        (["subgroups=[size]"], "subgroups: there is no column 'case_size'"),
    ],
)
def test_a_recipe_that_does_not_fit_the_table_is_refused(
    example: ExampleStudy, tmp_path: Path, settings: list[str], sentence: str
) -> None:
    recipe = load_recipe("reader-study", settings=settings)
    with pytest.raises(ReadingsError) as caught:
        reader_report(example.rows, out=tmp_path / "out", recipe=recipe)
    assert sentence in str(caught.value)


def test_words_that_do_not_go_together_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "table.csv"
    table.write_text("\n".join([HEADER, *spreadsheet()]), encoding="utf-8")
    given = ("--readings", str(table), "--out", str(tmp_path / "out"))
    for words, sentence in (
        (("reader-study", "--out", "x"), "--readings"),
        (("demo", *given), "reads a cohort, not a table of readings"),
        (("reader-study", "--cohort", str(tmp_path), "--out", "x"), "trains nothing and reads a table of readings"),
        (("reader-study", *given, "--cohort", "x"), "goes with --cohort, not with"),
        (("demo", "--cohort", "x", "--out", "y", "--lesions", "z"), "goes with --readings"),
    ):
        assert run("study", "run", *words) == 2
        assert sentence in " ".join(capsys.readouterr().err.split()).replace("│ ", ""), words


def test_a_table_of_cases_adds_scores_of_a_model(tmp_path: Path) -> None:
    table, cases = tmp_path / "table.csv", tmp_path / "cases.csv"
    table.write_text("\n".join([HEADER, *spreadsheet()]), encoding="utf-8")
    lines = [f"{case},{truth * 0.5 + place % 7 / 10},s{place % 2}" for place, (case, truth) in enumerate(CASES)]
    cases.write_text("\n".join(["case,prediction,case_site", *lines]), encoding="utf-8")
    recipe = load_recipe("reader-study", settings=["columns.model_score=prediction"])
    result = reader_report(table, out=tmp_path / "out", recipe=recipe, cases=cases)
    assert result.table("standalone").row(measure="AUC")["n"] == 24
    assert [row["title"] for row in result.table("subgroups").rows] == ["Site: s0", "Site: s1"]
    for text, sentence in (
        ("\n".join(["case,prediction", *lines[:5]]).replace(",s0", "").replace(",s1", ""), "has no row for the case"),
        ("case,prediction\nc1,0.3\nc1,0.4\n", "row 3: the case 'c1' stands twice"),
        ("case,prediction\nc1,much\n", "'model_score' should be a number, got 'much'"),
        ("case,note\nc1,x\n", "has a column 'prediction'"),
    ):
        cases.write_text(text, encoding="utf-8")
        with pytest.raises(ReadingsError, match=r"^[^\n]+$") as caught:
            reader_report(table, out=tmp_path / "other", recipe=recipe, cases=cases)
        assert sentence in str(caught.value)


def test_a_folder_holds_one_table_of_readings(tmp_path: Path) -> None:
    table, out = tmp_path / "table.csv", tmp_path / "out"
    table.write_text("\n".join([HEADER, *spreadsheet()]), encoding="utf-8")
    first = reader_report(table, out=out)
    assert reader_report(table, out=out).table("mrmc") == first.table("mrmc")
    table.write_text("\n".join([HEADER, *spreadsheet("ABC")]), encoding="utf-8")
    with pytest.raises(OutputError, match="choose another --out"):
        reader_report(table, out=out)


def test_torch_is_not_needed(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("\n".join([HEADER, *spreadsheet()]), encoding="utf-8")
    code = (
        "import importlib.machinery\n"
        "find = importlib.machinery.PathFinder.find_spec\n"
        "hidden = {'torch', 'torchvision', 'lightning_fabric', 'timm'}\n"
        "importlib.machinery.PathFinder.find_spec = lambda name, *more: (\n"
        "    None if name.partition('.')[0] in hidden else find(name, *more))\n"
        "from thyrosight.studies import reader_report\n"
        f"reader_report({str(table)!r}, out={str(tmp_path / 'out')!r})\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert (tmp_path / "out" / "results.json").is_file()


def test_real_radiologists_give_the_published_figures(real_data: Path, tmp_path: Path) -> None:
    """8 radiologists, 99 nodules, 15 cancers (pathology), as `stats readers-against-system` and the guide have them."""
    folder = real_data / "readers"
    recipe = load_recipe(
        "reader-study",
        settings=[
            "columns={truth: cancer, points: tirads_points, model_score: prediction, feature_margin: margins}",
            "called_from=4", "label_source=pathology",
        ],
    )  # fmt: skip
    result = reader_report(
        folder / "thyroid_readers.csv", out=tmp_path / "out", recipe=recipe, cases=folder / "thyroid_model.csv"
    )
    row = result.table("standalone").row(measure="AUC")
    for key, expected in (
        ("readers", (0.814, 0.735, 0.893)), ("system", (0.867, 0.765, 0.968)), ("difference", (-0.053, -0.143, 0.038)),
    ):  # fmt: skip
        assert rounded(row[key]) == expected
    assert round(float(str(row["p"])), 3) == 0.253
    decisions = result.table("mrmc-decisions")
    for measure, expected in (("Sensitivity", (0.942, 0.877, 1.0)), ("Specificity", (0.499, 0.377, 0.62))):
        assert rounded(decisions.row(measure=measure, readers="Readers like these")["reference"]) == expected
    assert "labels: pathology" in result.document.source


def test_van_dyke_is_as_published(real_data: Path, reference: Callable[[str], Any], tmp_path: Path) -> None:
    published = reference("vandyke_obuchowski_rockette")
    recipe = load_recipe("reader-study", settings=["columns={arm: treatment, score: rating}"])
    result = reader_report(real_data / "readers" / "vandyke.csv", out=tmp_path / "out", recipe=recipe)
    row = result.table("mrmc").row(readers="Readers like these")
    means = [row[key].value for key in ("reference", "new")]  # type: ignore[union-attr]
    assert means == pytest.approx(published["treatment_auc"], abs=1e-6)
    apart = row["difference"]
    assert isinstance(apart, Measure)
    low, high = published["difference_ci"]
    assert (apart.value, apart.low, apart.high) == pytest.approx((-published["difference"], -high, -low), abs=1e-6)
    assert row["p"] == pytest.approx(published["p"], abs=1e-6)


def rounded(measure: Any) -> tuple[float, float, float]:
    assert isinstance(measure, Measure)
    return tuple(round(float(part or 0), 3) for part in (measure.value, measure.low, measure.high))  # type: ignore[return-value]
