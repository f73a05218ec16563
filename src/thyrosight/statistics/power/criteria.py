"""Sample sizes that several criteria ask for at once: the largest decides."""

import math
from dataclasses import dataclass

from thyrosight.statistics.estimate import Result


@dataclass(frozen=True, slots=True)
class Criterion(Result):
    """Sample size by one criterion.

    Attributes:
        aim: what is to be had, in words.
        patients: how many it takes.
        events: how many of them with the outcome are then expected.
    """

    aim: str
    patients: int
    events: int


@dataclass(frozen=True, slots=True)
class ModelStudySize(Result):
    """Number of patients for developing or validating a prediction model.

    Attributes:
        criteria: what each criterion asks for.
        patients: the most that any asks for.
        events: patients with the outcome among them, expected.
        events_per_parameter: of a development; NaN for a validation.
        prevalence: assumed share of patients with the outcome.
        method: assumptions in words.
    """

    criteria: tuple[Criterion, ...]
    patients: int
    events: int
    events_per_parameter: float
    prevalence: float
    method: str

    def __str__(self) -> str:
        per = self.events_per_parameter
        ratio = "" if math.isnan(per) else f", {per:.1f} events per parameter"
        lines = [f"{self.patients} patients, {self.events} with the outcome{ratio} ({self.method})"]
        lines += [f"  {item.aim}: {item.patients} patients, {item.events} events" for item in self.criteria]
        return "\n".join(lines)


def study_size(
    sizes: dict[str, float], *, prevalence: float, parameters: int | None = None, method: str
) -> ModelStudySize:
    """Return the result from the number of patients that each aim asks for, rounded up."""
    criteria = []
    for aim, size in sizes.items():
        patients = math.ceil(size - 1e-9)
        criteria.append(Criterion(aim, patients, math.ceil(patients * prevalence - 1e-9)))
    patients = max(item.patients for item in criteria)
    per = math.nan if parameters is None else patients * prevalence / parameters
    events = math.ceil(patients * prevalence - 1e-9)
    return ModelStudySize(tuple(criteria), patients, events, per, prevalence, method)
