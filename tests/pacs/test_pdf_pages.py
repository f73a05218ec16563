"""The PDF as a reader gets it: names in every script, text over several pages, every font embedded."""

import io
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from tests.pacs.conftest import make_assessment, tool
from thyrosight.imaging import Frame
from thyrosight.inference import RESEARCH_USE, Assessment
from thyrosight.pacs import Findings, read_source
from thyrosight.pacs.pdf_pages import pdf_report

NOW = datetime(2026, 11, 21, 10, 30)
LONG = " ".join(f"word{number}" for number in range(600))


@pytest.fixture
def report(write_ultrasound: Callable[..., Path], frame: Frame) -> Callable[..., bytes]:
    """The PDF of an image whose header is changed by keyword arguments."""

    def make(assessments: tuple[Assessment, ...] = (), margin: str = "smooth", **header: object) -> bytes:
        source = read_source(write_ultrasound(SpecificCharacterSet="ISO_IR 192", **header))
        findings = Findings(system="ACR TI-RADS 2017", category="TR4", descriptors={"margin": margin}, origin="reader")
        assessed = assessments or (make_assessment(),)
        return pdf_report(assessed, source, [frame] * len(assessed), findings=findings, made=NOW)

    return make


def _text(content: bytes) -> list[str]:
    """The text of each page, line by line."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada, Tarou (山田太郎, やまだ たろう)"),
        ("김^희중", "김희중"),
        ("王^小东", "王小东"),
        ("Иванов^Пётр", "Иванов, Пётр"),
        ("Müller^Anna^^Dr", "Müller, Anna Dr"),
        ("Nguyễn^Thị", "Nguyễn, Thị"),
        ("Παπαδόπουλος", "Παπαδόπουλος"),
        ("", "name not stated"),
    ],
)
def test_names_are_written_in_their_own_script(report: Callable[..., bytes], name: str, written: str) -> None:
    (page,) = _text(report(PatientName=name))
    assert f"Patient: {written} (ID P-1)" in page.splitlines()


def _drawn(content: bytes, folder: Path) -> np.ndarray:
    """A page as poppler draws it."""
    program, path = tool("pdftoppm", "poppler-utils"), folder / "page.pdf"
    path.write_bytes(content)
    subprocess.run([program, "-r", "100", "-gray", "-singlefile", path, folder / "page"], check=True)
    return np.asarray(Image.open(folder / "page.pgm")).astype(int)


def test_east_asian_characters_are_drawn_and_are_no_boxes(report: Callable[..., bytes], tmp_path: Path) -> None:
    def apart(first: str, second: str) -> int:
        pages = [_drawn(report(PatientName=name), tmp_path) for name in (first, second)]
        return int((np.abs(pages[0] - pages[1]) > 60).sum())

    for first, second in ("山田", "王东", "김희", "やま", "髙﨑"):
        assert apart(first, second) > 20, (first, second)
    assert apart("ไ", "ท") == 0  # no font has Thai: these are boxes


def test_long_text_flows_to_a_second_page_that_repeats_patient_and_research_use(report: Callable[..., bytes]) -> None:
    pages = _text(report(margin=LONG))
    assert len(pages) == 2
    assert "word0 " in pages[0] and "word599" in pages[1] and "word599" not in pages[0]
    assert [f"page {number} of 2" in page for number, page in enumerate(pages, start=1)] == [True, True]
    for page in pages:
        assert RESEARCH_USE in page and "Patient: Muster, Anna (ID P-1)" in page and "model hash abab" in page
    assert " ".join(pages).replace("\n", " ").count("word") == 600


def test_each_assessment_begins_a_page(report: Callable[..., bytes]) -> None:
    two = (make_assessment(), make_assessment(calibrated_risk=0.123, label="benign"))
    first, second = _text(report(two))
    assert "0.412" in first and "0.412" not in second and "0.123" in second and "page 2 of 2" in second


def test_every_font_is_embedded(report: Callable[..., bytes]) -> None:
    names = set()
    for page in PdfReader(io.BytesIO(report(PatientName="Müller=山田^太郎"))).pages:
        for font in page["/Resources"]["/Font"].values():
            names.add(font["/BaseFont"].split("+")[-1])
            assert "/FontFile2" in font["/FontDescriptor"], font["/BaseFont"]
    assert {"DejaVuSans", "DejaVuSans-Bold", "NotoSansCJK-05C"} <= names


def test_the_same_assessment_gives_the_same_bytes_whatever_was_written_before(report: Callable[..., bytes]) -> None:
    first = report(PatientName="山田^太郎")
    report(PatientName="김^희중")
    assert report(PatientName="山田^太郎") == first


def test_the_box_is_drawn_on_image_and_heat_map(report: Callable[..., bytes]) -> None:
    (page,) = PdfReader(io.BytesIO(report())).pages
    assert page.get_contents().get_data().count(b" re S") == 2
    (plain,) = PdfReader(io.BytesIO(report((make_assessment(box=None, heat_map=None),)))).pages
    assert b" re S" not in plain.get_contents().get_data() and len(plain.images) == 1
