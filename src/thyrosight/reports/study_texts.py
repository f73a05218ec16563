"""Texts of a reader study as a page and as a Word file."""

import tempfile
from pathlib import Path

from thyrosight.files import write_text
from thyrosight.readings import Writing
from thyrosight.reports.document import render_document
from thyrosight.reports.figures import draw
from thyrosight.reports.figures.journal import DPI, for_paper, width_mm
from thyrosight.reports.word import write_word


def write_study_text(writing: Writing, folder: Path, name: str, *, numbers_from: str) -> tuple[Path, Path]:
    """Write a text as `<name>.html` and `<name>.docx`, each whole or not at all.

    Args:
        writing: the text.
        folder: of the files.
        name: of the files, without ending.
        numbers_from: where its numbers come from, in words.

    Returns:
        The paths of both.

    Raises:
        OutputError: the folder cannot be written.
    """
    page, word = folder / f"{name}.html", folder / f"{name}.docx"
    write_text(page, render_document(writing.page(), {}, numbers_from=numbers_from))
    paper = writing.paper()
    with tempfile.TemporaryDirectory() as drawn:
        images: dict[str, tuple[Path, float]] = {}
        for figure in paper.figures:
            picture, file = for_paper(draw(figure.drawing, {})), Path(drawn) / f"{figure.name}.png"
            picture.savefig(file, format="png", dpi=DPI, facecolor="white")
            images[figure.name] = (file, width_mm(picture))
        write_word(paper, images, word)
    return page, word
