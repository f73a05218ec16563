"""Texts of a reader study as a page and as a Word file."""

import tempfile
from pathlib import Path

from thyrosight.files import write_text
from thyrosight.languages import speaking
from thyrosight.readings import Writing
from thyrosight.reports.document import named_in, render_document
from thyrosight.reports.figures import draw
from thyrosight.reports.figures.journal import DPI, for_paper, width_mm
from thyrosight.reports.word import write_word


def write_study_text(
    writing: Writing, folder: Path, name: str, *, numbers_from: str, language: str = "en"
) -> tuple[Path, Path]:
    """Write a text as `<name>.html` and `<name>.docx`, each whole or not at all.

    Args:
        writing: the text, in English.
        folder: of the files.
        name: of the files, without ending.
        numbers_from: where its numbers come from, in words.
        language: one of `thyrosight.languages.LANGUAGES`; a text in Chinese is `<name>.zh.html`.

    Returns:
        The paths of both.

    Raises:
        LanguageError: there are no texts in that language.
        OutputError: the folder cannot be written.
    """
    said = writing.in_language(language)
    page, word = (folder / named_in(f"{name}.{suffix}", language) for suffix in ("html", "docx"))
    write_text(page, render_document(said.page(), {}, numbers_from=numbers_from))
    paper = said.paper()
    with tempfile.TemporaryDirectory() as drawn, speaking(language):
        images: dict[str, tuple[Path, float]] = {}
        for figure in paper.figures:
            picture, file = for_paper(draw(figure.drawing, {})), Path(drawn) / f"{figure.name}.png"
            picture.savefig(file, format="png", dpi=DPI, facecolor="white")
            images[figure.name] = (file, width_mm(picture))
        write_word(paper, images, word)
    return page, word
