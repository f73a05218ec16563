"""The original report as a reader: keywords turn its text into benign, malignant or undecided.

After Zhao et al., Front Oncol 2023, section 2.3 and Table 1, who do not say how they treated negations; here they are
found by words before and after a keyword (the idea of NegEx: Chapman et al., J Biomed Inform 2001).
"""

# ruff: noqa: RUF001 (Chinese punctuation is meant)

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from thyrosight.errors import RecipeError
from thyrosight.parts import Part

Verdict = Literal["benign", "malignant", "undecided"]
Words = tuple[str, ...]
DICTIONARY = Path(__file__).with_name("report_keywords.yaml")
_CLAUSE_ENDS = re.compile(r"[;。；，！？!?\n\r]+|\.(?=\s|$)")


class KeywordDictionary(Part):
    """The words that decide; `report_keywords.yaml` says what each list is for.

    >>> words = load_dictionary()
    >>> read_report("Lymph node with reactive hyperplasia in level III.", words).verdict
    'benign'
    >>> read_report("右颈部III区可见异常淋巴结，转移不除外。", words).verdict
    'malignant'
    """

    malignant: Words = Field(min_length=1)
    benign: Words = Field(min_length=1)
    benign_when_negated: Words = ()
    negated_by: Words = ()
    negated_after_by: Words = ()
    no_negation: Words = ()
    ends_negation: Words = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if any(not word.strip() for name in type(self).model_fields for word in getattr(self, name)):
            raise ValueError("an empty keyword would match everything")
        both = {_normal(word) for word in self.malignant} & {_normal(word) for word in self.benign}
        if both:
            raise ValueError(f"{min(both)!r} is both malignant and benign")
        unknown = set(self.benign_when_negated) - set(self.malignant)
        if unknown:
            raise ValueError(f"{min(unknown)!r} of benign_when_negated is not a malignant keyword")
        return self

    @cached_property
    def keywords(self) -> "re.Pattern[str]":
        """Matches the keywords of both classes, longer ones first; each in a group of its own."""
        return _pattern(self.ordered)

    @cached_property
    def ordered(self) -> Words:
        """The keywords in the order of the groups of `keywords`."""
        return tuple(sorted((*self.malignant, *self.benign), key=len, reverse=True))


class Finding(BaseModel):
    """A keyword in a report, with the class it speaks for and whether it is negated there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keyword: str
    speaks_for: Literal["benign", "malignant"]
    negated: bool


class ReportReading(BaseModel):
    """What a report says by its keywords.

    Attributes:
        verdict: `undecided` where the keywords do not decide.
        reason: why it is undecided; empty otherwise.
        findings: every keyword in order.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: Verdict
    reason: str = ""
    findings: tuple[Finding, ...] = ()


@cache
def load_dictionary(path: Path = DICTIONARY) -> KeywordDictionary:
    """Read a dictionary of keywords from a YAML file in UTF-8; without a path the one that comes with ThyroSight.

    Raises:
        RecipeError: the file cannot be read, or holds something else; names the entry.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
        return KeywordDictionary.model_validate(content)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        text = " ".join(str(error).split())
        raise RecipeError(
            f"{path}: the keywords cannot be read as YAML in UTF-8 ({text}); correct the file."
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        place, problem = ".".join(map(str, first["loc"])), first["msg"].removeprefix("Value error, ")
        where = f", {place}" if place else ""
        raise RecipeError(f"{path}{where}: {problem}; correct the file.") from error


def read_report(text: object, dictionary: KeywordDictionary) -> ReportReading:
    """Decide by keywords what a report says.

    Keywords of one class that are not negated decide. Of both classes, or of none, they do not; a report whose only
    keywords are negated ones of `benign_when_negated` is benign.

    Args:
        text: of the report; None, NaN and blanks count as no text. Text in a wrong encoding is put right where that
            makes keywords appear.
        dictionary: from `load_dictionary`.
    """
    if not isinstance(text, str) or not text.strip():
        return ReportReading(verdict="undecided", reason="no text")
    for candidate in (text, *_put_right(text)):
        found = tuple(_findings(candidate, dictionary))
        if found:
            return _decide(found, dictionary)
    damaged = "\N{REPLACEMENT CHARACTER}" in text
    return ReportReading(verdict="undecided", reason="damaged text" if damaged else "no keyword")


def count_readings(readings: Iterable[ReportReading]) -> dict[str, int]:
    """How many reports were called what, the undecided ones by reason.

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


def _decide(found: tuple[Finding, ...], dictionary: KeywordDictionary) -> ReportReading:
    said = {one.speaks_for for one in found if not one.negated}
    if len(said) == 1:
        return ReportReading(verdict=said.pop(), findings=found)
    if said:
        return ReportReading(verdict="undecided", reason="keywords of both classes", findings=found)
    if any(one.keyword in dictionary.benign_when_negated for one in found):
        return ReportReading(verdict="benign", findings=found)
    return ReportReading(verdict="undecided", reason="only negated keywords", findings=found)


def _findings(text: str, dictionary: KeywordDictionary) -> Iterator[Finding]:
    negation, after = _pattern(dictionary.negated_by), _pattern(dictionary.negated_after_by)
    seeming = _pattern(dictionary.no_negation)
    for clause in _clauses(_normal(text), dictionary):
        # What looks like a negation is blanked, so that it negates nothing and every place stays what it was.
        real = seeming.sub(lambda match: "\0" * len(match.group()), clause)
        matches = list(dictionary.keywords.finditer(clause))
        for number, match in enumerate(matches):
            rest = real[match.end() : matches[number + 1].start() if number + 1 < len(matches) else None]
            keyword = dictionary.ordered[(match.lastindex or 1) - 1]
            yield Finding(
                keyword=keyword,
                speaks_for="malignant" if keyword in dictionary.malignant else "benign",
                negated=bool(negation.search(real[: match.start()]) or after.search(rest)),
            )


def _clauses(text: str, dictionary: KeywordDictionary) -> Iterator[str]:
    ends = _pattern(dictionary.ends_negation)
    for sentence in _CLAUSE_ENDS.split(text):
        start = 0
        for end in ends.finditer(sentence):
            yield sentence[start : end.start()]
            start = end.end()
        yield sentence[start:]


@cache
def _pattern(words: Words) -> "re.Pattern[str]":
    """Matches any of the words; each is a group. Without words it matches nothing."""
    return re.compile("|".join(f"({_word(word)})" for word in words) or r"(?!)")


def _word(word: str) -> str:
    """A word as a pattern: blanks of any width; Latin ones whole, also with a plural s; a capital makes case count."""
    normal = _normal(word).strip()
    pattern = r"\s+".join(re.escape(part) for part in normal.split())
    if re.match(r"[A-Za-z]", normal):
        pattern = rf"(?<![A-Za-z]){pattern}s?(?![A-Za-z])"
    return pattern if any(sign.isupper() for sign in normal) else rf"(?i:{pattern})"


def _normal(text: str) -> str:
    """Full-width Latin letters and digits made ordinary ones; punctuation stays, as a Chinese comma ends a clause."""
    return "".join(unicodedata.normalize("NFKC", sign) if sign.isalnum() else sign for sign in text)


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
