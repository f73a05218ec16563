"""The answers on planning: how many patients, and the sentence that says why."""

import math
from collections.abc import Sequence
from typing import Any

from thyrosight.documents import Answer, Column, Row, Table
from thyrosight.reports.statistics_tables import row, statistics_table
from thyrosight.statistics import ModelStudySize, ReaderStudySize, SampleSize

_TITLE = "Size of a study"
_MORE = "Add the patients who will be left out (no reference standard, unusable images)."
_CLUSTERS = "Patients are taken as independent with one nodule each; several nodules of a patient count for less."
_ROUGH = "With fewer than 30 patients of a kind, the normal approximation behind these numbers is rough."
_ASSUMED = "The numbers follow from the assumptions; try the least favourable that are plausible."


def size_answer(size: SampleSize, *, aim: str, test: str, cites: str, given: bool) -> Answer:
    """A number of patients for a power, or the power of those that can be had.

    Args:
        size: patients and power.
        aim: what the study is to show.
        test: significance in words.
        cites: keys of the references.
        given: whether the patients were given and the power was asked for.
    """
    shown = _with_and_without(size)
    if given:
        summary = f"{shown} give a power of {100 * size.power:.1f} %."
        said = f"With {shown}, the power to show {aim} at {test} is {size.power:.3f}"
    else:
        summary = f"Needed: {shown}, which gives a power of {100 * size.power:.1f} %."
        said = f"A sample of {shown} was planned for a power of {100 * size.power:.1f} % to show {aim} at {test}"
    rows = [*_patients(size), row("power", value=size.power)]
    return _answer(
        summary, rows, f"{said} [{cites}].", size.to_dict(), notes=(f"Assumed: {size.method}.", *_rough(size))
    )


def width_answer(size: SampleSize, *, level: float) -> Answer:
    """A number of patients for a width of interval."""
    shown, interval = _with_and_without(size), f"{100 * (1 - level):g} %"
    return _answer(
        f"Needed: {shown}.",
        _patients(size),
        f"A sample of {shown} was planned for precision ({size.method}; {interval} interval) [buderer1996].",
        size.to_dict(),
        notes=(f"Assumed: {size.method}; {interval} interval.",),
    )


def readers_answer(
    size: ReaderStudySize, *, difference: float, pilot_cases: int, effect: str, level: float, given: bool
) -> Answer:
    """Readers and cases of a reader study."""
    shown = f"{size.readers} {effect} readers and {size.cases} cases"
    summary = f"{shown} {'give' if given else 'are needed, which give'} a power of {100 * size.power:.1f} %."
    said = (
        f"The power of {shown} to show a difference of {difference:g} between two tests at a two-sided significance of"
        f" {level:g} is {size.power:.3f}, from the variance components of a pilot study of {pilot_cases} cases"
        " [hillis2011, obuchowski1995]."
    )
    rows = [row("readers", n=size.readers), row("cases", n=size.cases), row("power", value=size.power)]
    if math.isfinite(size.df):
        rows.append(row("degrees of freedom", value=size.df))
    note = "Variance components of a small pilot study are themselves uncertain; so is this power."
    return _answer(summary, rows, said, size.to_dict(), notes=(note,))


def kappa_answer(cases: int, *, kappa: float, width: float, prevalence: float, level: float) -> Answer:
    """Cases for a width of the interval of kappa."""
    said = (
        f"{cases} cases read by two readers give Cohen's kappa a {100 * (1 - level):g} % interval no wider than"
        f" {width:g} if kappa is {kappa:g} and each reader calls {100 * prevalence:g} % of cases positive [bloch1989]."
    )
    result = {"cases": cases, "kappa": kappa, "width": width, "prevalence": prevalence}
    return _answer(f"Needed: {cases} cases.", [row("cases", n=cases)], said, result)


def model_answer(size: ModelStudySize, *, doing: str, cites: str) -> Answer:
    """Patients for developing or validating a prediction model, by criterion."""
    shown = f"{size.patients} patients, about {size.events} of them with the outcome"
    decides = max(size.criteria, key=lambda item: item.patients)
    summary = f"Needed for {doing}: {shown}. What decides: {decides.aim}."
    rows = [{"criterion": item.aim, "patients": item.patients, "events": item.events} for item in size.criteria]
    rows.append({"criterion": "all criteria", "patients": size.patients, "events": size.events})
    per = size.events_per_parameter
    more = [] if math.isnan(per) else [f"That is {per:.1f} events per candidate parameter."]
    wants = "; ".join(item.aim for item in size.criteria)
    said = (
        f"{shown}, were planned for {doing} ({size.method}), the most that these criteria ask for: {wants} [{cites}]."
    )
    columns = (
        Column(key="criterion"),
        Column(key="patients", title="patients", kind="count"),
        Column(key="events", title="with the outcome", kind="count"),
    )
    table = Table(
        name="criteria",
        caption="Patients by criterion",
        columns=columns,
        rows=tuple(rows),
        notes=(*more, _MORE, _ASSUMED),
        source="",
    )
    return Answer(title=_TITLE, summary=summary, tables=(table,), methods=said, result=size.to_dict())


def _rough(size: SampleSize) -> list[str]:
    return [_ROUGH] if min(size.positives, size.negatives) < 30 else []


def _with_and_without(size: SampleSize) -> str:
    return f"{size.positives} patients with and {size.negatives} without the disease ({size.total} in all)"


def _patients(size: SampleSize) -> list[Row]:
    return [
        row("patients with the disease", n=size.positives),
        row("patients without", n=size.negatives),
        row("all patients", n=size.total),
    ]


def _answer(
    summary: str, rows: Sequence[Row], methods: str, result: dict[str, Any], *, notes: Sequence[str] = ()
) -> Answer:
    table: Table = statistics_table(_TITLE, rows, notes=[*notes, _CLUSTERS, _MORE, _ASSUMED])
    return Answer(title=_TITLE, summary=summary, tables=(table,), methods=methods, result=result)
