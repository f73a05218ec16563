"""The export of a study: manuscript and supplement as Word and LaTeX, figures, data dictionary, what reproduces it."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

from thyrosight.documents import Table, cells
from thyrosight.documents.manuscript import Manuscript
from thyrosight.documents.manuscript_translation import translated_manuscript, translated_papers
from thyrosight.documents.translation import Say
from thyrosight.errors import OutputError
from thyrosight.files import make_folder, output_error, write_csv, write_text
from thyrosight.languages import require_language, speaking, translator
from thyrosight.progress import Progress, silent
from thyrosight.reports.document import MODEL_CARD, PICTURES, card_of, load_pictures
from thyrosight.reports.figures import Pictures, draw
from thyrosight.reports.figures.journal import for_paper, width_mm, write_figure
from thyrosight.reports.latex import bibliography, manuscript_latex
from thyrosight.reports.word import write_word
from thyrosight.studies.guidelines import checklists_of
from thyrosight.studies.guidelines.checklist import FOLDER, write_checklist
from thyrosight.studies.manuscript.composing import compose, compose_checklists
from thyrosight.studies.manuscript.dictionary import UNWRITTEN, dictionary_of, studied_table
from thyrosight.studies.manuscript.reproduction import write_reproduction
from thyrosight.studies.result import Result, load_result

T = TypeVar("T")
DICTIONARY = "data-dictionary.csv"


class Export(NamedTuple):
    """A written manuscript: its folder, its file, and the gaps that only the authors can fill."""

    folder: Path
    manuscript: Path
    gaps: tuple[str, ...]


def export_study(run: Path | str, to: Path | str, *, language: str = "en", progress: Progress = silent) -> Export:
    """Write a finished study as a manuscript into a new folder, whole or not at all.

    Args:
        run: the study's folder.
        to: a folder that does not exist or is empty, so that nothing is lost that authors have written.
        language: of manuscript, supplement and figures, one of `thyrosight.languages.LANGUAGES`.
        progress: called with what is being done.

    Raises:
        LanguageError: there are no manuscripts in that language.
        CohortError: the study is not finished, or one of its files is damaged.
        OutputError: the folder holds something, or cannot be written.
    """
    run, to, language = Path(run), Path(to), require_language(language)
    result = load_result(run)
    table = studied_table(result, run)
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise OutputError(f"{to} already holds something, which may be what you wrote; choose another --to.")
    make_folder(to.parent)
    try:
        part = Path(tempfile.mkdtemp(dir=to.parent, prefix=f".{to.name}.", suffix=".part"))
    except OSError as error:
        raise output_error(to, error) from error
    try:
        dictionary = dictionary_of(result, table)
        write_reproduction(result, run, part / "reproduction", cohort=table, progress=progress)
        papers = translated_papers(compose(result, dictionary=dictionary), language)
        with speaking(language):
            _write_papers(papers, part, load_pictures(run / PICTURES), progress=progress)
        _write_checklists(result, run, part, language=language)
        write_csv(part / DICTIONARY, _dictionary_rows(papers[1], language) or dictionary.records())
        _write_card(result, run, part, language=language)
        readme = _readme(papers[0], dictionary, readers=result.facts.readings is not None, say=translator(language))
        write_text(part / "README.md", readme)
        if to.exists():
            to.rmdir()
        part.chmod(0o755)
        part.replace(to)
    except OSError as error:
        raise output_error(to, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Export(to, to / "manuscript.docx", tuple(papers[0].gaps()))


def _write_card(result: Result, run: Path, folder: Path, *, language: str) -> None:
    """The card of the model, which stays as the run wrote it where it is English or the model is no longer there."""
    card = None if language == "en" else card_of(result, language)
    if card is not None:
        write_text(folder / MODEL_CARD, card)
    elif (run / MODEL_CARD).is_file():
        shutil.copyfile(run / MODEL_CARD, folder / MODEL_CARD)


def _write_papers(
    papers: tuple[Manuscript, Manuscript], folder: Path, pictures: Pictures, *, progress: Progress
) -> None:
    """Figures as files, and both documents as Word and LaTeX."""
    every = [(paper, figure) for paper in papers for figure in paper.figures]
    images: dict[tuple[str, str], tuple[Path, float]] = {}
    files: dict[tuple[str, str], tuple[str, float]] = {}
    for place, (paper, figure) in enumerate(every, start=1):
        progress("Drawing figures", place, len(every))
        try:
            drawn = for_paper(draw(figure.drawing, pictures))
        except KeyError:  # its pictures are not there: the caption stands alone
            continue
        number = list(paper.figures).index(figure) + 1
        name = f"figure-{paper.prefix}{number}-{figure.name}"
        tiff, *_ = write_figure(drawn, folder / "figures", name)
        images[paper.prefix, figure.name] = (tiff, width_mm(drawn))
        files[paper.prefix, figure.name] = (f"{name}.pdf", width_mm(drawn))
    for paper, name in zip(papers, ("manuscript", "supplement"), strict=True):
        own = _of_paper(paper, images)
        write_word(paper, own, folder / f"{name}.docx")
        source = manuscript_latex(paper, figures=_of_paper(paper, files))
        write_text(folder / "latex" / f"{name}.tex", source)
    write_text(folder / "latex" / "references.bib", bibliography(papers[0]))


def _write_checklists(result: Result, run: Path, folder: Path, *, language: str) -> None:
    """The reporting guidelines with what the authors wrote in the study's folder, as spreadsheets and for Word."""
    checklists = checklists_of(result, run)
    for checklist in checklists:
        write_checklist(checklist, folder, language=language)
    if checklists:
        paper = compose_checklists(checklists, title=result.document.title)
        with speaking(language):
            write_word(translated_manuscript(paper, language), {}, folder / FOLDER / "checklists.docx")


def _dictionary_rows(supplement: Manuscript, language: str) -> list[dict[str, str]]:
    """The data dictionary as a person reads it in Spanish or Chinese; none in English, which programs read."""
    if language == "en":
        return []
    table = next(table for table in supplement.tables if table.name == "data-dictionary")
    titles = [column.title for column in table.shown]
    return [dict(zip(titles, (cell.text for cell in row), strict=True)) for row in cells(table)]


def _of_paper(paper: Manuscript, items: Mapping[tuple[str, str], T]) -> dict[str, T]:
    return {name: item for (prefix, name), item in items.items() if prefix == paper.prefix}


def _readme(paper: Manuscript, dictionary: Table, *, readers: bool, say: Say) -> str:
    """Contents of the folder, and the gaps left to write, in the language of the paper."""
    table = "table of readings" if readers else "cohort"
    again = "readings, protocol, recipe" if readers else "recipe, divisions, predictions"
    short = "cases and readers of your study" if readers else "images and patients of your cohort"
    what = {
        "`manuscript.docx`, `supplement.docx`": "the paper and its supplement; yellow is for you to write",
        "`latex/`": "the same as LaTeX (compile twice with pdflatex or xelatex), and `references.bib`",
        "`figures/`": "every figure as TIFF at 300 dpi, PDF and SVG, as wide as one column (88 mm) or two (180 mm)",
        f"`{FOLDER}/`": "reporting guidelines: what the study says on each item, and what is left to write",
        f"`{DICTIONARY}`": f"every column of the {table}: meaning, unit, values, gaps, source",
        f"`{MODEL_CARD}`": "the card of the model, where the study left one",
        "`reproduction/`": f"{again}, hashes and versions; `thyrosight study rerun` checks them",
    }
    meanings = (str(row["meaning"]) for row in dictionary.rows)
    columns = [say(meaning).strip("[]") for meaning in meanings if meaning.startswith(UNWRITTEN)]
    look = (
        "Before you hand anything on, look at `reproduction/` and at the figures: they hold the short names of"
        f" {short}."
    )
    return "\n".join(
        [
            f"# {paper.title}",
            "",
            say("Research use only."),
            "",
            f"| {say('file')} | {say('what it is')} |",
            "|---|---|",
            *(f"| {name} | {say(text)} |" for name, text in what.items()),
            "",
            say(look),
            "",
            f"## {say('For you to write')}",
            "",
            *(f"- {gap}" for gap in [*paper.gaps(), *columns]),
            "",
        ]
    )
