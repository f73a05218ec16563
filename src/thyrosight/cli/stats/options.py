"""Options that commands of statistics share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """Output formats of an answer."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"
    LATEX = "latex"
    HTML = "html"


class Effect(StrEnum):
    """Random: the readers or cases stand for others like them. Fixed: they stand for themselves."""

    RANDOM = "random"
    FIXED = "fixed"


class Alike(StrEnum):
    """Patients whose names differ only in form, such as 1 and 01: one patient, or different ones."""

    MERGE = "merge"
    KEEP = "keep"


class Missing(StrEnum):
    """Treatment of a reader study in which readings are missing."""

    REFUSE = "refuse"
    DROP_CASE = "drop-case"
    ANALYSE = "analyse"


TRUTH_NAMES = ("truth", "label", "malignant", "cancer", "outcome", "diagnosis")
SCORE_NAMES = ("score", "calibrated_risk", "probability", "prediction", "rating", "points")

TableFile = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="Table with a header: CSV (comma, semicolon or tab), .xlsx, .xls or .ods."),
]
Truth = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="True state: 0 and 1, or benign and malignant (default: truth, label, ...)."),
]
Positive = Annotated[
    str | None, typer.Option(metavar="VALUE", help="The value of the truth column that means disease.")
]
PositiveCall = Annotated[
    str | None,
    typer.Option(metavar="VALUE", help="The value of the calls that means disease, if another than of the truth."),
]
Scores = Annotated[
    list[str] | None,
    typer.Option(metavar="COLUMN", help="Score, higher for disease; repeat for several (default: score, ...)."),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        help="Patient, so that nodules of one patient are kept together; 'none' takes rows as independent."
        "  [default: patient_id, patient or id, where a patient has several rows]",
    ),
]
Patients = Annotated[
    Alike,
    typer.Option("--patients", help="Patients whose names differ only in form, such as 1 and 01: merge or keep apart."),
]
Confidence = Annotated[float, typer.Option(metavar="LEVEL", help="Coverage of the intervals.")]
DropMissing = Annotated[bool, typer.Option("--drop-missing", help="Leave out rows with empty cells and say how many.")]
MissingReadings = Annotated[
    Missing,
    typer.Option(
        "--missing",
        help="refuse: say which reading is missing; drop-case: leave its case out for all readers, and say how many;"
        " analyse: take every reader on the cases that this reader has read.",
    ),
]
Margin = Annotated[
    float | None,
    typer.Option(metavar="M", help="Also test whether the new one is worse than the reference by less than this."),
]
Equivalence = Annotated[
    bool, typer.Option("--equivalence", help="With --margin: nor better by as much (two one-sided tests).")
]
Where = Annotated[
    list[str] | None,
    typer.Option(metavar="COLUMN=VALUE", help="Take only the rows that hold this value; repeat to narrow further."),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Encoding of the table: utf-8, gb18030, big5, cp949, cp1252, ...  [default: found]"
    ),
]
OutFormat = Annotated[
    Format | None, typer.Option("--format", help="How to write the answer (default: by --out's suffix, else text).")
]
Out = Annotated[
    list[Path] | None,
    typer.Option(metavar="FILE", help="Write the answer there: .txt, .csv, .json, .tex or .html; repeat for several."),
]
FigureFile = Annotated[Path | None, typer.Option("--figure", metavar="FILE", help="Draw a figure: .png, .svg or .pdf.")]


def margin_aim(margin: float | None, *, equivalence: bool) -> str:
    """Return the aim of a test against a margin.

    Raises:
        StatisticsError: equivalence without a margin.
    """
    from thyrosight.errors import StatisticsError

    if equivalence and margin is None:
        raise StatisticsError("--equivalence goes with --margin M, the difference that would not matter.")
    return "equivalence" if equivalence else "non-inferiority"
