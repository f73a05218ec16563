"""The manuscript of a study of readers, what reproduces it, and the same in other languages."""

from pathlib import Path

import pytest

from tests.languages.reading import english_left, english_left_in_manuscript
from tests.quick_figures import quick_figures
from tests.studies.reading import assert_latex_holds, assert_manuscript, assert_word_holds, composed
from thyrosight.reports import write_report
from thyrosight.reports.manuscript import Export, export_study
from thyrosight.studies import Result, load_result
from thyrosight.studies.manuscript.rerunning import rerun
from thyrosight.studies.quoting import quoted

NAMES = (
    "unaided", "aided", "senior", "junior", "first", "second", r"R\d", r"How likely is the nodule malignant\?", "risk",
    r"Does the model's answer change the AUC of radiologists\?", r"A model as second reader", "simulated",
    r"Version 2 lowered the number of repeats", "acr-2017", r"TR\d", "low", "middle", "high", "Half", "only", "before",
    "after", "case_half", "first|second",
)  # fmt: skip
"""Words of the study's own, which stay as they are in every language."""


@pytest.fixture(scope="module")
def paper(study: tuple[Result, Path], tmp_path_factory: pytest.TempPathFactory) -> Export:
    with quick_figures():
        return export_study(study[1], tmp_path_factory.mktemp("paper") / "paper")


def test_the_manuscript_quotes_its_tables(study: tuple[Result, Path]) -> None:
    headings = (
        "Readings",
        "Accuracy",
        "Decisions",
        "Readers and the model alone",
        "Changes of mind",
        "Agreement",
        "Time",
    )
    paper = assert_manuscript(*study, headings=headings)
    text = " ".join(paper.texts())
    for word in ("[obuchowski1995]", "[hillis2007", "[schalekamp2014]", "[obuchowski1997]", "[chakraborty2016]"):
        assert word in text
    table = study[0].table("agreement-differences")
    row = table.rows[0]
    assert (
        f"was {quoted(table, row, 'difference')} ({{table:agreement-differences}})"
        in text.split("difference in agreement on the action")[1]
    )
    assert "network" not in text.lower().replace("neural networks", ""), "nothing is said of networks"


def test_word_and_latex_hold_every_number(study: tuple[Result, Path], paper: Export) -> None:
    main, supplement = composed(*study)
    for one, name in ((main, "manuscript"), (supplement, "supplement")):
        assert_word_holds(one, paper.folder / f"{name}.docx")
        assert_latex_holds(one, (paper.folder / "latex" / f"{name}.tex").read_text(encoding="utf-8"))
    assert "readings.csv" in {path.name for path in (paper.folder / "reproduction").iterdir()}
    assert "cohort" not in (paper.folder / "README.md").read_text(encoding="utf-8")


def test_the_study_comes_out_again_to_the_last_figure(paper: Export, tmp_path: Path) -> None:
    found = rerun(paper.folder, out=tmp_path / "again")
    assert {figure.verdict for figure in found.figures} == {"identical"}
    assert len(found.figures) > 1000
    assert (found.same_predictions, found.predictions) == (2, 2)


@pytest.mark.parametrize("language", ["zh", "es"])
def test_every_text_is_translated(study: tuple[Result, Path], language: str) -> None:
    assert english_left(study[0].document, language, names=NAMES) == []
    assert english_left_in_manuscript(*study, language, names=NAMES) == []


def test_the_page_holds_what_must_stand_on_it(study: tuple[Result, Path]) -> None:
    result, folder = study
    page = write_report(load_result(folder), folder).read_text(encoding="utf-8")
    assert result.document.key_result.split(".")[0] in page
    for words in ("Research use only", "Nothing was trained, so that there is no split", "Hash of the readings"):
        assert words in page
