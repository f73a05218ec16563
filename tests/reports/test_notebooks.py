"""Results as notebooks show them."""

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.reports.conftest import facts
from thyrosight.cohort import check_cohort, open_cohort
from thyrosight.documents import Answer, Column, Document, Figure, Measure, Table, drawings, section
from thyrosight.imaging import Box
from thyrosight.inference import Assessment, OperatingPoint
from thyrosight.inference.assessment import HeatMap
from thyrosight.reports.notebooks import notebook_html
from thyrosight.statistics import (
    auc,
    brier,
    calibration_slope,
    compare_auc,
    diagnostic_table,
    operating_point,
    reliability_curve,
    roc_curve,
)
from thyrosight.statistics.estimate import Result as StatisticsResult
from thyrosight.studies import Result

TRUTH = np.array([0, 1] * 20)
SCORE = np.clip(TRUTH * 0.2 + np.linspace(0.1, 0.7, 40), 0, 1)
VOID = {"img", "path", "rect", "use", "br", "stop", "image", "wbr"}


class Balance(HTMLParser):
    """Elements that are open, and all that were met."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.met: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.met.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def shown(value: object) -> str:
    """The HTML of a result; it is one whole element that runs nothing."""
    html: str = value._repr_html_()  # type: ignore[attr-defined]
    balance = Balance()
    balance.feed(html)
    assert balance.open == []
    assert "script" not in balance.met
    assert html.startswith('<div class="thyrosight"><style>')
    return html


def text(html: str) -> str:
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL).split())


def a_table() -> Table:
    area = Measure(value=0.8, low=0.7, high=0.9, method="DeLong")
    columns = (Column(key="network", title="Network"), Column(key="auc", title="AUC", kind="area"))
    return Table(name="means", caption="Means <of> two", columns=columns, rows=({"network": "A & B", "auc": area},))


def a_figure() -> Figure:
    curve = drawings.Curve(name="A & B", x=(0.0, 0.2, 1.0), y=(0.0, 0.7, 1.0))
    panel = drawings.LinePanel(curves=(curve,), x="x", y="y", square=True)
    return Figure(name="roc", caption="ROC curve", drawing=drawings.Lines(panels=(panel,)))


def an_assessment(image: Path, **changes: object) -> Assessment:
    point = OperatingPoint(threshold=0.4, rule="youden", chosen_on="validation part")
    given = {
        "image": str(image), "model": "Tiny CNN", "model_hash": "ab" * 32, "split_kind": "patient-level",
        "research_use": "For research use only.", "label_source": "simulated", "operating_point": point,
        "label": "malignant", "probability": 0.7, "calibrated_risk": 0.9999, "box": Box(5, 5, 30, 25),
        "box_origin": "given", "size_mm": None, "size_reason": "no pixel spacing", "quality_flags": ("dark",),
    }  # fmt: skip
    return Assessment.model_validate(given | changes)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "secret-folder" / "scan <1>.png"
    path.parent.mkdir()
    Image.fromarray(np.full((40, 60), 90, dtype=np.uint8)).save(path)
    return path


def test_tables_figures_and_pages() -> None:
    table, figure = a_table(), a_figure()
    assert text(shown(table)).startswith("Means &lt;of&gt; two Network AUC A &amp; B 0.800 0.700")
    drawn = shown(figure)
    assert "<svg" in drawn and "ROC curve." in drawn
    document = Document(
        title="A <study>", subtitle="now", key_result="It worked.", facts=("Labels: simulated",), source="n = 4",
        limitations=("few `cases`",), sections=(section("Results", "Words.", table, figure), section("Empty")),
    )  # fmt: skip
    page = shown(document)
    assert page.count("<details>") == 3 and "few <code>cases</code>" in page and "A &lt;study&gt;" in page
    answer = Answer(
        title="ROC", summary="It is 0.8.", tables=(table,), methods="As [delong1988] did.", result={}, figures=(figure,)
    )
    assert "As [1] did. DeLong" in text(shown(answer)) and "<ol>" in shown(answer)


def test_every_table_has_a_class_so_that_pages_do_not_style_it() -> None:
    assert "<table>" not in shown(a_table())


def test_ink_is_the_notebooks_own_and_dark_pages_are_known_by_name() -> None:
    style = re.findall(r"<style>(.*?)</style>", shown(a_table()), flags=re.DOTALL)[0]
    assert "--ink: currentColor" in style
    assert 'body[data-jp-theme-light="false"] .thyrosight' in style  # not escaped, or the whole rule is lost
    assert "prefers-color-scheme" not in style  # the page of the notebook decides, not the desk around it
    unscoped = [line for line in style.splitlines() if "{" in line and ".thyrosight" not in line]
    assert unscoped == []


def test_a_study_shows_its_answer(result: Result) -> None:
    html = shown(result)
    assert result.document.key_result in text(html)
    assert "Research use only" in html and facts().label_sources[0] in html


@pytest.mark.parametrize(
    "found",
    [
        auc(TRUTH, SCORE),
        roc_curve(TRUTH, SCORE),
        compare_auc(TRUTH, SCORE, SCORE[::-1]),
        diagnostic_table(TRUTH, SCORE > 0.5),
        operating_point(TRUTH, SCORE, replicates=50),
        brier(TRUTH, SCORE),
        calibration_slope(TRUTH, SCORE),
        reliability_curve(TRUTH, SCORE, bins=3),
    ],
    ids=lambda found: type(found).__name__,
)
def test_any_result_of_the_statistics(found: StatisticsResult) -> None:
    html = shown(found)
    assert "<table" in html or "<svg" in html
    assert "40" in text(html)  # its size
    assert "nan" not in text(html)


def test_methods_that_differ_stand_below_a_table_not_in_it() -> None:
    html = shown(operating_point(TRUTH, SCORE, replicates=50))
    assert ">method<" not in html and "specificity, same data" in html


def test_a_cohort_shows_counts_and_images_and_no_place(image: Path) -> None:
    (image.parent / "cohort.csv").write_text(
        "image,patient_id,label,label_source\nscan <1>.png,1,benign,pathology\n", encoding="utf-8"
    )
    cohort = open_cohort(image.parent)
    html = shown(cohort)
    assert "1 images, 1 patients" in html and "label source: pathology" in html and html.count("<img") == 1
    assert str(image.parent) not in html
    image.unlink()
    assert "<img" not in shown(cohort)
    report, _ = check_cohort(image.parent)
    assert "1 errors" in shown(report) and "no such file" in shown(report)


def test_an_assessment_shows_the_image_its_heat_and_what_is_known(image: Path) -> None:
    plain = shown(an_assessment(image))
    assert "<h3>scan &lt;1&gt;.png</h3>" in plain and "&gt;0.999 of malignancy" in plain and "dark" in plain
    assert "secret-folder" not in plain
    heat = HeatMap(np.ones((40, 60), dtype=np.float32), scale=None, window=Box(0, 0, 60, 40))
    assert 'alt="Grad-CAM: evidence for malignant"' in shown(an_assessment(image, heat_map=heat))
    none = HeatMap(np.zeros((40, 60), dtype=np.float32), scale=None, window=Box(0, 0, 60, 40))
    assert "<img" in shown(an_assessment(image, heat_map=none))
    image.unlink()
    assert "<img" not in shown(an_assessment(image))


def test_jupyter_and_marimo_take_the_html() -> None:
    formatters = pytest.importorskip("IPython.core.formatters")
    formatting = pytest.importorskip("marimo._output.formatting")
    for value in (a_table(), a_figure(), auc(TRUTH, SCORE)):
        data, _ = formatters.DisplayFormatter().format(value)
        assert data["text/html"] == value._repr_html_()
        found = formatting.try_format(value)
        assert found.mimetype == "text/html" and 'class="thyrosight"' in found.data


def test_what_has_no_drawing_is_said() -> None:
    with pytest.raises(TypeError, match="no drawing for int"):
        notebook_html(3)
