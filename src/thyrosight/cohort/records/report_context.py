"""How a keyword of a report is meant: said, negated, told of the past, asked for, or of another place.

By words before and after it: the idea of ConText (Harkema et al., J Biomed Inform 2009), which extends NegEx (Chapman
et al., J Biomed Inform 2001).
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Literal

from thyrosight.cohort.records.report_dictionary import GAP, KeywordDictionary, Words, any_of

Meant = Literal["said", "negated", "history", "asked", "open", "elsewhere", "outweighed"]
_CHINESE = re.compile("[\u3400-\u9fff]")
_COMMA = r",(?!\d)"
_REACH = 300
"""Signs before and after a keyword in which words can change how it is meant."""


class Context:
    """The words around keywords, as patterns."""

    def __init__(self, words: KeywordDictionary) -> None:
        self.misleading = re.compile(any_of(words.no_negation))
        self.primary_tumour = frozenset(words.primary_tumour)
        self.elsewhere = re.compile(any_of(words.elsewhere_by))
        self.elsewhere_after = re.compile(any_of(words.elsewhere_after_by))
        self.history = re.compile(any_of(words.history_by))
        self.history_of_tumour = re.compile(any_of(words.history_of_tumour_by))
        self.history_after = re.compile(any_of(words.history_after_by))
        self.negation = re.compile(any_of(words.negated_by))
        self.negation_after = _following(words.negated_after_by, words.may_stand_between)
        self.question = re.compile(any_of(words.asked_by))
        self.open_after = _following(words.open_after_by, words.may_stand_between)
        self.comma = re.compile(_COMMA)
        self.ends = re.compile(f"{_COMMA}|{any_of(words.ends_history)}")
        # A comma ends no negation by itself: "no calcification, necrosis or metastasis".
        self.ends_negation = re.compile(
            f"[:：]|{any_of(words.ends_negation)}"
            rf"|,\s*(?:and\s+|now\s+)?(?:{any_of(words.comma_before_ends_negation)})"
            rf"|(?:{any_of(words.comma_after_ends_negation)})\s*,"
        )

    def blank(self, clause: str) -> str:
        """The clause without what only looks like a negation or a question; every place stays what it was."""
        return self.misleading.sub(lambda found: "\0" * len(found.group()), clause)

    def meant(self, clause: str, keyword: str, start: int, end: int, *, next_start: int | None) -> Meant:
        """How the keyword at `start` to `end` is meant.

        Args:
            clause: after `blank`.
            next_start: place of the next keyword.
        """
        before, rest = clause[max(0, start - _REACH) : start], clause[end : end + _REACH]
        to_next = rest if next_start is None else rest[: max(0, next_start - end)]
        if _reaches(self.elsewhere, before, self.comma) or self.elsewhere_after.search(to_next):
            return "elsewhere"
        if self._is_history(keyword, before, to_next):
            return "history"
        if _reaches(self.question, before, self.ends):  # before negation, as 有无 holds 无
            return "asked"
        # A keyword that is itself a negation ("颈部...未见...异常") is not negated by its own words.
        gap = GAP in keyword and not self.negation.search(keyword)
        inside = gap and self.negation.search(clause, start, end) is not None
        if inside or _reaches(self.negation, before, self.ends_negation) or self.negation_after.match(rest):
            return "negated"
        return "open" if self.open_after.match(rest) else "said"

    def joined(self, clauses: Sequence[str]) -> list[str]:
        """Clauses, with one that begins with history joined to what it tells of (甲状腺癌，术后)."""
        whole: list[str] = []
        for clause in clauses:
            if whole and self.history_after.match(self.blank(clause).lstrip()):
                whole[-1] += f"，{clause}"
            else:
                whole.append(clause)
        return whole

    def _is_history(self, keyword: str, before: str, to_next: str) -> bool:
        if _reaches(self.history, before, self.ends):
            return True
        if keyword in self.primary_tumour and _reaches(self.history_of_tumour, before, self.ends):
            return True
        after = self.history_after.search(to_next)
        between = to_next[: after.start()] if after else ""
        # A comma alone may stand between: "carcinoma, post-operative".
        return after is not None and not (between.strip(" ,，(（") and self.ends.search(between))


@cache
def context_of(dictionary: KeywordDictionary) -> Context:
    """The context words of a dictionary, as patterns."""
    return Context(dictionary)


def _reaches(words: "re.Pattern[str]", before: str, ends: "re.Pattern[str]") -> bool:
    """Whether one of the words stands before, with nothing in between that ends its reach."""
    return any(not ends.search(before, found.end()) for found in words.finditer(before))


def _following(words: Words, between: Words) -> "re.Pattern[str]":
    """Matches where one of the words follows at once, but for words that may stand between.

    A Chinese one has to end the clause: what follows it is what it speaks of (淋巴结未见淋巴门).
    """
    chinese = tuple(word for word in words if _CHINESE.match(word))
    others = tuple(word for word in words if not _CHINESE.match(word))
    skipped = rf"(?:[\s()\-/\"]|{any_of(between)})*"
    return re.compile(rf"{skipped}(?:(?:{any_of(chinese)})\s*$|(?:{any_of(others)}))")
