"""Filling templates: every value is escaped, and addresses carry the prefix of a proxy."""

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from thyrosight import __version__

RESEARCH_USE = "For research use only. Not a medical device; not for diagnosis."


@cache
def _environment() -> Environment:
    folder = Path(__file__).parent / "templates"
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(request: Request, template: str, /, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page from a template in `templates/`.

    Every template knows `prefix` (of a proxy; put it before each address), `version` and `research_use`.
    """
    text = (
        _environment()
        .get_template(template)
        .render(prefix=request.scope.get("root_path", ""), version=__version__, research_use=RESEARCH_USE, **values)
    )
    return HTMLResponse(text, status)
