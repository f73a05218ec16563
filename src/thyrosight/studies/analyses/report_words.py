"""The dictionary of original reports with counts of use: Table 1 of Zhao et al. 2023, and the words added here."""

from collections import Counter
from collections.abc import Iterable, Sequence

from thyrosight.cohort.records.report_dictionary import KeywordDictionary
from thyrosight.cohort.records.report_keywords import ReportReading
from thyrosight.documents import Column, Row, Table, columns

_ASIDE = ("history", "asked", "open", "elsewhere", "outweighed")


def words_table(readings: Sequence[ReportReading], dictionary: KeywordDictionary) -> Table:
    """Each keyword with the number of reports that say it, negate it, or hold it in another sense.

    All words that the paper lists are there, of the others those that occur. A report counts once for a word and way.

    Args:
        readings: of the reports, by `dictionary`.
    """
    counts = Counter(use for reading in readings for use in _uses(reading))
    rows = [
        row
        for title, source, words in (
            ("malignant", "paper", dictionary.malignant.paper),
            ("malignant", "added here", dictionary.malignant.ours),
            ("benign", "paper", dictionary.benign.paper),
            ("benign", "added here", dictionary.benign.ours),
            ("cannot be told", "added here", dictionary.cannot_be_told),
        )
        for row in _rows(title, source, words, counts)
    ]
    decided = [reading for reading in readings if reading.verdict != "undecided"]
    by_paper = sum(reading.by_paper for reading in decided)
    return Table(
        name="table-1",
        caption="Words of the original reports and the class they speak for",
        columns=(
            Column(key="keyword", title="Word"),
            *columns("text", {"speaks_for": "Speaks for", "listed_by": "Listed by"}),
            *columns("count", {"said": "Reports that say it", "negated": "Negated", "aside": "In another sense"}),
        ),
        rows=tuple(rows),
        notes=(
            f"{by_paper} of {len(decided)} decided reports have a word that the paper lists among those that count; "
            "the others are decided by words added here.",
            "In another sense: history, a question, another node, left open, or a large node that the same sentence "
            "calls benign. Of the words added here, only those that occur are shown.",
        ),
    )


def _uses(reading: ReportReading) -> Iterable[tuple[str, str]]:
    """Word and way, each once in a report."""
    return {(one.keyword, "aside" if one.meant in _ASIDE else one.meant) for one in reading.findings}


def _rows(speaks_for: str, listed_by: str, words: Iterable[str], counts: Counter[tuple[str, str]]) -> Iterable[Row]:
    for word in words:
        uses = {way: counts[word, way] for way in ("said", "negated", "aside")}
        if listed_by == "paper" or any(uses.values()):
            yield {"keyword": word, "speaks_for": speaks_for, "listed_by": listed_by, **uses}
