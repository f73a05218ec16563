"""A report as a page; every value is escaped."""

from functools import cache
from pathlib import Path
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from thyrosight.server.reporting.pages import Sheet


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def html_of(sheet: Sheet, *, report_id: UUID, prefix: str) -> str:
    """The page; its pictures and style come from the workstation."""
    return _environment().get_template("report.html").render(sheet=sheet, report_id=report_id, prefix=prefix)
