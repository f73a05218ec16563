"""Names of character sets, right and wrong, and text in them."""

import pytest

from thyrosight.imaging.dicom.character_sets import character_set, decoded


@pytest.mark.parametrize(
    ("stated", "stored", "read"),
    [
        # Examples of PS3.5, annexes H.3.1, H.3.2, I.2 and K, by their bytes.
        (
            "\\ISO 2022 IR 87",
            b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B",
            "Yamada^Tarou=山田^太郎=やまだ^たろう",
        ),
        ("ISO 2022 IR 13\\ISO 2022 IR 87", b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田"),
        ("\\ISO 2022 IR 149", b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7", "Hong^Gildong=洪^吉洞"),
        ("\\ISO 2022 IR 58", b"Wang^XiaoDong=\x1b$)A\xcd\xf5^\x1b$)A\xd0\xa1\xb6\xab", "Wang^XiaoDong=王^小东"),
        ("\\ISO 2022 IR 87\\ISO 2022 IR 159", b"A=\x1b$B;3ED\x1b(B\x1b$(D\x30\x21\x1b(B", "A=山田丂"),
        ("ISO_IR 192", "Wang=王^小明".encode(), "Wang=王^小明"),
        ("GB18030", "Wang=王^小明".encode("gb18030"), "Wang=王^小明"),
        # An escape sequence that the file does not announce, and a set that stands without one.
        ("ISO_IR 100", b"A=\x1b$B;3ED\x1b(B", "A=山田"),
        ("", b"A=\x1b$)C\xfb\xf3", "A=洪"),
        ("\\ISO 2022 IR 149", b"\xfb\xf3", "洪"),
        # Nothing stated: UTF-8 where it fits, else Latin-1, from which every byte can be had again.
        ("", "Müller".encode(), "Müller"),
        ("ISO_IR 6", b"M\xfcller", "Müller"),
        ("ISO_IR 192", b"M\xfcller", "Müller"),
        ("KLINGON", b"M\xfcller", "Müller"),
        ("ISO_IR 203", b"\xa4", "€"),
    ],
)
def test_text_is_read_as_meant(stated: str, stored: bytes, read: str) -> None:
    assert decoded(stored, stated) == read


@pytest.mark.parametrize(
    "name", ["ISO_IR 100", "ISO-IR 100", "ISO_IR100", "iso_ir 100", "ISO8859-1", "ISO-8859-1", "latin1"]
)
def test_common_misspellings_of_latin_1(name: str) -> None:
    assert character_set(name) == "ISO_IR 100" and decoded(b"J\xf6rg", name) == "Jörg"


def test_other_names_and_unknown_ones() -> None:
    assert [character_set(name) for name in ("UTF-8", "utf8", "ISO_IR 192 ", "ISO IR 192")] == ["ISO_IR 192"] * 4
    assert [character_set(name) for name in ("", "ISO_IR 6", "ascii")] == ["ISO_IR 6"] * 3
    assert [character_set(name) for name in ("ISO_IR 87", "ISO2022 IR 87", "ISO 2022-87")] == ["ISO 2022 IR 87"] * 3
    assert [character_set(name) for name in ("ISO8859-5", "ISO 8859-15")] == ["ISO_IR 144", "ISO_IR 203"]
    assert character_set("ISO_IR 999") is None and character_set("8859-99") is None


@pytest.mark.parametrize(
    ("stated", "name", "encoding"),
    [
        ("WINDOWS-1251", "Иванов^Иван", "cp1251"),
        ("cp1250", "Łukasz^Žofia", "cp1250"),
        ("Windows-1252", "Šimon^Zoë", "cp1252"),
        ("KOI8-R", "Иванов^Иван", "koi8_r"),
        ("BIG5", "王^小明", "big5"),
        ("MS950", "王^小明", "cp950"),
        ("windows-31j", "山田^太郎", "cp932"),
        ("EUC-JP", "山田^太郎", "euc_jp"),
        ("UHC", "홍^길동", "cp949"),
        ("TIS-620", "สมชาย^ใจดี", "tis_620"),
        ("ISO-8859-16\0", "Ștefan^Țuțu", "iso8859_16"),
    ],
)
def test_sets_of_other_systems_are_read_where_a_file_names_them(stated: str, name: str, encoding: str) -> None:
    assert character_set(stated) is None
    assert decoded(name.encode(encoding), stated) == name


@pytest.mark.parametrize("stated", ["idna", "unicode_escape", "utf-7", "rot13", "zlib", "\0\0x", "../x", "utf-16"])
def test_what_python_knows_and_no_scanner_writes_is_an_unknown_set(stated: str) -> None:
    assert decoded(b"M\xfcller", stated) == "Müller"


def test_bytes_in_no_set_are_all_kept() -> None:
    every = bytes(range(0x80, 0x100))
    assert decoded(every, "ISO_IR 192").encode("latin-1") == every
