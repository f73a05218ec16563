"""From words of pathologists and cytologists to benign or malignant; what they leave open stays open."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from thyrosight.cohort.mapping.fields import data_file
from thyrosight.cohort.mapping.headers import plain_words
from thyrosight.identifiers import names_nobody

UNDECIDED: Final = ""
_DENIED: Final = "it denies something"
NOT_UNDERSTOOD: Final = ("no known word", "it names both benign and malignant", _DENIED)
"""Reasons for which the meaning of words is asked for."""

_CLAUSES: Final = re.compile(r"[,;。，；:：\n]+|(?<=\w{3})\.(?=\s|$)")
_ROMAN: Final = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6}
_NAMES: Final = ("", "I", "II", "III", "IV", "V", "VI")
_BETHESDA: Final = re.compile(
    r"(?:bethesda|t?bsrtc|beth\.?|\bb)\s*(?:system\w*|category|categoria|kategorie|cat\.?|kat\.?|klasse|class|grado|grade|分类|分级|类别)*"
    r"\s*[:：=-]?\s*(vi|iv|v|i{1,3}|[1-6])(?![a-z0-9])(?:\s*(?:[-/–到至]|bis|to|o|a)\s*(vi|iv|v|i{1,3}|[1-6])(?![a-z0-9]))?"
)
_ALONE: Final = re.compile(
    r"(?:cat\w*\.?|kat\w*\.?|class\w*|klasse|grado)?\s*(vi|iv|v|i{1,3}|[1-6])(?:\.0)?\s*(?:类|级)?\s*(?:[(（].*[)）])?"
)
_THY: Final = re.compile(r"\b(thy|tir)\s?([1-5])\s?[abcdf]?\b")
_CODES: Final = {"0", "1", "2"}
_NOT_DONE: Final = frozenset(data_file("diagnoses.yaml")["not_done"])


@dataclass(frozen=True)
class Reading:
    """Label that a text states.

    Attributes:
        label: benign, malignant or "" where it leaves that open.
        reason: why it is open, in a few words; empty where it is not.
    """

    label: str
    reason: str = ""


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {
        name: re.compile("|".join(f"(?:{one})" for one in patterns))
        for name, patterns in data_file("diagnoses.yaml").items()
        if name != "not_done"
    }


def says_nothing(text: str) -> bool:
    """Whether a cell says that there was no examination, or nothing at all.

    >>> [says_nothing(text) for text in ("keine OP", "n. d.", "未手术", "无", "/", "kein Karzinom", "negative")]
    [True, True, True, True, True, False, False]
    """
    plain = " ".join(_plain(text).split())
    return names_nobody(text) or plain in _NOT_DONE


@lru_cache(maxsize=65_536)
def read_diagnosis(text: str) -> Reading:
    """Whether words of a diagnosis say benign or malignant.

    >>> [read_diagnosis(text).label for text in ("Papilläres Karzinom", "kein Anhalt für Malignität", "结节性甲状腺肿")]
    ['malignant', 'benign', 'benign']
    >>> read_diagnosis("sospechoso de carcinoma papilar"), read_diagnosis("NIFTP").label
    (Reading(label='', reason='the words leave it open'), '')
    """
    plain = _plain(text)
    if not plain:
        return Reading(UNDECIDED, "empty")
    found = _patterns()
    stated = found["neutral"].sub(" ", plain)
    without = found["no_malignancy"].sub(" ", stated)
    denied = without != stated
    if found["unclear"].search(without):
        return Reading(UNDECIDED, "the words leave it open")
    words = (found["malignant"], found["benign"])
    for clause in _CLAUSES.split(without):
        if found["denial"].search(clause) and any(pattern.search(clause) for pattern in words):
            return Reading(UNDECIDED, _DENIED)
    malignant = bool(found["malignant"].search(without))
    benign = bool(found["benign"].search(found["background"].sub(" ", without) if malignant else without))
    if malignant and (benign or denied):
        return Reading(UNDECIDED, "it names both benign and malignant")
    if malignant:
        return Reading("malignant")
    return Reading("benign") if benign or denied else Reading(UNDECIDED, "no known word")


def _plain(text: str) -> str:
    """Lower case without accents; signs stay, for they part phrases."""
    lower = unicodedata.normalize("NFKC", text).casefold()
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        lower = unicodedata.normalize("NFC", lower).replace(umlaut, letters)
    bare = "".join(sign for sign in unicodedata.normalize("NFD", lower) if not unicodedata.combining(sign))
    return " ".join(bare.split())


def bethesda_of(text: str, *, alone: bool = False) -> tuple[int, ...]:
    """The Bethesda categories that a text names; several where it gives a range, none where it names none.

    Args:
        text: the cell.
        alone: whether a bare number or Roman numeral is one, as in a column of that name.

    >>> bethesda_of("Bethesda VI"), bethesda_of("Bethesda III-IV"), bethesda_of("Ⅱ类", alone=True)
    ((6,), (3, 4), (2,))
    >>> bethesda_of("2.0", alone=True), bethesda_of("Thy2"), bethesda_of("benigne")
    ((2,), (2,), ())
    """
    plain = _plain(text)
    if found := _BETHESDA.search(plain):
        return tuple(_category(part) for part in found.groups() if part)
    if found := _THY.search(plain):
        # RCPath and SIAPEC number benign 2 and malignant 5; all between them is open.
        return ({1: 1, 2: 2, 5: 6}.get(int(found[2]), 3),)
    if alone and (found := _ALONE.fullmatch(plain)):
        return (_category(found[1]),)
    return ()


def _category(text: str) -> int:
    return _ROMAN.get(text) or int(text)


def read_cytology(text: str, *, alone: bool = False) -> Reading:
    """Read a cytology: Bethesda II is benign, VI malignant, and every other category open.

    >>> read_cytology("Bethesda V"), read_cytology("benigne, Bethesda II").label, read_cytology("良性").label
    (Reading(label='', reason='Bethesda V'), 'benign', 'benign')
    """
    categories = bethesda_of(text, alone=alone)
    if len(categories) == 1 and categories[0] in (2, 6):
        return Reading("benign" if categories[0] == 2 else "malignant")
    if categories:
        return Reading(UNDECIDED, "Bethesda " + "-".join(_NAMES[one] for one in categories))
    return read_diagnosis(text)


def is_code(text: str) -> bool:
    """Whether a label is a bare code, which says nothing without the header."""
    return plain_words(text) in _CODES
