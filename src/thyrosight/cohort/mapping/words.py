"""Cells with one word out of few: sex, side, sonographic features, sources of labels, TI-RADS."""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final

from thyrosight.cohort.mapping.fields import data_file
from thyrosight.cohort.mapping.headers import plain_words

VOCABULARIES: Final = (
    "sex", "label_source", "neck_side", "composition", "echogenicity", "margin", "calcification", "shape",
)  # fmt: skip
"""Fields whose words are known."""

_PARTS: Final = re.compile(
    r"\s*(?:[,;/+|、，；]|\band\b|\bund\b|\by\b|\bmit\b|\bcon\b|\bwith\b|和|及|伴|并)\s*", re.IGNORECASE
)
_TIRADS: Final = re.compile(
    r"(?:(acr|eu|k|c|kwak|ata)?[\s-]*)?(?:ti[\s-]*rads|tr|t)?\s*[:：-]?\s*([1-6])\s*([abc])?\s*(?:类|级|分)?(?:\s*[(（].*[)）])?",
    re.IGNORECASE,
)
_ROMAN: Final = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6"}
_ROMAN_TIRADS: Final = re.compile(r"\b(iii|ii|iv|vi|v|i)(?=[abc]?\b)")


@cache
def _words(field: str) -> dict[str, str]:
    return {
        plain_words(word) or word.strip(): meant
        for meant, words in data_file("words.yaml")[field].items()
        for word in [meant, *words]
    }


@cache
def _plain_list(name: str) -> frozenset[str]:
    return frozenset(plain_words(word) or word for word in data_file("words.yaml")[name])


@lru_cache(maxsize=65_536)
def read_word(text: str, field: str) -> str | None:
    """The cohort's word for a cell; None where it is not known. Several features in one cell are joined by `+`.

    >>> read_word("frau", "sex"), read_word("低回声", "echogenicity"), read_word("Mikro- und Makro", "calcification")
    ('F', 'hypoechoic', 'microcalcification + macrocalcification')
    >>> read_word("sch\\u00f6n", "margin") is None
    True
    """
    known = _words(field)
    plain = plain_words(text) or text.strip()
    if plain in known:
        return known[plain]
    if field == "calcification" and plain in _plain_list("no"):
        return "none"
    parts = [plain_words(part) or part.strip() for part in _PARTS.split(text) if part.strip()]
    meant = [_nearly(part, known) for part in parts]
    if not meant or None in meant:
        return None
    different = list(dict.fromkeys(word for word in meant if word))
    return different[0] if len(different) == 1 else " + ".join(different) if field == "calcification" else None


def _nearly(part: str, known: dict[str, str]) -> str | None:
    """A word, with the ending of its case or gender, or with a word of the feature around it."""
    if part in known:
        return known[part]
    for ending in ("e", "er", "es", "en", "s", "as", "os", "a"):
        if part.endswith(ending) and part.removesuffix(ending) in known:
            return known[part.removesuffix(ending)]
    inside = sorted((word for word in known if len(word) >= (2 if not word.isascii() else 6) and word in part), key=len)
    if not inside or re.search(r"\b(kein\w*|no|not|nicht|ohne|sin)\b|无|未见", part):
        return None
    longest = {known[word] for word in inside if not any(word != other and word in other for other in inside)}
    return longest.pop() if len(longest) == 1 else None


def sex_of_m(cells: Iterable[str]) -> str | None:
    """Which sex M is in a column: male, or female (Mujer); None where the other words do not tell.

    >>> [sex_of_m(["M", *others]) for others in (["H"], ["V"], ["F"], ["Mujer", "Hombre"], [])]
    ['F', 'F', 'M', 'F', None]
    """
    plain = {plain_words(cell) for cell in cells} - {"m"}
    meant = {word: read_word(word, "sex") for word in plain}
    spelled = {meant[word] for word in plain if word.startswith("m") and meant[word]}
    if len(spelled) == 1:
        return spelled.pop()
    others = {sex for word, sex in meant.items() if sex and not word.startswith("m")}
    if spelled or len(others) != 1:
        return None
    return "F" if others == {"M"} else "M"


def says_yes(text: str) -> bool | None:
    """Whether a cell says yes, no or neither.

    >>> says_yes("ja"), says_yes("否"), says_yes("vielleicht")
    (True, False, None)
    """
    plain = plain_words(text) or text.strip()
    if plain in _plain_list("yes"):
        return True
    return False if plain in _plain_list("no") else None


@lru_cache(maxsize=4_096)
def read_tirads(text: str) -> str | None:
    """A category as a cohort writes it: TR4 of ACR, 4a of others with letters, 4 elsewhere.

    >>> [read_tirads(text) for text in ("ACR TI-RADS 4", "4A类", "EU-TIRADS 5", "TIRADS IVb", "12")]
    ['TR4', '4a', '5', '4b', None]
    """
    plain = " ".join(text.replace("_", " ").casefold().split())
    plain = _ROMAN_TIRADS.sub(lambda found: _ROMAN[found[1]], plain)
    found = _TIRADS.fullmatch(plain)
    if found is None:
        return None
    acr = found[1] == "acr" or plain.startswith("tr")
    return f"TR{found[2]}" if acr and not found[3] and found[2] != "6" else f"{found[2]}{found[3] or ''}"
