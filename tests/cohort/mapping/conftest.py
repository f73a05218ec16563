"""Small tables and pictures for the tests of mapping."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from PIL import Image

from thyrosight.cohort.mapping import MapReport, proposal, read_source, run_plan
from thyrosight.cohort.sources.user_tables import read_user_table

Rows = Sequence[Sequence[Any]]


@pytest.fixture
def map_rows(tmp_path: Path) -> Callable[..., tuple[list[dict[str, str]], MapReport]]:
    """Maps sheets of rows beside empty pictures, without questions; gives the rows of the cohort and the report."""

    def run(
        *sheets: Rows, images: Sequence[str] = (), settings: dict[str, Any] | None = None, **named: Rows
    ) -> tuple[list[dict[str, str]], MapReport]:
        book = Workbook()
        book.remove(book.active)
        for title, rows in {**{f"S{place}": rows for place, rows in enumerate(sheets)}, **named}.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(list(row))
        book.save(tmp_path / "table.xlsx")
        for name in images:
            (tmp_path / "img" / name).parent.mkdir(parents=True, exist_ok=True)
            Image.new("L", (8, 8)).save(tmp_path / "img" / name)
        source = read_source(tmp_path / "table.xlsx", tmp_path / "img")
        _, plan = proposal(source)
        report = run_plan(source, plan.model_copy(update=settings or {}), tmp_path / "out")
        table, _ = read_user_table(tmp_path / "out" / "cohort.csv")
        return table.to_dict("records"), report

    return run
