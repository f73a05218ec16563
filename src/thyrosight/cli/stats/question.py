"""From a command of statistics to its written answer: the options of all commands, and the output of their answers."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from thyrosight.cli.language import Language
from thyrosight.cli.stats import options
from thyrosight.cli.stats.options import Format

if TYPE_CHECKING:
    from thyrosight.cli.stats.table import StatsTable
    from thyrosight.documents import Answer
    from thyrosight.identifiers import Policy

_Result = TypeVar("_Result")
_KEYWORD = inspect.Parameter.KEYWORD_ONLY
_OF_TABLES: dict[str, tuple[Any, Any]] = {
    "cluster": (options.Cluster, None),
    "confidence": (options.Confidence, 0.95),
    "drop_missing": (options.DropMissing, False),
    "where": (options.Where, None),
    "encoding": (options.Encoding, None),
    "patients": (options.Patients, options.Alike.MERGE),
}
_OF_TRUTH: dict[str, tuple[Any, Any]] = {"truth": (options.Truth, None), "positive": (options.Positive, None)}
_OF_OUTPUT: dict[str, tuple[Any, Any]] = {
    "out_format": (options.OutFormat, None),
    "out": (options.Out, None),
    "figure": (options.FigureFile, None),
    "language": (Language, "en"),
}


@dataclass(frozen=True)
class Question:
    """A table to analyse, and the options that all commands take.

    Attributes:
        table: read, with its notes.
        confidence: coverage of the intervals.
        truth: column of the true state; empty where the analysis needs none.
        positive: its value that means disease, as given.
        cluster: column of patients as given.
        drop_missing: whether rows with empty cells are left out.
        encoding: of the table, as given.
        draws: whether figures will be shown; they take time.
        where: conditions by which rows of the table were kept.
    """

    table: "StatsTable"
    confidence: float = 0.95
    truth: str = ""
    positive: str | None = None
    cluster: str | None = None
    drop_missing: bool = False
    encoding: str | None = None
    draws: bool = True
    where: tuple[str, ...] = ()

    def note(self, text: str) -> None:
        """Add a sentence on how the table was read."""
        self.table.notes.append(text)

    def also(self, file: Path) -> "StatsTable":
        """Read a second table, in the same encoding."""
        other = _read(file, self.encoding, self.table.patients)
        other.own = self.table.own = self.table.own | other.own
        return other

    def score_names(self, given: list[str] | None, *, option: str = "--score") -> list[str]:
        """Names of the columns of scores, each once."""
        names = [
            self.table.column(name, option=option, candidates=[c for c in options.SCORE_NAMES if c != self.truth])
            for name in (given or (None,))
        ]
        return list(dict.fromkeys(names))

    def calls(self, name: str, *, threshold: float | None, positive_call: str | None) -> list[int]:
        """Calls of a column, or of a column of scores from a threshold on."""
        if threshold is None:
            return self.table.calls(name, positive=self.positive, positive_call=positive_call)
        self.note(f"Positive from {name} = {threshold:g} on.")
        return [int(value >= threshold) for value in self.table.numbers(name)]

    def patients(self, *columns: str) -> list[Any] | None:
        """Keep the rows in which all `columns` are given, and return their patients, or None if rows are independent.

        Raises:
            StatisticsError: an empty cell, and no leave to drop its row.
        """
        name = self.table.cluster_column(self.cluster)
        self.table.keep_complete([*columns, *([name] if name else [])], drop=self.drop_missing)
        if not name and self.cluster is None:
            self.table.note_repeats()
        return self.table.names(name) if name else None

    def require_groups(self, negative: int, positive: int) -> None:
        """Say that so many groups (patients, or cases) of each class bear no test, where they do not."""
        from thyrosight.statistics import too_few

        self.refuse_tests(too_few(negative, positive))

    def refuse_tests(self, why: str) -> None:
        """Leave out P values and intervals of bootstraps and say why; nothing where there is no reason."""
        if why:
            self.table.untested = why
            self.note(f"{why}: neither is given.")

    def tested(self, result: _Result) -> _Result:
        """A result, or results by name, as the patients allow: without what `refuse_tests` left out."""
        from thyrosight.statistics import without_tests

        return without_tests(result) if self.table.untested else result

    def truth_and_patients(self, *columns: str) -> tuple[list[int], list[Any] | None]:
        """Keep the rows in which the truth and all `columns` are given; return the truth as 0 and 1, and the patients.

        Raises:
            StatisticsError: labels that are not plain, or an empty cell.
        """
        patients = self.patients(self.truth, *columns)
        truth = self.table.truth(self.truth, self.positive)
        units = list(zip(truth, range(len(truth)) if patients is None else patients, strict=True))
        self.require_groups(*(len({unit for label, unit in units if label == one}) for one in (0, 1)))
        return truth, patients


def answers(*, truth: bool = True) -> "Callable[[Callable[..., Answer]], Callable[..., None]]":
    """Make a command of a function that takes a `Question` and its own options, and returns an `Answer`.

    The command takes FILE and the options that all commands share, and prints or writes the answer.

    Args:
        truth: whether the table says who has the disease (--truth, --positive).
    """
    shared = (_OF_TRUTH if truth else {}) | _OF_TABLES

    def command(function: "Callable[..., Answer]") -> Callable[..., None]:
        def run(file: Path, **given: Any) -> None:
            output = {name: given.pop(name) for name in _OF_OUTPUT}
            _check_output(output)
            asked = {name: given.pop(name) for name in shared}
            table = _read(file, asked["encoding"], asked.pop("patients").value)
            asked["where"] = tuple(asked["where"] or ())
            table.keep_where(asked["where"])
            if truth:
                asked["truth"] = table.column(asked["truth"], option="--truth", candidates=options.TRUTH_NAMES)
            question = Question(table=table, draws=_draws(output), **asked)
            answer = _answer(function, question, given)
            if table.untested:
                more = f"No P value and no bootstrap interval is given, as {table.untested}."
                answer = answer.model_copy(update={"methods": f"{answer.methods} {more}"})
            _write(answer, _name(function), output, table)

        first = inspect.Parameter("file", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=options.TableFile)
        return _like(run, function, first=[first], shared=shared)

    return command


def answers_without_table(function: "Callable[..., Answer]") -> Callable[..., None]:
    """Make a command of a function of options alone that returns an `Answer`."""

    def run(**given: Any) -> None:
        output = {name: given.pop(name) for name in _OF_OUTPUT}
        _check_output(output)
        _write(function(**given), _name(function), output, None)

    return _like(run, function, first=[], shared={})


def _like(
    run: Callable[..., None],
    function: "Callable[..., Answer]",
    *,
    first: list[inspect.Parameter],
    shared: dict[str, tuple[Any, Any]],
) -> Callable[..., None]:
    """Give a command the name, the words and the options of its function, and those that are shared."""
    own = [one for one in inspect.signature(function).parameters.values() if one.name != "question"]
    more = [
        inspect.Parameter(name, _KEYWORD, annotation=kind, default=default)
        for name, (kind, default) in (shared | _OF_OUTPUT).items()
    ]
    parameters = [*first, *(one.replace(kind=_KEYWORD) for one in own), *more]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    run.__name__, run.__doc__, run.__module__ = function.__name__, function.__doc__, function.__module__
    return run


def _name(function: Callable[..., Any]) -> str:
    return function.__name__.removesuffix("_command").replace("_", "-")


def _read(file: Path, encoding: str | None, patients: "Policy") -> "StatsTable":
    from thyrosight.cli.stats.table import StatsTable

    table = StatsTable.read(file, encoding=encoding)
    table.patients = patients
    return table


def _answer(function: "Callable[..., Answer]", question: Question, given: dict[str, Any]) -> "Answer":
    """The answer; an error on a value of the table names its row and column."""
    from thyrosight.cli.stats.placing import placed
    from thyrosight.errors import StatisticsError

    try:
        return function(question, **given)
    except StatisticsError as error:
        raise placed(error, question.table) from error


_BY_SUFFIX = {
    ".txt": Format.TEXT, ".csv": Format.CSV, ".json": Format.JSON, ".tex": Format.LATEX, ".html": Format.HTML,
    ".htm": Format.HTML,
}  # fmt: skip


def _check_output(output: dict[str, Any]) -> None:
    """Refuse what could not be written, before anything is computed."""
    from thyrosight.errors import OutputError
    from thyrosight.languages import require_language

    require_language(output["language"])
    files: list[Path] = output["out"] or []
    if output["out_format"] is not None and len(files) > 1:
        raise OutputError("--format goes with one --out; of several, each is written by its suffix.")
    unknown = [file for file in files if file.suffix.lower() not in _BY_SUFFIX]
    if unknown and output["out_format"] is None:
        raise OutputError(
            f"An answer can be written as {', '.join(list(_BY_SUFFIX)[:5])}, not as {unknown[0].name!r};"
            " say which with --format."
        )
    if output["figure"] is not None:
        from thyrosight.reports.statistics_figures import require_figure_suffix

        require_figure_suffix(output["figure"])


def _draws(output: dict[str, Any]) -> bool:
    pages = [file for file in output["out"] or [] if _BY_SUFFIX.get(file.suffix.lower()) is Format.HTML]
    return output["figure"] is not None or bool(pages) or output["out_format"] is Format.HTML


def _write(answer: "Answer", analysis: str, output: dict[str, Any], table: "StatsTable | None") -> None:
    """Print an answer or write it to every `--out`, and its figures to `--figure`."""
    from thyrosight.documents.answer_translation import translated_answer
    from thyrosight.files import write_text
    from thyrosight.reports.answers import Asked, written

    asked, language = Asked(analysis), output["language"]
    if table is not None:
        notes = tuple(dict.fromkeys(table.notes))
        asked = Asked(analysis, table.path.name, len(table.frame), table.excluded, notes, own=frozenset(table.own))
        answer = answer.with_notes(notes)
    if not output["out"]:
        typer.echo(written(answer, asked, output["out_format"] or Format.TEXT, language=language), nl=False)
    for file in output["out"] or []:
        form = output["out_format"] or _BY_SUFFIX[file.suffix.lower()]
        write_text(file, written(answer, asked, form, language=language))
        typer.echo(f"Wrote {file}", err=True)
    if output["figure"] is not None:
        _save_figures(translated_answer(answer, language, own=asked.own), output["figure"], language=language)


def _save_figures(answer: "Answer", path: Path, *, language: str) -> None:
    """The first figure to `path`, and further ones beside it under their names."""
    from thyrosight.errors import OutputError
    from thyrosight.languages import speaking
    from thyrosight.reports.statistics_figures import save_figure

    if not answer.figures:
        raise OutputError("There is no figure for this answer; leave --figure out.")
    for place, figure in enumerate(answer.figures):
        file = path if place == 0 else path.with_stem(f"{path.stem}-{figure.name}")
        with speaking(language):
            save_figure(figure, file)
        typer.echo(f"Wrote {file}", err=True)
