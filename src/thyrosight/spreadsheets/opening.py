"""Opening a spreadsheet by what it is, not by what its name says."""

from pathlib import Path
from typing import Final

from thyrosight.errors import SpreadsheetError
from thyrosight.spreadsheets.sheet import Workbook

WORKBOOK_SUFFIXES: Final = (".xlsx", ".xlsm", ".xls", ".ods")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = ("EncryptedPackage".encode("utf-16-le"), "EncryptionInfo".encode("utf-16-le"))


def is_workbook(path: Path) -> bool:
    """Whether a file is a spreadsheet rather than text: by its first bytes, and by its name where these are text."""
    try:
        with path.open("rb") as stream:
            start = stream.read(8)
    except OSError:
        return False
    return start.startswith(b"PK\x03\x04") or start == _OLE or path.suffix.lower() in WORKBOOK_SUFFIXES


def read_workbook(path: Path, *, encoding: str | None = None) -> Workbook:
    """Read the sheets of .xlsx, .xls, .ods, XML of Excel 2003, HTML, or text with separators.

    Args:
        path: the file; its content decides, as hospital systems export web pages and text under the name .xls.
        encoding: of text, as Python names it; None finds it.

    Raises:
        SpreadsheetError: no such file, a damaged or protected one, or one that unpacks without bounds.
    """
    try:
        with path.open("rb") as stream:
            start = stream.read(4096)
        return _read(path, start, encoding)
    except FileNotFoundError as problem:
        raise SpreadsheetError(f"There is no file {path}; check the path.") from problem
    except OSError as problem:
        raise SpreadsheetError(f"{path} cannot be read: {problem.strerror or problem}.") from problem


def _read(path: Path, start: bytes, encoding: str | None) -> Workbook:
    from thyrosight.spreadsheets import delimited, markup

    if not start.strip(b"\x00 \r\n\t\xef\xbb\xbf"):
        raise SpreadsheetError(f"{path} is empty; export the table again.")
    if start.startswith(b"PK"):
        return _of_archive(path)
    if start.startswith(_OLE):
        return _of_container(path)
    plain = start.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t").lower()
    if b"urn:schemas-microsoft-com:office:spreadsheet" in plain and plain.startswith(b"<?xml"):
        return _renamed(path, markup.read_xml_2003(path))
    if plain.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<head", b"<style")):
        return _renamed(path, markup.read_html(path))
    return _renamed(path, delimited.read_delimited(path, encoding=encoding))


def _of_archive(path: Path) -> Workbook:
    import zipfile

    from thyrosight.spreadsheets.markup import read_ods
    from thyrosight.spreadsheets.xlsx import read_xlsx

    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile as problem:
        raise SpreadsheetError(f"{path} is a damaged workbook ({problem}); open it and save it again.") from problem
    if "content.xml" in names:
        return read_ods(path)
    if "xl/workbook.bin" in names:
        raise SpreadsheetError(f"{path} is a binary workbook (.xlsb); open it and save it as .xlsx.")
    if not any(name.startswith("xl/") for name in names):
        raise SpreadsheetError(f"{path} is an archive, not a workbook; unpack it and name the table in it.")
    return read_xlsx(path)


def _of_container(path: Path) -> Workbook:
    """An old workbook, or a new one that is encrypted and packed into the container of the old ones."""
    from thyrosight.spreadsheets.xls import password_sentence, read_xls

    data = path.read_bytes()
    if any(word in data for word in _ENCRYPTED):
        raise SpreadsheetError(password_sentence(path))
    return read_xls(path)


def _renamed(path: Path, book: Workbook) -> Workbook:
    if path.suffix.lower() not in WORKBOOK_SUFFIXES:
        return book
    note = f"{path.name} is a {book.kind}, not what its name says; it was read as that."
    return Workbook(book.kind, book.sheets, book.decimal_comma, (note, *book.notes))
