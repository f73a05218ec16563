"""Character sets as files name them, rightly or nearly so, and text in them (PS3.3, C.12.1.1.2; PS3.5, 6.1)."""

import codecs
import re
from typing import Final

from pydicom.charset import decode_bytes, python_encoding

_ISO_IR: Final = re.compile(r"ISO[ _-]*IR[ _-]*(\d+)")
_ISO_2022: Final = re.compile(r"ISO[ _-]*2022[ _-]*(?:IR[ _-]*)?(\d+)")
_ISO_8859: Final = re.compile(r"(?:ISO[ _-]*)?8859(?:[ _-]*(\d+))?")
_PARTS_OF_8859: Final = {
    "1": 100, "2": 101, "3": 109, "4": 110, "5": 144, "6": 127, "7": 126, "8": 138, "9": 148, "11": 166, "15": 203,
}  # fmt: skip
_MULTI_BYTE: Final = ("58", "87", "149", "159")
"""Registrations that exist with code extensions only; "ISO_IR 87" can mean nothing else."""
_OTHER_NAMES: Final = {
    "": "ISO_IR 6", "ASCII": "ISO_IR 6", "USASCII": "ISO_IR 6", "DEFAULT": "ISO_IR 6",
    "UTF8": "ISO_IR 192", "UNICODE": "ISO_IR 192", "LATIN1": "ISO_IR 100", "GB2312": "GBK", "CP936": "GBK",
    "GB18030": "GB18030", "SHIFTJIS": "ISO_IR 13", "SJIS": "ISO_IR 13", "EUCKR": "ISO 2022 IR 149",
    "KSC5601": "ISO 2022 IR 149", "KSC56011987": "ISO 2022 IR 149",
}  # fmt: skip
"""Without the spaces, hyphens and underscores that writers put anywhere."""
_OF_OTHER_SYSTEMS: Final = frozenset((
    "big5", "big5hkscs", "cp874", "cp932", "cp949", "cp950", "euc_jp", "iso8859-10", "iso8859-13", "iso8859-14",
    "iso8859-16", "johab", "koi8-r", "koi8-u", "mac-cyrillic", "mac-greek", "mac-roman", "tis-620",
    *(f"cp{number}" for number in range(1250, 1259)),
))  # fmt: skip
"""Encodings that are no character sets of DICOM, but that writers name and use; as Python calls them."""
_OF_WINDOWS: Final = re.compile(r"(?:WINDOWS|MS|CP)[ _-]?(?:(31J)|(\d+))")
_ENCODINGS: Final = python_encoding | {"ISO_IR 203": "iso8859_15", "ISO 2022 IR 203": "iso8859_15"}
_EXTENSIONS: Final = [encoding for name, encoding in _ENCODINGS.items() if name.startswith("ISO 2022 IR")]
_DEFAULT: Final = ("ISO_IR 6", "ISO 2022 IR 6")
_ESCAPE: Final = re.compile("\x1b[\x20-\x2f]*[\x30-\x7e]")


def character_set(name: str) -> str | None:
    """DICOM's own term for a character set that a file names, or None for one that nobody knows.

    >>> [character_set(name) for name in ("ISO-IR 100", "iso_ir 100", "ISO8859-1", "UTF-8", "GB 18030")]
    ['ISO_IR 100', 'ISO_IR 100', 'ISO_IR 100', 'ISO_IR 192', 'GB18030']
    >>> character_set("KLINGON") is None
    True
    """
    plain = " ".join(name.replace("\0", " ").upper().split())
    other = _OTHER_NAMES.get(re.sub("[ _-]", "", plain))
    if other is not None:
        return other
    extended, single, part = (form.fullmatch(plain) for form in (_ISO_2022, _ISO_IR, _ISO_8859))
    if extended is not None:
        plain = f"ISO 2022 IR {extended[1]}"
    elif single is not None:
        plain = f"ISO 2022 IR {single[1]}" if single[1] in _MULTI_BYTE else f"ISO_IR {single[1]}"
    elif part is not None:
        plain = f"ISO_IR {_PARTS_OF_8859.get(part[1] or '1', 0)}"
    return plain if plain in _ENCODINGS else None


def decoded(value: bytes, stated: str) -> str:
    """Text in the character sets that a file states, else in UTF-8, else in Latin-1, which keeps every byte.

    Args:
        value: as stored.
        stated: the value of Specific Character Set as stored; several sets stand apart by backslashes.

    >>> decoded(b"Yamada=" + "山田".encode("iso2022_jp"), "\\\\ISO 2022 IR 87"), decoded("Müller".encode(), "ISO_IR 6")
    ('Yamada=山田', 'Müller')
    """
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii")
    names = [known for known in map(character_set, stated.split("\\")) if known is not None]
    if b"\x1b" not in value:
        tried = (*filter(None, map(_encoding, stated.split("\\"))), "utf-8")
        return next(filter(None, (_strictly(value, encoding) for encoding in tried)), value.decode("latin-1"))
    # An escape sequence says by itself which set follows, whether the file states that set or not.
    encodings = [_ENCODINGS[name] for name in names] or [_ENCODINGS["ISO_IR 6"]]
    encodings += [encoding for encoding in _EXTENSIONS if encoding not in encodings]
    try:
        # pydicom leaves the escape sequences of some character sets in the text.
        return _ESCAPE.sub("", decode_bytes(value, encodings, set()))
    except (UnicodeError, LookupError, ValueError):
        return _ESCAPE.sub("", value.decode("latin-1"))


def _encoding(name: str) -> str | None:
    """Python's name of the encoding that a file means by the name of a character set, or None for one nobody knows."""
    known = character_set(name)
    if known is not None:
        return "utf-8" if known in _DEFAULT else _ENCODINGS[known]
    plain = name.replace("\0", " ").strip().upper()
    windows = _OF_WINDOWS.fullmatch(plain)
    if windows is not None:
        plain = "cp932" if windows[1] else f"cp{windows[2]}"
    try:
        found = codecs.lookup(plain).name
    except (LookupError, ValueError):
        return None
    return found if found in _OF_OTHER_SYSTEMS else None


def _strictly(value: bytes, encoding: str) -> str | None:
    try:
        return value.decode(encoding)
    except (UnicodeError, LookupError):
        return None
