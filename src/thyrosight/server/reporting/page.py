"""A report as a page; every value is escaped."""

from collections.abc import Callable
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


def html_of(sheet: Sheet, *, report_id: UUID, prefix: str, size_of: Callable[[UUID], tuple[int, int] | None]) -> str:
    """The page; its pictures and style come from the workstation.

    Args:
        sheet: what the page says.
        report_id: of the report.
        prefix: path under which a proxy shows the workstation.
        size_of: width and height of a picture, whose room is kept until it has come.
    """
    sizes = {name: size for part in sheet.parts for name, _ in part.pictures if (size := size_of(name))}
    template = _environment().get_template("report.html")
    return template.render(sheet=sheet, report_id=report_id, prefix=prefix, sizes=sizes)
