"""Results of images in any character set, stated rightly, nearly so, or not at all."""

import io
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest

from tests.pacs.conftest import make_assessment, speckle, ultrasound, write_as_stored
from thyrosight.imaging import Frame
from thyrosight.pacs import make_objects, read_source

NAMES = {
    "\\ISO 2022 IR 87": ("Yamada^Tarou=山田^太郎", b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B"),
    "\\ISO 2022 IR 149": ("Hong^Gildong=洪^吉洞", b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7"),
    "\\ISO 2022 IR 58": ("Wang^XiaoDong=王^小", b"Wang^XiaoDong=\x1b$)A\xcd\xf5^\x1b$)A\xd0\xa1"),
    "\\ISO 2022 IR 87\\ISO 2022 IR 159": ("Yamada=山田", b"Yamada=\x1b$B;3ED\x1b(B"),
    "ISO 2022 IR 6\\ISO 2022 IR 87": ("Yamada=山田", b"Yamada=\x1b$B;3ED\x1b(B"),
    "ISO 2022 IR 13\\ISO 2022 IR 87": ("ﾔﾏﾀﾞ=山田", b"\xd4\xcf\xc0\xde=\x1b$B;3ED\x1b(J"),
    "ISO_IR 6": ("Plain^Name", b"Plain^Name"),
    "ISO-IR 100": ("Müller^Jörg", b"M\xfcller^J\xf6rg"),
    "ISO_IR100": ("Müller^Jörg", b"M\xfcller^J\xf6rg"),
    "iso_ir 100": ("Müller^Jörg", b"M\xfcller^J\xf6rg"),
    "ISO8859-1": ("Müller^Jörg", b"M\xfcller^J\xf6rg"),
    "UTF-8": ("Müller^Jörg", "Müller^Jörg".encode()),
    "GBK": ("王小明", "王小明".encode("gbk")),
    "GB18030": ("王小明", "王小明".encode("gb18030")),
    "ISO_IR 144": ("Иванова^Анна", "Иванова^Анна".encode("iso8859-5")),
    "ISO_IR 126": ("Παπα^Ελενη", "Παπα^Ελενη".encode("iso8859-7")),
    "ISO_IR 192": ("Müller", b"M\xfcller"),  # stated wrongly: no letter is lost
    "": ("Müller", b"M\xfcller"),
}


def names_in_results(path: Path) -> set[tuple[str, str]]:
    """Name and character set of each result, as a reader gets them."""
    source = read_source(path)
    frame = Frame(speckle(1), "scan.dcm")
    contour = ((10, 10), (40, 10), (40, 30))
    made, _ = make_objects([make_assessment(contour=contour)], source, [frame])
    assert len(made) == 4
    found = set()
    for item in made:
        stream = io.BytesIO()
        item.dataset.save_as(stream, enforce_file_format=True)
        read = pydicom.dcmread(io.BytesIO(stream.getvalue()))
        found.add((str(read.PatientName), str(read.SpecificCharacterSet)))
    return found


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("stated", NAMES)
def test_results_keep_the_name_in_utf_8(stated: str, tmp_path: Path) -> None:
    name, stored = NAMES[stated]
    values = {"PatientName": stored, "SpecificCharacterSet": stated.encode()}
    path = write_as_stored(tmp_path / "scan.dcm", ultrasound(), **values)
    assert names_in_results(path) == {(name, "ISO_IR 192")}


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_situations_from_the_field(case: Callable[[str], Path]) -> None:
    paths = sorted(case("21-character-sets").glob("*.dcm"))
    assert len(paths) > 20
    for path in paths:
        ((name, character_set),) = names_in_results(path)
        assert name and "\x1b" not in name and character_set == "ISO_IR 192", path
