"""Tables of marks and of lesions for the statistics commands: from coordinates, boxes or names of lesions hit."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thyrosight.errors import StatisticsError

if TYPE_CHECKING:
    from thyrosight.cli.stats.question import Question
    from thyrosight.cli.stats.table import StatsTable

_SIDES = ("left", "top", "right", "bottom")
_CASE = ("case", "image", "case_id", "key")
_CONFIDENCE = ("confidence", "rating", "score", "calibrated_risk", "probability")
_EVERYONE = "marks"


@dataclass(frozen=True)
class Rule:
    """Which marks hit a lesion.

    Attributes:
        name: "id" where the marks name the lesion, else "centre", "overlap" or "distance"; None takes "id" where the
            table of marks has a column of lesions, else "centre".
        least_overlap: for "overlap".
        within_mm: for "distance".
        mm_per_pixel: size of a pixel; None where coordinates are in mm.
    """

    name: str | None = None
    least_overlap: float = 0.5
    within_mm: float | None = None
    mm_per_pixel: float | None = None


@dataclass(frozen=True)
class Marks:
    """Marks and lesions as columns by role, ready for `marked_cases`.

    Attributes:
        marks: `case`, `lesion` ("" for none), `confidence`, `reader`, `test`.
        lesions: `case`, `lesion`, and `weight` and `patient` where they are given.
        rule: how a hit was decided, in words.
    """

    marks: dict[str, list[Any]]
    lesions: dict[str, list[Any]]
    rule: str

    @property
    def weight(self) -> str | None:
        """The column of weights, if there is one."""
        return "weight" if "weight" in self.lesions else None

    @property
    def patient(self) -> str | None:
        """The column of patients, if there is one."""
        return "patient" if "patient" in self.lesions else None

    def of_reader(self, reader: str) -> dict[str, list[Any]]:
        """The marks of one reader."""
        own = [name == reader for name in self.marks["reader"]]
        return {name: [v for v, keep in zip(column, own, strict=True) if keep] for name, column in self.marks.items()}


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
) -> Marks:
    """Read the question's table as marks, and the lesions from another file.

    Raises:
        StatisticsError: a column that is missing, a place that cannot be read, or an image that a model refused.
    """
    table, lesions = question.table, question.also(lesion_file)
    of_lesions = _lesion_columns(question, lesions, weight=weight)
    by_name = "lesion" in table.frame.columns if rule.name is None else rule.name == "id"
    case_name = table.column(case, option="--case", candidates=_CASE)
    _refuse_unread(table, case_name)
    if not by_name:
        _keep_marked(question, table)
    confidence = table.column(rating, option="--rating", candidates=_CONFIDENCE)
    table.keep_complete([case_name, confidence], drop=question.drop_missing)
    marks: dict[str, list[Any]] = {
        "case": _as_in(question, [str(name) for name in table.names(case_name)], of_lesions["case"]),
        "confidence": table.numbers(confidence),
    }
    for role, given, candidates in (("reader", reader, ("reader", "model")), ("test", test, ("test", "modality"))):
        name = table.column(given, option=f"--{role}", candidates=candidates, required=False)
        marks[role] = [str(value) for value in table.names(name)] if name else [_EVERYONE] * len(marks["case"])
    if by_name:
        marks["lesion"] = _optional(table, table.column("lesion", option="lesion"))
        words = "the lesion that the table names"
    else:
        marks["lesion"], words = _hit(table, lesions, marks["case"], of_lesions, rule)
    question.note(f"A mark hits {words}.")
    return Marks(marks, of_lesions, words)


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


def _keep_marked(question: "Question", table: "StatsTable") -> None:
    """Leave out rows without a place: what a model says of an image in which it finds nothing."""
    named = [column for column in ("box", "x", "left") if column in table.frame.columns]
    if named:
        empty = table.missing(named[0])
        if empty.any():
            question.note(f"{int(empty.sum())} rows without a place are searched images without a mark.")
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


def _hit(
    table: "StatsTable", lesions: "StatsTable", cases: list[str], of_lesions: dict[str, list[Any]], rule: Rule
) -> tuple[list[str], str]:
    """Return the lesion that each mark hits by its place, "" for none, and the rule in words."""
    from thyrosight.statistics import accepted_lesions

    real = [place for place, name in enumerate(of_lesions["lesion"]) if name]
    lesions.frame = lesions.frame.iloc[real]
    name = rule.name or "centre"
    hit = accepted_lesions(
        cases,
        _places(table),
        [of_lesions["case"][place] for place in real],
        _places(lesions, boxes=True) if real else [],
        rule=name,
        least_overlap=rule.least_overlap,
        within_mm=rule.within_mm,
        mm_per_pixel=rule.mm_per_pixel,
    )
    words = {
        "centre": "a lesion whose box holds the mark's centre",
        "overlap": f"a lesion whose box it overlaps by {rule.least_overlap:g} or more (intersection over union)",
        "distance": f"a lesion whose centre is at most {rule.within_mm} mm away",
    }[name]
    return ["" if row < 0 else of_lesions["lesion"][real[row]] for row in hit.tolist()], words


def _places(table: "StatsTable", *, boxes: bool = False) -> list[list[float]]:
    """Boxes (left, top, right, bottom) or points (x, y) of the rows."""
    columns = list(table.frame.columns)
    if all(side in columns for side in _SIDES):
        return [list(row) for row in zip(*(table.numbers(side) for side in _SIDES), strict=True)]
    if "box" in columns:
        return [_box(table, row, str(text)) for row, text in zip(table.frame.index, table.frame["box"], strict=True)]
    if not boxes and "x" in columns and "y" in columns:
        return [list(row) for row in zip(table.numbers("x"), table.numbers("y"), strict=True)]
    points = "" if boxes else ", or x and y"
    raise StatisticsError(
        f"{table.path} says no places: it needs the columns left, top, right, bottom, or box{points}."
    )


def _box(table: "StatsTable", row: int, text: str) -> list[float]:
    parts = text.replace(";", ",").split(",")
    try:
        sides = [float(part) for part in parts]
    except ValueError:
        sides = []
    if len(sides) != len(_SIDES):
        raise StatisticsError(f"{table.path}, row {row}: 'box' should be left,top,right,bottom, got {text!r}.")
    return sides
