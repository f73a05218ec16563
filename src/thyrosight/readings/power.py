"""How many readers and cases a study needs, and what those that it has can show."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from thyrosight.documents import Answer, Column, Row, Table, columns
from thyrosight.errors import ReadingsError, StatisticsError
from thyrosight.readings.cases import Case
from thyrosight.readings.fields import PowerAim, ProtocolFields
from thyrosight.readings.pilots import Pilot, find_pilot
from thyrosight.readings.shared_cases import overlap, scaled
from thyrosight.statistics import effective_cases, nested_readers_power, reader_study_power

_MOST_CASES: Final = 20_000
_AROUND: Final = (-4, -2, -1, 0, 1, 2, 4, 8)
"""Numbers of readers beside the planned one for which the table says how many cases they need."""


@dataclass(frozen=True)
class _Plan:
    """A study as far as its power depends on it; `worth` counts independent cases."""

    protocol: ProtocolFields
    aim: PowerAim
    pilot: Pilot
    study: Sequence[Case]
    worth: float

    def power(self, readers: int, cases: float) -> float:
        """The power of so many readers and independent cases."""
        shares = overlap(self.protocol, readers=readers, cases=cases)
        components = scaled(self.pilot.components, shares, pilot_cases=self.pilot.cases)
        asked: dict[str, Any] = {
            "difference": self.aim.difference, "cases": 1, "pilot_cases": 1, "reader_effect": self.aim.readers,
            "significance": self.aim.significance,
        }  # fmt: skip
        if not self.nested:
            return reader_study_power(components, readers=readers, **asked).power
        *others, second, first = groups_of_readers(readers, len(self.protocol.arms))
        freedom = sum(others) - len(others)
        return nested_readers_power(components, readers=(first, second), more_freedom=freedom, **asked).power

    @property
    def nested(self) -> bool:
        """Whether each reader reads in one arm."""
        return self.protocol.readers == "nested"

    def needed(self, readers: int) -> int | None:
        """The fewest cases that give the power; None where readers differ too much for any number."""
        low, high = 1, 2
        while self.power(readers, high) < self.aim.power:
            low, high = high, 2 * high
            if high > _MOST_CASES:
                return None
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.power(readers, middle) >= self.aim.power else (middle, high)
        return math.ceil(high * len(self.study) / self.worth - 1e-9)

    def row(self, readers: int) -> Row:
        """Row of the table for so many readers: their power, and the cases that they need."""
        needed = self.needed(readers)
        row: Row = {"readers": readers, "power": self.power(readers, self.worth)}
        return row if needed is None else row | {"cases": needed}


def groups_of_readers(readers: int, arms: int) -> list[int]:
    """How many readers each arm gets where each reads in one, the most first.

    >>> groups_of_readers(8, 3)
    [3, 3, 2]
    """
    return [readers // arms + (place < readers % arms) for place in range(arms)]


def power_answer(
    protocol: ProtocolFields,
    cases: Sequence[Case],
    *,
    readers: int,
    folder: Path | None = None,
    pilot: Pilot | None = None,
) -> Answer:
    """The power of a planned study with two arms (of each pair of arms, where it has more).

    By Hillis, Obuchowski and Berbaum 2011 (see `reader_study_power`); where each reader reads in one arm, by Hillis
    2014 (see `nested_readers_power`), of the two arms with the fewest readers. Where readers do not read all cases, or
    not in both arms, covariances are lowered by the share of cases in common. Several cases of one patient count for
    less, by the design effect of Kish.

    Args:
        protocol: with an aim of its power.
        cases: of the study; those for practice and attention and those withdrawn do not count.
        readers: planned.
        folder: where the path of a pilot study begins; None where no file may be read, as on a server.
        pilot: used in place of the one that the protocol names.

    Raises:
        ReadingsError: no aim, one arm, cases of one truth, no such pilot study, or one that does not tell how much
            readers differ where each reads in one arm.
        StatisticsError: as `reader_study_power`.
    """
    aim = _aim(protocol)
    study = [case for case in cases if case.role == "study" and not case.withdrawn]
    if len({case.truth for case in study} - {None}) < 2:
        raise ReadingsError("power: the cases hold no malignant or no benign one; add the truth of the cases.")
    chosen = find_pilot(aim.pilot, folder=folder) if pilot is None else pilot
    plan = _Plan(protocol, aim, chosen, study, _worth(study, aim))
    if plan.nested and aim.readers == "random" and math.isnan(chosen.components.reader):
        raise ReadingsError(
            "power.pilot: where each reader reads in one arm, the variance between readers counts; add reader: ... from"
            " the same source."
        )
    fewest = max(2 if aim.readers == "random" else 1, protocol.readers_per_case or 1)
    fewest *= len(protocol.arms) if plan.nested else 1
    if plan.nested and readers < fewest:
        raise ReadingsError(f"power: this design needs {fewest} readers or more, not {readers}; name more readers.")
    power = plan.power(readers, plan.worth)
    numbers = [readers + step for step in _AROUND if readers + step >= fewest]
    rows = [plan.row(number) for number in numbers]
    return Answer(
        title="Size of the reader study",
        summary=_summary(plan, power, readers),
        tables=(_table(plan, rows, numbers.index(readers)),),
        methods=_methods(plan, power, readers),
        result={
            "readers": readers, "cases": len(study), "independent_cases": plan.worth, "power": power,
            "difference": aim.difference, "significance": aim.significance, "wanted_power": aim.power,
            "readers_are": aim.readers, "pilot": plan.pilot.source, "pilot_cases": plan.pilot.cases,
            "components": plan.pilot.components.to_dict(), "by_readers": rows,
        },
    )  # fmt: skip


def _aim(protocol: ProtocolFields) -> PowerAim:
    if protocol.power is None:
        raise ReadingsError("power: the protocol names no aim; add power: {difference: 0.05}.")
    if len(protocol.arms) < 2:
        raise ReadingsError("power: the design has one arm, and power is computed for the difference of two.")
    return protocol.power


def _worth(study: Sequence[Case], aim: PowerAim) -> float:
    """The independent cases that the cases of patients with several are worth."""
    sizes = Counter(case.cluster or f"case {case.key}" for case in study)
    return effective_cases(list(sizes.values()), correlation=aim.cluster_correlation)


def _table(plan: _Plan, rows: Sequence[Row], place: int) -> Table:
    return Table(
        name="power",
        caption="Power by number of readers, and cases that each number needs",
        columns=(
            *columns("count", {"readers": "Readers"}),
            Column(key="power", title=f"Power with {len(plan.study)} cases", kind="area"),
            *columns("count", {"cases": f"Cases for a power of {plan.aim.power:g}"}),
        ),
        rows=tuple(rows),
        notes=tuple(_notes(plan)),
        strong=place,
        source="",
    )


def _notes(plan: _Plan) -> Iterator[str]:
    aim, cases = plan.aim, len(plan.study)
    yield (
        f"Difference of {aim.difference:g} in the area under the ROC curve, two-sided significance"
        f" {aim.significance:g}, {aim.readers} readers. A dash: no number of cases is enough for so few readers."
    )
    malignant = sum(case.truth == 1 for case in plan.study)
    yield f"Cases are taken in the mix of this study: {malignant} of {cases} malignant."
    yield plan.pilot.source
    if not plan.pilot.own:
        yield "That is another organ and another task: plan with a pilot study of your own readers if you can."
    if plan.worth < cases:
        yield (
            f"Some patients have several cases: with a correlation of {aim.cluster_correlation:g} these {cases} cases"
            f" are worth {plan.worth:.1f} independent ones."
        )
    if len(plan.protocol.arms) > 2:
        yield "Of each pair of arms, without a correction for several pairs."
    if plan.nested:
        yield "Each reader reads in one arm, so that all differences between readers count: such a study shows less."
    if plan.protocol.reading != "crossed" or plan.protocol.design == "concurrent":
        yield "Covariances of the crossed pilot study were lowered by the share of cases that readings have in common."


def _summary(plan: _Plan, power: float, readers: int) -> str:
    enough = "which is enough" if power >= plan.aim.power else "which is too little"
    return (
        f"{readers} readers and {len(plan.study)} cases give a power of {100 * power:.1f} % to show a difference of"
        f" {plan.aim.difference:g} in the area under the ROC curve, {enough} for the {100 * plan.aim.power:g} % that"
        " are wanted."
    )


def _methods(plan: _Plan, power: float, readers: int) -> str:
    method = "hillis2014" if plan.nested else "hillis2011"
    cites = ", ".join((method, "obuchowski1995", *plan.pilot.cites))
    return (
        f"The power of {readers} {plan.aim.readers} readers and {len(plan.study)} cases to show a difference of"
        f" {plan.aim.difference:g} in the area under the ROC curve at a two-sided significance of"
        f" {plan.aim.significance:g} is {power:.3f} [{cites}]. {plan.pilot.source}"
    )


def power_or_reason(
    protocol: ProtocolFields, cases: Sequence[Case], *, readers: int, folder: Path | None = None
) -> Answer | str:
    """The power, or in a sentence why it cannot be computed."""
    try:
        return power_answer(protocol, cases, readers=readers, folder=folder)
    except (ReadingsError, StatisticsError) as error:
        return str(error)
