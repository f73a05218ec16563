"""What every report page is laid out with: templates, colours of light and dark, stored pictures."""

from collections.abc import Mapping
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from thyrosight.reports.figures.style import THEME
from thyrosight.reports.result_figures import Pictures

REPORT = "report.html"


def page_template(name: str) -> Template:
    """A template of the package; it refuses values that are not there, and marks code between backticks."""
    environment = Environment(
        loader=PackageLoader("thyrosight.reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["with_code"] = _with_code
    return environment.get_template(name)


def load_pictures(path: Path) -> Pictures:
    """The arrays of `explanations.npz`, or none where the file is missing or damaged."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, ValueError, EOFError, BadZipFile):
        return {}


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


def theme() -> Mapping[str, Mapping[str, str]]:
    """Colours of the figures as CSS variables, for a light and a dark page."""
    return {
        "light": {name: light for light, (name, _) in THEME.items()},
        "dark": dict(THEME.values()),
    }
