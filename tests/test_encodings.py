"""Files in the encodings that spreadsheets write."""

from pathlib import Path

import pytest

from thyrosight.encodings import encoding_of
from thyrosight.errors import CohortError

CHINESE = "病例,医师,诊断\n1,王五,恶性\n2,李四,良性、甲状腺。\n"
GERMAN = "Fall;Größe mm;Diagnose\n1;7;bösartig\n2;12;gutartig\n"
FRENCH = "cas,hôpital,diagnostic\n1,Évreux,bénin\n2,Orléans,maligne\n"
KOREAN = "환자,진단,병원\n1,악성,서울대병원\n2,양성,세브란스\n"


def _file(folder: Path, text: str, encoding: str) -> Path:
    path = folder / "table.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "utf-8-sig", "utf-8-sig"),
        (CHINESE, "utf-16", "utf-16"),
        (CHINESE, "gb18030", "gb18030"),
        ("病例,值\n1,㐀䶵\n" + CHINESE, "gb18030", "gb18030"),  # beyond GBK: four bytes
        (GERMAN, "cp1252", "cp1252"),
        ("Größe\n1\n", "cp1252", "cp1252"),  # ö and ß together are a Chinese character, but a rare one
        (FRENCH, "cp1252", "cp1252"),
        ("size (µm²),a ± b\n1,2\n", "cp1252", "cp1252"),
        ("a,b\n1,2\n", "ascii", "utf-8"),
    ],
)
def test_the_encoding_is_found(tmp_path: Path, text: str, encoding: str, found: str) -> None:
    path = _file(tmp_path, text, encoding)
    answer = encoding_of(path, error=CohortError)
    assert answer.name == found
    assert path.read_text(encoding=answer.name) == text
    assert bool(answer.notes) == (found in ("gb18030", "cp1252"))


def test_a_guess_is_said(tmp_path: Path) -> None:
    (note,) = encoding_of(_file(tmp_path, CHINESE, "gb18030"), error=CohortError).notes
    assert note.startswith("table.csv is not UTF-8; it was read as GB18030 (Chinese)")


def test_korean_is_not_taken_for_chinese(tmp_path: Path) -> None:
    path = _file(tmp_path, KOREAN, "cp949")
    with pytest.raises(CohortError, match=r"may be Chinese \(gb18030\) or Korean \(cp949\)"):
        encoding_of(path, error=CohortError)
    assert encoding_of(path, error=CohortError, encoding="cp949").name == "cp949"


@pytest.mark.parametrize(
    ("given", "said"),
    [("utf-8", "is not text in utf-8"), ("gb-2", "There is no encoding 'gb-2'"), ("hex", "There is no encoding 'hex'")],
)
def test_an_encoding_that_does_not_fit_is_refused(tmp_path: Path, given: str, said: str) -> None:
    with pytest.raises(CohortError, match=said):
        encoding_of(_file(tmp_path, GERMAN, "cp1252"), error=CohortError, encoding=given)


def test_a_break_late_in_a_long_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(b"a,b\n" * 600_000 + "王五,恶性肿瘤\n".encode("gb18030"))
    assert encoding_of(path, error=CohortError).name == "gb18030"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04rest", "save it as CSV"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not a text file"),
        (b"\x81\x8d\x90", "unknown"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(CohortError, match=said):
        encoding_of(path, error=CohortError)
    with pytest.raises(CohortError, match="There is no file"):
        encoding_of(tmp_path / "nowhere", error=CohortError)
