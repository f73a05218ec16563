"""The encoding of a text file that does not say it: Unicode, else Chinese, else Western European."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from thyrosight.errors import ThyroSightError

_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_PIECE: Final = 1 << 20
_MOST: Final = 1 << 26
_BEYOND_ASCII: Final = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]|[\x80-\xff]")
_FREQUENT_LEADS: Final = frozenset([*range(0xA1, 0xA4), *range(0xB0, 0xD8)])
_KOREAN_LEADS: Final = range(0xB0, 0xC9)
_ENOUGH: Final = 12
"""Characters from which on a text whose every character could be Korean is taken for a riddle, not for Chinese."""


@dataclass(frozen=True)
class Encoding:
    """An encoding, as Python names it, and what must be said of how it was found."""

    name: str
    notes: tuple[str, ...] = ()


def encoding_of(path: Path, *, error: type[ThyroSightError], encoding: str | None = None) -> Encoding:
    """Find the encoding of a text file.

    A file with a mark, or in UTF-8, is what it is. Any other is Chinese (GB18030, as spreadsheets write it in China) if
    most of its characters beyond ASCII are frequent Chinese ones, else Western European (Windows-1252); a note says
    which was taken.

    Args:
        path: the file.
        error: the kind of error to raise.
        encoding: the encoding, if it is known; it is only checked.

    Raises:
        error: no such file, a file that cannot be read or is not text, an unknown encoding, or text that may be Chinese
            as well as Korean.
    """
    try:
        with path.open("rb") as stream:
            start = stream.read(_PIECE)
    except FileNotFoundError as problem:
        raise error(f"There is no file {path}; check the path.") from problem
    except OSError as problem:
        raise error(f"{path} cannot be read: {problem.strerror}.") from problem
    if start.startswith(b"PK\x03\x04"):
        raise error(f"{path} is a spreadsheet; save it as CSV first (File, Save as, CSV UTF-8).")
    if encoding is not None:
        return Encoding(_named(encoding, path, error))
    for mark, name in _MARKS:
        if start.startswith(mark):
            return Encoding(name)
    if b"\x00" in start[:4096]:
        raise error(f"{path} is not a text file; expected a table as CSV.")
    if _is_in(path, "utf-8"):
        return Encoding("utf-8")
    return _guessed(path, error)


def _named(encoding: str, path: Path, error: type[ThyroSightError]) -> str:
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)  # codecs that are no encodings of text fail here
    except LookupError:
        raise error(
            f"There is no encoding {encoding!r}; write utf-8, gb18030, big5, cp949, shift_jis or cp1252, for example."
        ) from None
    name = "utf-8-sig" if name == "utf-8" else name
    if not _is_in(path, name):
        raise error(f"{path} is not text in {encoding}; name another encoding, or save it as 'CSV UTF-8'.")
    return name


def _guessed(path: Path, error: type[ThyroSightError]) -> Encoding:
    with path.open("rb") as stream:
        data = stream.read(_MOST)
    western = "" if not _is_in(path, "cp1252") else "Windows-1252 (Western European)"
    if not _is_in(path, "gb18030") or not _looks_chinese(data):
        if not western:
            raise error(f"{path} is text in an unknown encoding; name it, or save the table as 'CSV UTF-8'.")
        return Encoding("cp1252", (_note(path, western),))
    if _may_be_korean(data):
        raise error(
            f"{path} may be Chinese (gb18030) or Korean (cp949) text; name its encoding, or save it as 'CSV UTF-8'."
        )
    return Encoding("gb18030", (_note(path, "GB18030 (Chinese)"),))


def _note(path: Path, name: str) -> str:
    return f"{path.name} is not UTF-8; it was read as {name}: name its encoding if words look wrong."


def _is_in(path: Path, encoding: str) -> bool:
    """Whether the whole file decodes; it is read in pieces, for tables of archives are large."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _leads(data: bytes) -> tuple[list[int], int]:
    """First bytes of frequent Chinese characters and signs, and how many characters beyond ASCII there are in all.

    Western letters beyond ASCII mostly stand between ASCII letters; pairs of them, as in Größe, are rare characters.
    """
    found = _BEYOND_ASCII.findall(data)
    return [one[0] for one in found if len(one) == 2 and one[0] in _FREQUENT_LEADS], len(found)


def _looks_chinese(data: bytes) -> bool:
    leads, count = _leads(data)
    return len(leads) > count / 2


def _may_be_korean(data: bytes) -> bool:
    letters = [lead for lead in _leads(data)[0] if lead >= _KOREAN_LEADS.start]
    return len(letters) >= _ENOUGH and all(lead in _KOREAN_LEADS for lead in letters)
