"""The parts of an original report: what was asked, what was seen, what is concluded; sentences, and their clauses."""

# ruff: noqa: RUF001 (Chinese punctuation is meant)

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from thyrosight.cohort.records.report_dictionary import KeywordDictionary, Words, any_of

_CHINESE = "\u3400-\u9fff"
_SENTENCE_ENDS = re.compile(rf"[;。；！？!?\n\r]+|\.(?=\s|$|[{_CHINESE}])|(?<=[{_CHINESE}])\.")
_CLAUSE_ENDS = re.compile(rf"，+|(?<=[{_CHINESE}]),|,(?=\s*[{_CHINESE}])")


@dataclass(frozen=True)
class Section:
    """A part of a report.

    Attributes:
        kind: of its heading; text before the first heading is `finding`.
        text: without the heading.
    """

    kind: Literal["request", "finding", "conclusion"]
    text: str


def sections(text: str, dictionary: KeywordDictionary) -> Iterator[Section]:
    """The report by its headings; a colon or a dash follows each heading.

    A request reaches to the heading of the findings; where none follows, its first sentence is the request.
    """
    kinds: dict[str, Words] = {
        "request": dictionary.request_headings,
        "finding": dictionary.finding_headings,
        "conclusion": dictionary.conclusion_headings,
    }
    names = "|".join(f"(?P<{kind}>{any_of(words)})" for kind, words in kinds.items())
    found = list(re.finditer(rf"(?:{names})\s*(?:[:：]|[-–—]\s)", text))
    yield Section("finding", text[: found[0].start()] if found else text)
    for place, match in enumerate(found):
        following = found[place + 1] if place + 1 < len(found) else None
        content = text[match.end() : following.start() if following else None]
        if match["request"] is None:
            yield Section("finding" if match["conclusion"] is None else "conclusion", content)
            continue
        asked = content if following and following["conclusion"] is None else _first_sentence(content)
        yield Section("request", asked)
        yield Section("finding", content[len(asked) :])


def _first_sentence(text: str) -> str:
    start = len(text) - len(text.lstrip())
    end = _SENTENCE_ENDS.search(text, start)
    return text[: end.end()] if end else text


def sentences(text: str) -> list[str]:
    """Sentences, without the sign that ends them.

    >>> sentences("Node of 3.5 mm. Hilum kept.")
    ['Node of 3.5 mm', ' Hilum kept']
    """
    return [part for part in _SENTENCE_ENDS.split(text) if part.strip()]


def clauses(sentence: str) -> list[str]:
    """Clauses, parted by Chinese commas, and by others beside a Chinese sign.

    >>> clauses("no node, no mass"), clauses("未见肿块,考虑良性")
    (['no node, no mass'], ['未见肿块', '考虑良性'])
    """
    return _CLAUSE_ENDS.split(sentence)
