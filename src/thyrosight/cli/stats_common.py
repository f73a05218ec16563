"""Shared by the statistics commands: options, reading columns, and writing tables and figures."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from thyrosight.cli.stats_table import StatsTable
    from thyrosight.documents import Table
    from thyrosight.statistics import Estimate, RocCurve


class Format(StrEnum):
    """Output formats of a result."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"
    LATEX = "latex"


class Effect(StrEnum):
    """Random: the readers or cases stand for others like them. Fixed: they stand for themselves."""

    RANDOM = "random"
    FIXED = "fixed"


class Missing(StrEnum):
    """What becomes of a reader study in which readings are missing."""

    REFUSE = "refuse"
    DROP_CASE = "drop-case"


TRUTH_NAMES = ("truth", "label", "malignant", "cancer", "outcome", "diagnosis")
SCORE_NAMES = ("score", "calibrated_risk", "probability", "prediction", "rating", "points")

TableFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="Table as CSV (comma, semicolon or tab), with a header.")
]
Truth = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="True state: 0 and 1, or benign and malignant (default: truth, label, ...)."),
]
Positive = Annotated[
    str | None, typer.Option(metavar="VALUE", help="The value of the truth column that means disease.")
]
Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        help="Patient, so that nodules of one patient are kept together; 'none' takes rows as independent."
        "  [default: patient_id or patient, where there]",
    ),
]
Confidence = Annotated[float, typer.Option(metavar="LEVEL", help="Coverage of the intervals.")]
DropMissing = Annotated[bool, typer.Option("--drop-missing", help="Leave out rows with empty cells and say how many.")]
MissingReadings = Annotated[
    Missing,
    typer.Option(
        "--missing",
        help="refuse: say which reading is missing; drop-case: leave its case out for all readers, and say how many.",
    ),
]
Margin = Annotated[
    float | None,
    typer.Option(metavar="M", help="Also test whether the new one is worse than the reference by less than this."),
]
Equivalence = Annotated[
    bool, typer.Option("--equivalence", help="With --margin: nor better by as much (two one-sided tests).")
]
Encoding = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Encoding of the table: utf-8, gb18030, big5, cp949, cp1252, ...  [default: found]"
    ),
]
OutFormat = Annotated[
    Format | None, typer.Option("--format", help="How to write the result (default: by --out's suffix, else text).")
]
Out = Annotated[Path | None, typer.Option(metavar="FILE", help="Write the result there instead of on the screen.")]
FigureFile = Annotated[Path | None, typer.Option("--figure", metavar="FILE", help="Draw a figure: .png, .svg or .pdf.")]


def read_table(file: Path, figure: Path | None, encoding: str | None = None) -> "StatsTable":
    """Read the table, once it is known that the figure asked for can be drawn."""
    from thyrosight.cli.stats_table import StatsTable

    if figure is not None:
        from thyrosight.reports.statistics_figures import require_figure_suffix

        require_figure_suffix(figure)
    return StatsTable.read(file, encoding=encoding)


def score_columns(
    table: "StatsTable",
    *,
    truth: str | None,
    score: list[str] | None,
    positive: str | None,
    cluster: str | None,
    drop_missing: bool,
) -> tuple[list[str], list[int], list[Any] | None]:
    """Names of the scores, the truth as 0 and 1, and the patients, all of complete rows."""
    truth_name = table.column(truth, option="--truth", candidates=TRUTH_NAMES)
    names = [
        table.column(name, option="--score", candidates=[c for c in SCORE_NAMES if c != truth_name])
        for name in (score or (None,))
    ]
    patient_name = table.cluster_column(cluster)
    table.keep_complete([truth_name, *names, *([patient_name] if patient_name else [])], drop=drop_missing)
    if not patient_name and cluster is None:
        table.note_repeats()
    patient = table.names(patient_name) if patient_name else None
    return list(dict.fromkeys(names)), table.truth(truth_name, positive), patient


def margin_aim(margin: float | None, *, equivalence: bool) -> str:
    """Return the aim of a test against a margin.

    Raises:
        StatisticsError: equivalence without a margin.
    """
    from thyrosight.errors import StatisticsError

    if equivalence and margin is None:
        raise StatisticsError("--equivalence goes with --margin M, the difference that would not matter.")
    return "equivalence" if equivalence else "non-inferiority"


def with_notes(sections: "list[Table]", table: "StatsTable") -> "list[Table]":
    """Add the table's notes to the first section."""
    first = sections[0].model_copy(update={"notes": (*sections[0].notes, *table.notes)})
    return [first, *sections[1:]]


def write_result(
    analysis: str,
    table: "StatsTable",
    sections: "list[Table]",
    result: dict[str, Any],
    *,
    out_format: Format | None,
    out: Path | None,
) -> None:
    """Write a result to the screen or to `out`."""
    from thyrosight import __version__
    from thyrosight.files import write_text
    from thyrosight.reports.statistics_tables import as_csv, as_json, as_latex, as_text

    by_suffix = {".csv": Format.CSV, ".json": Format.JSON, ".tex": Format.LATEX}
    chosen = out_format or by_suffix.get(out.suffix.lower() if out else "", Format.TEXT)
    if chosen is Format.JSON:
        head = {"analysis": analysis, "thyrosight": __version__, "file": table.path.name, "rows": len(table.frame)}
        text = as_json({**head, "excluded_rows": table.excluded, "notes": table.notes, "result": result})
    else:
        text = {Format.TEXT: as_text, Format.CSV: as_csv, Format.LATEX: as_latex}[chosen](sections)
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_text(out, text)
        typer.echo(f"Wrote {out}", err=True)


def save_roc(curves: "dict[str, RocCurve]", areas: "dict[str, Estimate]", path: Path) -> None:
    from thyrosight.reports.statistics_figures import RocLine, figure_roc

    save(figure_roc([RocLine(name, curve, areas[name]) for name, curve in curves.items()]), path)


def save(figure: Any, path: Path) -> None:
    from thyrosight.reports.statistics_figures import save_figure

    save_figure(figure, path)
    typer.echo(f"Wrote {path}", err=True)
