"""Figures of manuscripts for tests that look at other things: what costs most in a file of them is left away."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from thyrosight.reports.figures import journal


@contextmanager
def quick_figures(*, dpi: int = 60) -> Iterator[None]:
    """Write every figure in every form, but coarse ones, and PDF without a part of the font file in each.

    To cut that part out takes fontTools half a second; tests/reports/figures/test_journal.py holds files to what
    journals ask for.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(journal._PAPER, "pdf.fonttype", 3)
        patched.setattr(journal, "DPI", dpi)
        yield
