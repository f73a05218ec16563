"""`thyrosight cohort map`: from a hospital's spreadsheet and a folder of images to a cohort."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thyrosight.cli.language import Language, said, spoken
from thyrosight.counting import counted

if TYPE_CHECKING:
    from thyrosight.cohort.mapping import Guess, MappingPlan, Source

_MOST_QUESTIONS = 25


@spoken
def map_command(
    table: Annotated[
        Path,
        typer.Argument(metavar="TABLE", help="The spreadsheet: .xlsx, .xls, .ods, .csv or what is exported as such."),
    ],
    *,
    images: Annotated[
        Path | None, typer.Option("--images", metavar="FOLDER", help="Folder of the images (default: that of TABLE).")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where the cohort goes (default: TABLE-cohort beside it)."),
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", metavar="FILE.yaml", help="Use this mapping and ask nothing.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Take the proposal where in doubt; open values count as empty.")
    ] = False,
    sheet: Annotated[
        list[str] | None, typer.Option("--sheet", metavar="NAME", help="Only this sheet; repeat for several.")
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            "--keep", metavar="FIELD", help="Keep what names a person: patient_name, birth_date, exam_date, ..."
        ),
    ] = None,
    patients: Annotated[
        str | None,
        typer.Option(
            metavar="merge|keep", help="Patients whose numbers differ only in form, such as 7 and 007: one or apart."
        ),
    ] = None,
    hidden: Annotated[
        str | None, typer.Option(metavar="use|leave-out", help="Hidden rows and columns (default: use, and say so).")
    ] = None,
    label_source: Annotated[
        str | None,
        typer.Option("--label-source", metavar="SOURCE", help="Where labels come from that the table does not say."),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME", help="Encoding of a text table (default: found).")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    language: Language = "en",
) -> None:
    """Map a hospital's spreadsheet to a cohort: propose what its columns hold, ask where in doubt, match the images.

    Writes mapping.yaml (to correct and use again), cohort.csv (for study run --cohort) and unmatched.csv.
    """
    from thyrosight.cli import cohort_map_output as output
    from thyrosight.cli.progress import progress_bars
    from thyrosight.cohort.mapping import MappingPlan, proposal, read_source, run_plan

    folder = out or table.with_name(f"{table.stem}-cohort")
    given = None if mapping is None else _with_settings(MappingPlan.load(mapping), keep, patients, hidden, label_source)
    use_hidden = (given.hidden if given is not None else _hidden(hidden)) == "use"
    sheets = tuple(sheet or (given.sheets if given is not None else ()))
    with progress_bars(language) as progress:
        source = read_source(
            table, images or table.parent, sheets=sheets, hidden=use_hidden, encoding=encoding, progress=progress
        )
    guesses: list[Guess] = []
    if given is None:
        guesses, plan = proposal(source, hidden=_hidden(hidden))
        plan = _with_settings(plan, keep, patients, hidden, label_source)
        if not json:
            output.print_proposal(source, guesses, plan)
        if not yes:
            plan = _asked(source, guesses, plan, folder)
        _save(plan, folder / "mapping.yaml")
    else:
        plan = given
    report = run_plan(source, plan, folder)
    if json:
        output.print_json(source, guesses, plan, report, folder)
    else:
        output.print_report(report, plan, folder, mapping=mapping)


def _hidden(given: str | None) -> str:
    from thyrosight.errors import CohortError

    if given not in (None, "use", "leave-out"):
        raise CohortError(f"--hidden {given}: choose use or leave-out.")
    return "use" if given in (None, "use") else "leave out"


def _with_settings(
    plan: "MappingPlan",
    keep: list[str] | None,
    patients: str | None,
    hidden: str | None,
    label_source: str | None,
) -> "MappingPlan":
    """The mapping with the options, which override it."""
    from thyrosight.cohort.columns import LABEL_SOURCES, in_words
    from thyrosight.cohort.mapping import known_fields
    from thyrosight.errors import CohortError

    changes: dict[str, object] = {}
    if keep:
        private = [
            name for name, one in known_fields().items() if one.private and name not in ("private", "other_date")
        ]
        unknown = [name for name in keep if name not in private]
        if unknown:
            raise CohortError(f"--keep {unknown[0]}: choose {in_words(private)}.")
        changes["private"] = tuple(dict.fromkeys([*plan.private, *keep]))
    if patients is not None:
        if patients not in ("merge", "keep"):
            raise CohortError(f"--patients {patients}: choose merge or keep.")
        changes["patients"] = patients
    if hidden is not None:
        changes["hidden"] = _hidden(hidden)
    if label_source is not None:
        sources = [name for name in LABEL_SOURCES if name != "simulated"]
        if label_source not in sources:
            raise CohortError(f"--label-source {label_source}: choose {in_words(sources)}.")
        changes["label_source"] = label_source
    return plan.model_copy(update=changes)


def _asked(source: "Source", guesses: "list[Guess]", plan: "MappingPlan", folder: Path) -> "MappingPlan":
    """Ask about columns and values in doubt; without an answer the proposal is kept in a file, to be corrected."""
    from thyrosight.errors import CohortError

    try:
        return _answers(guesses, plan)
    except (typer.Abort, EOFError):
        _save(plan, folder / "mapping.yaml")
        doubts = sum(bool(guess.doubt) for guess in guesses)
        are = "is" if doubts == 1 else "are"
        raise CohortError(
            f"{counted(doubts, 'column')} of {source.path} {are} in doubt and there was no answer; the proposal is in"
            f" {folder / 'mapping.yaml'}: correct it and give it with --mapping, or take it with --yes."
        ) from None


def _answers(guesses: "list[Guess]", plan: "MappingPlan") -> "MappingPlan":
    from thyrosight.cohort.mapping import ColumnPlan

    columns = dict(plan.columns)
    for guess in guesses:
        column = columns[guess.header]
        if guess.doubt:
            to = _field_answer(guess, column.to)
            if to != column.to:
                column = ColumnPlan(to=to)
        if column.to in ("label", "histology", "cytology"):
            column = column.model_copy(update={"values": {**column.values, **_value_answers(guess, column.to)}})
        columns[guess.header] = column
    return plan.model_copy(update={"columns": columns})


def _field_answer(guess: "Guess", proposed: str) -> str:
    from pydantic import ValidationError

    from thyrosight.cohort.mapping import ColumnPlan

    examples = f" ({' | '.join(guess.examples)})" if guess.examples else ""
    typer.echo(f"\n{guess.header!r}{examples}: {said(guess.doubt)}")
    choices = ", ".join(dict.fromkeys([proposed, *guess.others, "keep", "leave out"]))
    while True:
        answer = typer.prompt(said(f"What is it: {choices}, or another field?"), default=proposed).strip()
        try:
            return ColumnPlan(to=answer).to
        except ValidationError as error:
            typer.echo(said(error.errors()[0]["msg"].removeprefix("Value error, ")))


def _value_answers(guess: "Guess", field: str) -> dict[str, str]:
    answers = {}
    for value, count in guess.unknown[:_MOST_QUESTIONS]:
        typer.echo(f"\n{guess.header!r} = {value!r} ({said(counted(count, 'row'))})")
        asked = said("benign, malignant, or Enter for neither")
        answer = typer.prompt(asked, default="", show_default=False).strip().lower()
        words = {label: (label, said(label)) for label in ("benign", "malignant")}
        found = [label for label, both in words.items() if answer and any(word.startswith(answer) for word in both)]
        answers[value] = found[0] if len(found) == 1 else ""
    return answers


def _save(plan: "MappingPlan", path: Path) -> None:
    """Write a mapping; another one that stands there keeps a name of its own."""
    from thyrosight.cohort.mapping import MappingPlan
    from thyrosight.errors import CohortError

    if path.exists():
        try:
            changed = MappingPlan.load(path) != plan
        except CohortError:
            changed = True
        if changed:
            number = next(n for n in range(1, 10_000) if not path.with_stem(f"{path.stem}-before-{n}").exists())
            earlier = path.rename(path.with_stem(f"{path.stem}-before-{number}"))
            typer.echo(
                f"{said('The mapping that stood there is kept; to use it, give it with --mapping')}: {earlier}",
                err=True,
            )
    plan.save(path)
