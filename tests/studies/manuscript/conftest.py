"""One export of the small finished study, shared by the tests that look at it."""

from pathlib import Path

import pytest

from tests.quick_figures import quick_figures
from thyrosight.reports.figures import journal
from thyrosight.reports.manuscript import Export, export_study
from thyrosight.studies import Result


@pytest.fixture(scope="session")
def exported(study: tuple[Result, Path], tmp_path_factory: pytest.TempPathFactory) -> Export:
    with quick_figures(dpi=journal.DPI):
        return export_study(study[1], tmp_path_factory.mktemp("export") / "paper")
