"""Reading the words of a table or a person into the terms of the lexicon."""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from thyrosight.tirads.lexicon import (
    NO_FOCI,
    Composition,
    Echogenicity,
    Extension,
    Foci,
    Focus,
    Margin,
    Nodule,
    Shape,
    Term,
    TiradsError,
)
from thyrosight.tirads.words import VOCABULARIES, Vocabulary, Words, plain

COLUMNS: Final = ("composition", "echogenicity", "margin", "calcification", "shape", "extrathyroidal_extension")
"""Names under which `read_nodule` looks for words; the first five are the names of a cohort's columns."""

UNKNOWN_WORDS: Final = frozenset({"", "unknown", "not recorded", "na", "n/a"})
_EMPTY_CELLS: Final = frozenset({"nan", "<na>", "none"})  # what data frames put into empty cells, as text
_NOT_KNOWN: Final = "is not a known word"
_SEPARATORS: Final = re.compile(r"[+;|]")


def read_nodule(record: Mapping[str, Any], *, vocabulary: str = "any", where: str = "") -> Nodule:
    """Read one nodule from words, as in a row of a table.

    An absent or empty entry, or "unknown", is an unknown feature. Several calcifications are joined by "+", ";" or "|".
    Some vocabularies list extrathyroidal extension among the margins: any other margin then means no extension, except
    in DDTI's vocabulary, where extension stays unknown. A margin given only as "extrathyroidal extension" leaves the
    margin itself unknown.

    Args:
        record: words under the names in `COLUMNS`, and `size_mm`; other entries are ignored.
        vocabulary: "any", "thyrosight", "ddti" or "inception"; see `VOCABULARIES`.
        where: place named in errors, for example "cohort.csv, row 12".

    Raises:
        TiradsError: words that are not in the vocabulary (all of them at once), or a size that is no positive number.

    >>> read_nodule({"composition": "predominantly-solid", "margins": "ignored"}, vocabulary="ddti").composition
    frozenset({<Composition.PREDOMINANTLY_SOLID: 'predominantly solid'>})
    """
    nodule, problems = try_read_nodule(record, vocabulary=vocabulary)
    if nodule is None:
        place = f"{where}: " if where else ""
        told = [f"{place}{column}: {text}" for column, text in problems]
        raise TiradsError("\n".join([*told, *allowed_words(problems, vocabulary)]))
    return nodule


def try_read_nodule(
    record: Mapping[str, Any], *, vocabulary: str = "any"
) -> tuple[Nodule | None, tuple[tuple[str, str], ...]]:
    """Read as `read_nodule` does, but return errors as (column, sentence) pairs instead of raising them."""
    words = find_vocabulary(vocabulary)
    problems: list[tuple[str, str]] = []
    found: dict[str, frozenset[Term] | None] = {}
    for column in COLUMNS:
        try:
            found[column] = _terms(_cell(record, column), words.words[column], column)
        except TiradsError as error:
            problems.append((column, str(error)))
    try:
        size = read_size_mm(_cell(record, "size_mm"))
    except TiradsError as error:
        problems.append(("size_mm", str(error)))
    if problems:
        return None, tuple(problems)
    return _nodule(found, words, size), ()


def allowed_words(problems: Iterable[tuple[str, str]], vocabulary: str) -> list[str]:
    """One line for each column with unknown words: the words that it may hold."""
    words = find_vocabulary(vocabulary).words
    columns = dict.fromkeys(column for column, text in problems if _NOT_KNOWN in text)
    return [f"Allowed for {column}: {_in_words(sorted(words[column]))}." for column in columns]


def find_vocabulary(name: str) -> Vocabulary:
    """The vocabulary of that name.

    Raises:
        TiradsError: there is none.
    """
    if name not in VOCABULARIES:
        raise TiradsError(f"There is no vocabulary {name!r}; choose {_in_words(VOCABULARIES)}.")
    return VOCABULARIES[name]


def read_size_mm(cell: str) -> float | None:
    """A size in millimetres; an empty or unknown cell is None.

    Raises:
        TiradsError: not a number, or not a possible size in millimetres.

    >>> read_size_mm("7.5"), read_size_mm("")
    (7.5, None)
    """
    if plain(cell) in UNKNOWN_WORDS:
        return None
    try:
        size = float(cell)
    except ValueError:
        raise TiradsError(f"{cell!r} is not a number of millimetres; write it without the unit.") from None
    if not 0.1 <= size <= 200:
        raise TiradsError(f"a size of {cell} mm is outside 0.1 to 200; check the value and its unit.")
    return size


def cell_text(value: Any) -> str:
    """The text of a cell; "" for an empty one (None, NaN, NA)."""
    text = str(value).strip()
    return text if isinstance(value, str) or text.casefold() not in _EMPTY_CELLS else ""


def _cell(record: Mapping[str, Any], column: str) -> str:
    return cell_text(record.get(column))


def _terms(cell: str, words: Words, column: str) -> frozenset[Term] | None:
    """The possible terms of a cell; None if it is empty or unknown."""
    parts = _SEPARATORS.split(cell) if column == "calcification" else [cell]
    named = [plain(part) for part in parts if plain(part) not in UNKNOWN_WORDS]
    if not named:
        return None
    for word in named:
        if word not in words:
            raise TiradsError(_unknown_word(word, words))
    terms = [words[word] for word in named]
    if len(terms) > 1 and not all(terms):
        raise TiradsError(f"{cell!r} says both none and a calcification; keep one.")
    return frozenset().union(*terms)


def _unknown_word(word: str, words: Words) -> str:
    if not words:
        return f"{word!r} cannot be read: this vocabulary has no words for it; leave the cell empty."
    near = difflib.get_close_matches(word, list(words), n=1, cutoff=0.7)
    return f"{word!r} {_NOT_KNOWN}; did you mean {near[0]!r}?" if near else f"{word!r} {_NOT_KNOWN}."


def _in_words(names: Iterable[str]) -> str:
    *first, last = map(repr, names)
    return f"{', '.join(first)} or {last}" if first else last


def _nodule(found: Mapping[str, frozenset[Term] | None], words: Vocabulary, size: float | None) -> Nodule:
    known: dict[str, Any] = {}
    for column, kind in (("composition", Composition), ("echogenicity", Echogenicity), ("shape", Shape)):
        terms = found[column]
        if terms is not None:
            known[column] = frozenset(term for term in terms if isinstance(term, kind))
    foci = found["calcification"]
    if foci is not None:
        known["foci"] = frozenset({_foci(foci)})
    known |= _margin(found["margin"], found["extrathyroidal_extension"], words)
    return Nodule(**known, size_mm=size)


def _foci(terms: frozenset[Term]) -> Foci:
    return frozenset(term for term in terms if isinstance(term, Focus)) or NO_FOCI


def _margin(
    margin: frozenset[Term] | None, extension: frozenset[Term] | None, words: Vocabulary
) -> dict[str, frozenset[Term]]:
    """The margin and the extension, which some vocabularies name in one word."""
    known: dict[str, frozenset[Term]] = {}
    borders = frozenset(term for term in margin or () if isinstance(term, Margin))
    if borders:
        known["margin"] = borders
    named = extension or frozenset(term for term in margin or () if isinstance(term, Extension))
    if named:
        known["extension"] = named
    elif borders and words.margin_tells_extension:
        known["extension"] = frozenset({Extension.ABSENT})
    return known
