"""The table of benchmarks says what was measured, what was not, and which aims were missed."""

import importlib
import platform
from pathlib import Path
from types import ModuleType

import pytest

from thyrosight.documents import DASH

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("bench")


def test_every_subject_is_measured(bench: ModuleType) -> None:
    subjects = {path.stem for path in (BENCHMARKS / "benches").glob("*.py")} - {"__init__", "row", "pictures"}
    assert set(bench.NAMES) == subjects
    for name in subjects:
        text = (BENCHMARKS / "benches" / f"{name}.py").read_text(encoding="utf-8")
        assert "def rows() -> list[Row]:" in text


def test_a_ratio_above_one_is_better_in_rates_and_in_times(bench: ModuleType) -> None:
    faster = bench.Row("a", 30.0, "images/s", "b 1.0", 20.0, least_ratio=2)
    assert (faster.ratio, faster.aim) == (1.5, "ratio 2: missed")
    sooner = bench.Row("a", 2.0, "ms", "b 1.0", 3.0, limit=2)
    assert (sooner.ratio, sooner.aim) == (1.5, "at most 2 ms: reached")
    assert bench.Row("a", 19.0, "images/s", "none", limit=20).aim == "at least 20 images/s: missed"
    assert bench.Row("a", 2.0, "s", "R is not installed").ratio is None
    assert [bench.written(value) for value in (12_345.6, 57.81, 0.0123)] == ["12,346", "57.8", "0.0123"]


def test_the_page_has_every_row_and_nothing_of_the_machine_but_its_processor(bench: ModuleType) -> None:
    rows = {
        "predict": [bench.Row("end to end", 57.81, "images/s", "Alone 1.0", 113.5, least_ratio=0.85)],
        "statistics": [bench.Row("test", 0.02, "s", "R, pROC: R is not installed")],
    }
    page = bench.page(rows, {"predict": "How one.", "statistics": "How two."}, seconds=500)
    assert "| predict | end to end | 57.8 | 114 | images/s | 0.51 | Alone 1.0 | ratio 0.85: missed |" in page
    assert f"| statistics | test | 0.0200 | {DASH} | s | {DASH} | R, pROC: R is not installed |  |" in page
    assert "### predict\n\nHow one." in page
    assert "numpy" in page and "monai" in page
    assert str(Path.home()) not in page and str(BENCHMARKS.parent) not in page
    assert not platform.node() or platform.node() not in page
