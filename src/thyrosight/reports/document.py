"""The report page: a document drawn as one HTML file that needs nothing else, for screen and paper."""

from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from thyrosight import __version__
from thyrosight.documents import Document, Figure, Table, sentence, table_html, translated
from thyrosight.files import write_text
from thyrosight.inference import read_info
from thyrosight.languages import HTML_CODES, one_after_another, say, speaking, translator
from thyrosight.reports.brief import SHOWN_ITEMS, brief_table
from thyrosight.reports.figures import Pictures, draw, to_svg
from thyrosight.reports.figures.style import THEME
from thyrosight.reports.model_card import model_card
from thyrosight.studies import Result
from thyrosight.studies.result import RESULTS

REPORT, PICTURES, MODEL_CARD = "report.html", "pictures.npz", "model-card.md"


def write_report(result: Result, out: Path | str, *, language: str = "en") -> Path:
    """Write `report.html` into a study's folder, whole or not at all, and `model-card.md` where it left a model.

    Args:
        result: of the study.
        out: the study's folder; pictures of the report are read from `pictures.npz` there.
        language: one of `thyrosight.languages.LANGUAGES`; a report in Chinese is `report.zh.html`, and the card of its
            model `model-card.zh.md`.

    Returns:
        The path of the report.

    Raises:
        LanguageError: there are no reports in that language.
        OutputError: the folder cannot be written.
        BundleError: the model that the study left is damaged.
    """
    folder = Path(out)
    document = translated(result.document, language)
    path = folder / named_in(REPORT, language)
    write_text(path, render_document(document, load_pictures(folder / PICTURES)))
    card = card_of(result, language)
    if card is not None:
        write_text(folder / named_in(MODEL_CARD, language), card)
    return path


def named_in(name: str, language: str) -> str:
    """The name of a file whose text is in a language.

    >>> named_in("report.html", "en"), named_in("report.html", "zh")
    ('report.html', 'report.zh.html')
    """
    stem, dot, suffix = name.rpartition(".")
    return name if language == "en" else f"{stem}.{language}{dot}{suffix}"


def card_of(result: Result, language: str) -> str | None:
    """The card of the model that a study left; None where it left none.

    Raises:
        BundleError: the model is damaged.
    """
    if result.model is None or not Path(result.model.folder).exists():
        return None
    info, own_hash = read_info(result.model.folder)
    return model_card(info, model_hash=own_hash, language=language)


def render_document(
    document: Document, pictures: Pictures, *, numbers_from: str = f"{RESULTS} in the same folder"
) -> str:
    """The page as HTML.

    Args:
        document: the page.
        pictures: the pixels, heat maps and masks that its figures name.
        numbers_from: where its numbers come from, in words.
    """
    with speaking(document.language):
        return page_template("document.html").render(
            document=document,
            shown_items=SHOWN_ITEMS,
            brief=brief_table(document) if document.folded else None,
            top_figure=document.top_figure,
            language=HTML_CODES[document.language],
            numbers_from=translator(document.language)(numbers_from),
            version=__version__,
            theme={"light": {name: light for light, (name, _) in THEME.items()}, "dark": dict(THEME.values())},
            draw_table=lambda table: draw_table(table, document.source),
            draw_figure=lambda figure: draw_figure(figure, pictures),
            caption=lambda figure: caption(figure, document.source),
        )


def draw_table(table: Table, source: str) -> Markup:
    """A table for the page, with its source below it."""
    return Markup(table_html(table, source))


def draw_figure(figure: Figure, pictures: Pictures) -> Markup:
    """A figure for the page; a sentence in its place where its pictures are not there."""
    try:
        drawn = draw(figure.drawing, pictures)
    except KeyError:
        return Markup("<p>{}</p>").format(say("Not shown: its images are not in {0} beside this report.", PICTURES))
    return Markup(to_svg(drawn, title=figure.caption))


def caption(figure: Figure, source: str) -> str:
    """The caption of a figure with its source."""
    own = source if figure.source is None else figure.source
    return one_after_another([sentence(text) for text in (figure.caption, own) if text])


def load_pictures(path: Path) -> Pictures:
    """The arrays of `pictures.npz`, or none where the file is missing or damaged."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, ValueError, EOFError, BadZipFile):
        return {}


def page_template(name: str) -> Template:
    """A template of the package; it refuses values that are not there, and marks code between backticks."""
    return _environment().get_template(name)


@cache  # it keeps the templates that it has compiled
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("thyrosight.reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["with_code"] = _with_code
    environment.globals |= {"say": say, "sentence": sentence, "one_after_another": one_after_another}
    return environment


def _with_code(text: str) -> Markup:
    """Text between backticks as code.

    >>> print(_with_code("run `thyrosight models` & see"))
    run <code>thyrosight models</code> &amp; see
    """
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    marked = (Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts))
    return Markup("").join(marked)
