"""Tables of marks, of lesions and of searches for the statistics commands."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thyrosight.cli.stats.hits import Rule, lesions_hit
from thyrosight.errors import StatisticsError

if TYPE_CHECKING:
    from thyrosight.cli.stats.question import Question
    from thyrosight.cli.stats.table import StatsTable
    from thyrosight.statistics import MarkedCases

_CASE = ("case", "image", "case_id", "key")
_CONFIDENCE = ("confidence", "rating", "score", "calibrated_risk", "probability")
_EVERYONE = "marks"


@dataclass(frozen=True)
class Marks:
    """Marks and lesions as columns by role, ready for `marked_cases`.

    Attributes:
        marks: `case`, `lesion` ("" for none), `confidence`, `reader`, `test`.
        lesions: `case`, `lesion`, and `weight` and `patient` where they are given.
        rule: how a hit was decided, in words.
        searched: `case`, `reader`, `test` of each search; None where every reader searched every case.
    """

    marks: dict[str, list[Any]]
    lesions: dict[str, list[Any]]
    rule: str
    searched: dict[str, list[Any]] | None = None

    @property
    def weight(self) -> str | None:
        """The column of weights, if there is one."""
        return "weight" if "weight" in self.lesions else None

    @property
    def patient(self) -> str | None:
        """The column of patients, if there is one."""
        return "patient" if "patient" in self.lesions else None

    @property
    def readers(self) -> list[str]:
        """Everyone who searched or marked."""
        return list(dict.fromkeys((self.searched or self.marks)["reader"])) or [_EVERYONE]

    @property
    def tests(self) -> list[str]:
        """Every test with which someone searched or marked."""
        return list(dict.fromkeys((self.searched or self.marks)["test"]))

    def cases_of(self, reader: str) -> set[str]:
        """The cases that a reader searched."""
        if self.searched is None:
            return set(self.lesions["case"])
        rows = zip(self.searched["reader"], self.searched["case"], strict=True)
        return {case for name, case in rows if name == reader}

    def of_reader(self, reader: str, cases: set[str] | None = None) -> "MarkedCases":
        """The marks of one reader on these cases, else on those that the reader searched.

        Raises:
            StatisticsError: as `marked_cases`.
        """
        from thyrosight.statistics import marked_cases

        there = self.cases_of(reader) if cases is None else cases
        own = [
            name == reader and (cases is None or case in there)
            for name, case in zip(self.marks["reader"], self.marks["case"], strict=True)
        ]
        kept = [case in there for case in self.lesions["case"]]
        return marked_cases(_rows(self.marks, own), _rows(self.lesions, kept), weight=self.weight, cluster=self.patient)


def _rows(table: dict[str, list[Any]], kept: list[bool]) -> dict[str, list[Any]]:
    return {name: [value for value, keep in zip(column, kept, strict=True) if keep] for name, column in table.items()}


def read_marks(
    question: "Question",
    lesion_file: Path,
    *,
    reader: str | None,
    test: str | None,
    case: str | None,
    rating: str | None,
    weight: str | None,
    rule: Rule,
    searched: Path | None = None,
) -> Marks:
    """Read the question's table as marks, the lesions from another file, and who searched what from a third.

    The table of searches may be that of the marks, in which a row without a mark is a search without one.

    Raises:
        StatisticsError: a column that is missing, a place that cannot be read, or an image that a model refused.
    """
    table, lesions = question.table, question.also(lesion_file)
    of_lesions = _lesion_columns(question, lesions, weight=weight)
    by_name = "lesion" in table.frame.columns if rule.name is None else rule.name == "id"
    case_name = table.column(case, option="--case", candidates=_CASE)
    _refuse_unread(table, case_name)
    _keep_marked(question, table, rating=rating, by_name=by_name, searched=searched is not None)
    confidence = table.column(rating, option="--rating", candidates=_CONFIDENCE)
    table.keep_complete([case_name, confidence], drop=question.drop_missing)
    marks: dict[str, list[Any]] = {
        "case": _as_in(question, [str(name) for name in table.names(case_name)], of_lesions["case"]),
        "confidence": table.numbers(confidence),
    }
    found = {
        role: table.column(given, option=f"--{role}", candidates=candidates, required=False)
        for role, given, candidates in (
            ("reader", reader, ("reader", "model")),
            ("test", test, ("test", "modality")),
        )
    }
    marks |= {role: _named(table, name, len(marks["case"])) for role, name in found.items()}
    if by_name:
        marks["lesion"] = _optional(table, table.column("lesion", option="lesion"))
        words = "the lesion that the table names"
    else:
        marks["lesion"], words = lesions_hit(table, lesions, marks["case"], of_lesions, rule)
    question.note(f"A mark hits {words}.")
    if searched is None:
        return Marks(marks, of_lesions, words)
    searches = _searches(question, searched, of_lesions, {"case": case_name, **found})
    _require_searched(marks, searches, table.path, searched)
    return Marks(marks, of_lesions, words, searches)


def _named(table: "StatsTable", column: str, rows: int) -> list[str]:
    return [str(value) for value in table.names(column)] if column else [_EVERYONE] * rows


def _searches(
    question: "Question", file: Path, of_lesions: dict[str, list[Any]], columns: dict[str, str]
) -> dict[str, list[Any]]:
    """Who searched what: a row per search or several, in columns named as in the table of marks."""
    table = question.also(file)
    there = [one for one in question.where if one.partition("=")[0].strip() in table.frame.columns]
    table.keep_where(there)
    names = {
        role: table.column(name, option=question.table.path.name) if name else "" for role, name in columns.items()
    }
    table.keep_complete([name for name in names.values() if name], drop=False)
    rows = len(table.frame)
    found = {role: _named(table, name, rows) for role, name in names.items()}
    found["case"] = _as_in(question, found["case"], of_lesions["case"])
    searches = len(set(zip(*found.values(), strict=True)))
    question.note(f"{file.name} names {searches} searches of {len(set(found['case']))} cases.")
    return found


def _require_searched(marks: dict[str, list[Any]], searched: dict[str, list[Any]], table: Path, file: Path) -> None:
    roles = ("reader", "test", "case")
    there = set(zip(*(searched[role] for role in roles), strict=True))
    for reader, test, case in zip(*(marks[role] for role in roles), strict=True):
        if (reader, test, case) not in there:
            search = ", ".join(name for name in (reader, test, case) if name != _EVERYONE)
            raise StatisticsError(
                f"{table} has a mark of {search}, but {file} has no such search; add that row, or take the mark out."
            )


def _lesion_columns(question: "Question", lesions: "StatsTable", *, weight: str | None) -> dict[str, list[Any]]:
    case = lesions.column(None, option="the column case", candidates=_CASE)
    lesions.keep_complete([case], drop=False)
    found: dict[str, list[Any]] = {
        "case": [str(name) for name in lesions.names(case)],
        "lesion": _optional(
            lesions, lesions.column(None, option="the column lesion", candidates=("lesion", "lesion_id"))
        ),
    }
    if weight is not None:
        found["weight"] = lesions.numbers(lesions.column(weight, option="--weight"), missing=True)
    patient = lesions.cluster_column(question.cluster, case=case)
    if patient:
        lesions.keep_complete([patient], drop=False)
        found["patient"] = lesions.names(patient)
        question.note(f"Cases of one {patient} were kept together (--cluster none takes them as independent).")
    return found


def _optional(table: "StatsTable", name: str) -> list[str]:
    """A column of names in which cells may be empty."""
    gone = table.missing(name)
    return ["" if empty else str(value) for value, empty in zip(table.frame[name], gone, strict=True)]


def _refuse_unread(table: "StatsTable", case: str) -> None:
    """Refuse a table of results in which a model could not read an image: it was not searched."""
    if "refused" not in table.frame.columns:
        return
    unread = table.frame[~table.missing("refused")]
    if len(unread):
        raise StatisticsError(
            f"{table.path}: {unread[case].iloc[0]} and {len(unread) - 1} other images were refused and not searched;"
            " leave them out of both tables, or have them searched."
        )


def _keep_marked(
    question: "Question", table: "StatsTable", *, rating: str | None, by_name: bool, searched: bool
) -> None:
    """Leave out rows without a mark: what a reader or model says of an image in which it finds nothing.

    They have no place. Where marks name the lesion that they hit, they have neither lesion nor confidence, and count as
    such only where it is said who searched what: else a false mark may have lost its confidence.
    """
    if by_name and searched:
        confidence = table.column(rating, option="--rating", candidates=_CONFIDENCE)
        empty = table.missing("lesion") & table.missing(confidence)
        note = f"{int(empty.sum())} rows without a lesion and a confidence are searched images without a mark."
    else:
        named = [column for column in ("box", "x", "left") if column in table.frame.columns and not by_name]
        if not named:
            return
        empty = table.missing(named[0])
        note = f"{int(empty.sum())} rows without a place are searched images without a mark."
    if empty.any():
        question.note(note)
        table.frame = table.frame[~empty]


def _as_in(question: "Question", cases: list[str], known: list[str]) -> list[str]:
    """Names of cases as the table of lesions has them: as they are, or else without folders where all agree then."""
    there = set(known)
    if all(case in there for case in cases):
        return cases
    short = {Path(case).name: case for case in there}
    if len(short) == len(there) and all(Path(case).name in short for case in cases):
        question.note("Cases were matched by the names of their files.")
        return [short[Path(case).name] for case in cases]
    return cases
