"""Headers of columns in plain words: without case, accents, signs and units; and the number of the nodule in them."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_UNIT_WORDS: Final = {"mm": "mm", "cm": "cm", "毫米": "mm", "厘米": "cm", "公分": "cm"}
_UNIT: Final = r"(?:in\s+|en\s+)?(mm|cm|毫米|厘米|公分)\s*"
_UNITS: Final = re.compile(rf"[(\[（【/,_ ]\s*{_UNIT}[)\]）】]?\s*$|[(\[（【]\s*{_UNIT}[)\]）】]", re.IGNORECASE)
_IN_BRACKETS: Final = re.compile(r"[(\[（【][^)\]）】]*[)\]）】]")
_GERMAN: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_NODULE: Final = re.compile(
    r"\b(?:nodule|nodulo|nod|knoten|herd|lesion|laesion|k|n)\s*(\d{1,2})\b|\b(\d{1,2})\s*(?:\.\s*)?(?:nodule|nodulo|knoten|herd)\b|"
    r"(?:结节|病灶)\s*(\d{1,2})"
)
_CHINESE: Final = str.maketrans("一二三四五", "12345")
_TRAILING: Final = re.compile(r"^(.*\D)\s*(\d{1,2})$")


@lru_cache(maxsize=65_536)
def plain_words(text: str) -> str:
    """A text in one spelling: lower case, umlauts as two letters, no accents, single blanks for signs.

    >>> [plain_words(text) for text in ("Größe\\n(Länge)", "Fecha de Ecografía", "Pat.-Nr.", "检查 日期：")]
    ['groesse laenge', 'fecha de ecografia', 'pat nr', '检查 日期']
    """
    lower = unicodedata.normalize("NFC", text).casefold().translate(_GERMAN)
    lower = unicodedata.normalize("NFKC", lower.replace("º", " ").replace("ª", " "))
    bare = "".join(sign for sign in unicodedata.normalize("NFD", lower) if not unicodedata.combining(sign))
    bare = unicodedata.normalize("NFC", bare).translate(_GERMAN)
    return " ".join(re.sub(r"[^\w<>≥≤]|_", " ", bare).split())


@dataclass(frozen=True)
class Header:
    """The parts of a header.

    Attributes:
        words: in plain spelling without unit and number of the nodule; first the whole, then shorter forms of it.
        unit: mm or cm where it is stated, else empty.
        nodule: number of the nodule it belongs to, or None.
        trailing: a number at its end that may be that of a nodule or of an image, or None.
    """

    words: tuple[str, ...]
    unit: str = ""
    nodule: int | None = None
    trailing: int | None = None


@lru_cache(maxsize=4_096)
def read_header(text: str) -> Header:
    """The parts of a header.

    >>> read_header("Knoten 2 / Größe (cm)")
    Header(words=('groesse',), unit='cm', nodule=2, trailing=None)
    >>> read_header("image_3").words, read_header("image_3").trailing
    (('image 3', 'image'), 3)
    """
    unit = ""
    if (found := _UNITS.search(text)) is not None:
        unit = _UNIT_WORDS[(found[1] or found[2]).casefold()]
        text = text[: found.start()] + " " + text[found.end() :]
    nodule = None
    plain = plain_words(text)
    if (
        numbered := _NODULE.search(plain.translate(_CHINESE) if "结节" in plain or "病灶" in plain else plain)
    ) is not None:
        nodule = int(next(part for part in numbered.groups() if part))
        plain = " ".join((plain[: numbered.start()] + " " + plain[numbered.end() :]).split()) or "nodule"
    forms = [plain, plain_words(_IN_BRACKETS.sub(" ", text)) if nodule is None else ""]
    if "/" in text and nodule is None:
        forms += [plain_words(part) for part in reversed(text.split(" / "))]
    trailing = None
    if (ending := _TRAILING.match(plain)) is not None and nodule is None:
        forms.append(ending[1].strip())
        trailing = int(ending[2])
    return Header(tuple(dict.fromkeys(form for form in forms if form)), unit, nodule, trailing)
