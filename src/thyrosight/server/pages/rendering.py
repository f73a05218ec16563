"""Templates, icons and static files of the pages."""

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from jinja2 import Environment, PackageLoader, StrictUndefined
from lucide.jinja import lucide
from markupsafe import Markup

from thyrosight import __version__
from thyrosight.files import sha256_of_bytes
from thyrosight.server.pages.words import Catalogue, catalogue
from thyrosight.server.sentences import LANGUAGES

STATIC: Final = Path(str(files("thyrosight.server"))) / "static"
FONT: Final = Path(str(files("fontpkg_ibm_plex_sans"))) / "files" / "IBMPlexSans[wdth,wght].ttf"
"""The type of the pages (IBM Plex Sans, OFL); a browser without it, or of another script, takes its own."""
ICONS: Final = (
    "activity", "archive", "book-open", "chevron-left", "chevron-right", "clipboard-list", "columns-2", "contrast",
    "crosshair", "database", "download", "file-text", "inbox", "key", "lasso", "lock", "log-out", "maximize",
    "mouse-pointer-2", "pause", "play", "plus", "rotate-ccw", "ruler", "search", "shield-check", "square-dashed",
    "sun-moon", "trash-2", "upload", "user", "zoom-in", "zoom-out",
)  # fmt: skip
"""Icons of Lucide (ISC) that pages use, in one sheet; a test holds the list against the templates."""


def render(name: str, *, language: str, prefix: str, **values: Any) -> str:
    """A page as HTML.

    Args:
        name: of the template, for example "worklist.html".
        language: of its words, of `LANGUAGES`.
        prefix: path under which a proxy shows the workstation.
        values: what the template names besides.
    """
    words = catalogue(language)
    return (
        _environment()
        .get_template(name)
        .render(
            _=words.get,
            language=language,
            languages=LANGUAGES,
            prefix=prefix,
            static=lambda path: f"{prefix}/static/{static_version()}/{path}",
            sheet=_sheet(),
            words=_script(words),
            version=__version__,
            **values,
        )
    )


@cache
def static_version() -> str:
    """A name for the static files as they are, so that browsers keep them until they change."""
    files = (path for path in sorted(STATIC.rglob("*")) if path.is_file())
    return sha256_of_bytes(path.relative_to(STATIC).as_posix().encode() + path.read_bytes() for path in files)[:16]


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("thyrosight.server.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _sheet() -> Markup:
    """All icons as symbols, to be named by `<use href="#icon-NAME">`: a page asks for no file of icons."""
    symbols = []
    for name in ICONS:
        drawn = ElementTree.fromstring(str(lucide(name)))
        inside = "".join(ElementTree.tostring(part, encoding="unicode") for part in drawn)
        symbols.append(
            f'<symbol id="icon-{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" '
            f'stroke-linecap="round" stroke-linejoin="round">{inside}</symbol>'
        )
    return Markup('<svg width="0" height="0" aria-hidden="true" class="said">{}</svg>').format(Markup("".join(symbols)))


def _script(words: Catalogue) -> Markup:
    """Words for the modules of a page, as data in a script element that no browser runs."""
    return Markup(json.dumps(dict(words.items()) | words.counted, ensure_ascii=False).replace("<", "\\u003c"))
