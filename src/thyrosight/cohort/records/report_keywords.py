"""The original report as a reader: keywords turn its text into benign, malignant or undecided.

After Zhao et al., Front Oncol 2023, section 2.3 and Table 1, who do not say how they treated negations, hedges and the
patient's history; how they are treated here is in `report_context`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Literal

from pydantic import BaseModel, ConfigDict

from thyrosight.cohort.records.report_context import Meant, context_of
from thyrosight.cohort.records.report_dictionary import KeywordDictionary, SpeaksFor, normal, pattern
from thyrosight.cohort.records.report_sections import clauses, sections, sentences

Verdict = Literal["benign", "malignant", "undecided"]


class Finding(BaseModel):
    """A keyword in a report.

    Attributes:
        keyword: as the dictionary has it.
        speaks_for: the class it speaks for; `neither` where it says that the class cannot be told.
        meant: how it is meant there; `outweighed` is a large node that the same sentence calls benign.
        listed_by_paper: whether Table 1 of the paper lists it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    keyword: str
    speaks_for: SpeaksFor
    meant: Meant
    listed_by_paper: bool = False


class ReportReading(BaseModel):
    """Verdict of a report by its keywords.

    Attributes:
        verdict: `undecided` where the keywords do not decide.
        reason: why it is undecided; empty otherwise.
        findings: every keyword in order.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: Verdict
    reason: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def by_paper(self) -> bool:
        """Whether a keyword that the paper lists is among those that speak for the verdict."""
        return any(one.listed_by_paper and one.meant in ("said", "negated") for one in self.findings)


def read_report(text: object, dictionary: KeywordDictionary) -> ReportReading:
    """Decide by keywords what a report says.

    The conclusion decides where it has keywords, else all of the text. Keywords of one class that are said decide. Of
    both classes, or of none, they do not; a report whose only keywords are negated ones of `benign_when_negated` is
    benign. History, questions and what is said of other nodes decide nothing.

    Args:
        text: of the report; None, NaN and blanks count as no text. Text in a wrong encoding is put right where that
            makes keywords appear.
        dictionary: from `load_dictionary`.

    >>> from thyrosight.cohort.records.report_dictionary import load_dictionary
    >>> words = load_dictionary()
    >>> read_report("Lymph node with reactive hyperplasia in level III.", words).verdict
    'benign'
    >>> read_report("右颈部III区可见异常淋巴结，转移不除外。", words).verdict
    'malignant'
    >>> read_report("甲状腺癌术后，颈部未见明显肿大淋巴结。", words).verdict
    'benign'
    """
    if not isinstance(text, str) or not text.strip():
        return ReportReading(verdict="undecided", reason="no text")
    for candidate in (text, *_put_right(text)):
        found, concluded = _findings(candidate, dictionary)
        if found:
            concludes = any(one.meant == "said" for one in concluded)
            by_conclusion = _decide(concluded, found, dictionary)
            decided = concludes or by_conclusion.verdict != "undecided"
            return by_conclusion if decided else _decide(found, found, dictionary)
    damaged = "\N{REPLACEMENT CHARACTER}" in text
    return ReportReading(verdict="undecided", reason="damaged text" if damaged else "no keyword")


def count_readings(readings: Iterable[ReportReading]) -> dict[str, int]:
    """How many reports were called what, the undecided ones by reason.

    >>> from thyrosight.cohort.records.report_dictionary import load_dictionary
    >>> words = load_dictionary()
    >>> count_readings(read_report(text, words) for text in ["Metastasis.", "", "See image."])
    {'benign': 0, 'malignant': 1, 'undecided: no keyword': 1, 'undecided: no text': 1}
    """
    counts = Counter(f"{one.verdict}: {one.reason}" if one.reason else one.verdict for one in readings)
    return {name: counts[name] for name in sorted({"benign", "malignant", *counts})}


def decode_report(content: bytes) -> str:
    """The text of a report file: UTF-8 or UTF-16 by their marks, else UTF-8, else the Chinese GB 18030.

    Bytes that are none of these become replacement characters, which `read_report` names.

    >>> decode_report("转移".encode("gb18030")), decode_report("转移".encode("utf-8"))
    ('转移', '转移')
    """
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("utf-8", errors="replace")


def _decide(deciding: Sequence[Finding], all_of: Sequence[Finding], dictionary: KeywordDictionary) -> ReportReading:
    """The verdict of some findings, with all of the report's findings."""
    findings = tuple(all_of)
    said = {one.speaks_for for one in deciding if one.meant == "said"}
    classes = said - {"neither"}
    if len(classes) > 1:
        return ReportReading(verdict="undecided", reason="keywords of both classes", findings=findings)
    if "malignant" in classes or "benign" in classes:
        return ReportReading(verdict="malignant" if "malignant" in classes else "benign", findings=findings)
    if "neither" in said or any(one.meant == "open" for one in deciding):
        return ReportReading(verdict="undecided", reason="said to be undecided", findings=findings)
    if any(one.meant == "negated" and one.keyword in dictionary.benign_when_negated for one in deciding):
        return ReportReading(verdict="benign", findings=findings)
    negated = all(one.meant == "negated" for one in deciding)
    reason = "only negated keywords" if negated else "only history, questions or other nodes"
    return ReportReading(verdict="undecided", reason=reason, findings=findings)


def _findings(text: str, dictionary: KeywordDictionary) -> tuple[list[Finding], list[Finding]]:
    """All keywords, and those of the conclusion."""
    every: list[Finding] = []
    concluded: list[Finding] = []
    joined = context_of(dictionary).joined
    for section in sections(normal(text), dictionary):
        for sentence in sentences(section.text):
            found = [one for clause in joined(clauses(sentence)) for one in _of_clause(clause, dictionary)]
            if section.kind == "request":
                found = [one.model_copy(update={"meant": "asked"}) for one in found]
            found = _weighed(found, sentence, dictionary)
            every += found
            concluded += found if section.kind == "conclusion" else []
    return every, concluded


def _of_clause(clause: str, dictionary: KeywordDictionary) -> Iterator[Finding]:
    context = context_of(dictionary)
    blanked = context.blank(clause)
    places = dictionary.keywords_in(clause)
    nexts = [start for _, start, _ in places[1:]]
    ways = [
        context.meant(blanked, keyword, start, end, next_start=following)
        for (keyword, start, end), following in zip_longest(places, nexts)
    ]
    last_open = max((place for place, way in enumerate(ways) if way == "open"), default=-1)
    for place, (keyword, _, _) in enumerate(places):
        # "Benign or malignant cannot be determined" leaves both open.
        is_open = ways[place] == "said" and place < last_open
        yield Finding(
            keyword=keyword,
            speaks_for=dictionary.speaks_for(keyword),
            meant="open" if is_open else ways[place],
            listed_by_paper=keyword in dictionary.listed_by_paper,
        )


def _weighed(found: list[Finding], sentence: str, dictionary: KeywordDictionary) -> list[Finding]:
    """Findings of a sentence; where it calls a large node benign, its size decides nothing.

    A sentence on both sides may speak of two nodes, and is left as it is.
    """
    said = {one.speaks_for for one in found if one.meant == "said"}
    both_sides = bool(dictionary.sides) and all(pattern(words).search(sentence) for words in dictionary.sides)
    if "benign" not in said or both_sides:
        return found
    return [
        one.model_copy(update={"meant": "outweighed"})
        if one.meant == "said" and one.keyword in dictionary.gives_way_to_benign
        else one
        for one in found
    ]


def _put_right(text: str) -> Iterator[str]:
    """Readings of a text that may have been decoded wrongly: Chinese in UTF-8 or GB 18030 taken for Western letters."""
    if text.isascii():
        return
    for wrong in ("latin-1", "cp1252"):
        for right in ("utf-8", "gb18030"):
            try:
                yield text.encode(wrong).decode(right)
            except UnicodeError:
                continue
