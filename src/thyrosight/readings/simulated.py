"""Simulated readers of known skill: whole tables of readings, to test whether an analysis finds the skill again.

Readers follow the binormal model. Of a case of truth t a reader sees d * t + e, where e is normal and d sets the area
under the ROC curve; part of e is shared by all readers, as some cases mislead everybody. With a model's answer part of
e is the error of the model (`reliance`), and d is larger (`gain`). So areas, and how far readers follow a model that is
wrong, are known exactly. Scores are the risks that follow by Bayes' theorem, in per cent: they are calibrated.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import NormalDist
from typing import Any, Final

from thyrosight.readings.answers import Answers, check_answers
from thyrosight.readings.cases import Case, Reader
from thyrosight.readings.drawing_lots import normal, uniform
from thyrosight.readings.ordering import orders
from thyrosight.readings.protocol import Protocol
from thyrosight.readings.questions import (
    ChoiceQuestion,
    DescriptorsQuestion,
    MarksQuestion,
    NumberQuestion,
    Question,
    ScoreQuestion,
    YesNoQuestion,
)
from thyrosight.readings.sessions import Session, Task
from thyrosight.readings.table import LockedReading, Row, reading_row

_NORMAL: Final = NormalDist()
_OWN: Final = "simulated"
"""Begins what lots are drawn for here, so that they are none of the orders."""
_START: Final = datetime(2026, 1, 5, 8, tzinfo=UTC)
_PICTURE: Final = (800, 600)
_JITTER: Final = 0.15
"""Standard deviation of a mark around a lesion's centre, in sides of its box."""
_DESCRIBED: Final = (
    {"composition": "spongiform", "echogenicity": "isoechoic", "margin": "smooth", "shape": "wider than tall",
     "calcification": "none"},
    {"composition": "mixed", "echogenicity": "isoechoic", "margin": "smooth", "shape": "wider than tall",
     "calcification": "none"},
    {"composition": "solid", "echogenicity": "isoechoic", "margin": "smooth", "shape": "wider than tall",
     "calcification": "none"},
    {"composition": "solid", "echogenicity": "hypoechoic", "margin": "smooth", "shape": "wider than tall",
     "calcification": "none"},
    {"composition": "solid", "echogenicity": "hypoechoic", "margin": "irregular", "shape": "taller than wide",
     "calcification": "punctate"},
)  # fmt: skip
"""Nodules from the least to the most suspicious, for questions of descriptors."""


@dataclass(frozen=True)
class Skill:
    """Skill of one reader.

    Attributes:
        auc: area under the ROC curve without a model.
        gain: what a model's answer adds to it.
        reliance: correlation of the reader's error with the model's, where its answer is shown; from 0 to 1.
        threshold: score, in per cent, from which the reader acts.
        steady: share of the reader's own error that is the same when a case is read again.
        seconds: median time for a case without a model.
        faster: factor of that time where a model's answer is shown.
        learning: factor of the time from one case to the next.
    """

    auc: float = 0.8
    gain: float = 0.05
    reliance: float = 0.4
    threshold: float = 30.0
    steady: float = 0.7
    seconds: float = 40.0
    faster: float = 0.85
    learning: float = 0.998


@dataclass(frozen=True)
class Simulation:
    """Parameters that all readers share.

    Attributes:
        model_auc: area under the ROC curve of the model alone.
        shared: share of a reader's error that all readers have in common.
        spread: standard deviation of the logarithm of the time for a case.
        attentive: chance that an attention case is read rightly.
        seed: of all draws.
    """

    model_auc: float = 0.88
    shared: float = 0.4
    spread: float = 0.35
    attentive: float = 0.97
    seed: int = 0


def simulated_cases(
    number: int, *, malignant: int, per_patient: int = 1, protocol: Protocol | None = None
) -> list[Case]:
    """Cases C001, C002 ... with the practice and attention cases that a protocol wants; their truth is spread evenly.

    >>> [(case.key, case.truth, case.cluster) for case in simulated_cases(3, malignant=1, per_patient=2)]
    [('C001', 0, 'P001'), ('C002', 1, 'P001'), ('C003', 0, 'P002')]
    """
    truths = [int((place + 1) * malignant // number > place * malignant // number) for place in range(number)]
    order = sorted(range(number), key=lambda place: (place * 7919 + number // 2) % number) if number > 3 else [0, 2, 1]
    shuffled = [truths[place] for place in order[:number]]
    found = [
        Case(f"C{place:03d}", truth, f"P{(place - 1) // per_patient + 1:03d}", "simulated")
        for place, truth in enumerate(shuffled, start=1)
    ]
    for role, wanted in (("practice", protocol.practice), ("attention", protocol.attention)) if protocol else ():
        found += [
            Case(f"{role[0].upper()}{place:02d}", place % 2, f"{role[0].upper()}{place:02d}", "simulated", role)  # type: ignore[arg-type]
            for place in range(1, wanted + 1)
        ]
    return found


def simulated_lesions(cases: Sequence[Case], *, seed: int = 0) -> list[Row]:
    """A box for each malignant case, and an empty row for each other, as `lesions.csv` holds them."""
    rows: list[Row] = []
    for case in cases:
        if not case.truth:
            rows.append({"case": case.key, "lesion": None, "left": None, "top": None, "right": None, "bottom": None})
            continue
        width, height = (40 + 80 * uniform(_OWN, seed, "size", case.key, side) for side in "wh")
        left, top = ((side - 140) * uniform(_OWN, seed, "place", case.key, side) + 10 for side in _PICTURE)
        box = {"left": left, "top": top, "right": left + width, "bottom": top + height}
        rows.append({"case": case.key, "lesion": "1"} | {name: round(value) for name, value in box.items()})
    return rows


def simulated_readings(
    protocol: Protocol,
    cases: Sequence[Case],
    readers: dict[Reader, Skill],
    *,
    simulation: Simulation | None = None,
    lesions: Sequence[Row] = (),
    study: str = "simulated",
) -> list[Row]:
    """The table of readings of a whole study: a row for each reading in the order in which it was locked.

    Args:
        protocol: who reads what, and what is asked.
        cases: each with its truth.
        readers: with what each is able to do.
        simulation: what all share.
        lesions: where marks are asked for: boxes of the cases, as `simulated_lesions` makes them.
        study: named in the table.

    Raises:
        ReadingsError: as `orders`.
    """
    made = _Study(protocol, {case.key: case for case in cases}, simulation or Simulation(), lesions)
    skills = {reader.key: (reader, skill) for reader, skill in readers.items()}
    rows: list[Row] = []
    for session in orders(protocol, cases, list(readers)):
        reader, skill = skills[session.reader]
        rows += [reading_row(protocol, study, one) for one in made.session(session, reader, skill)]
    return rows


class _Study:
    """A study whose readers and model see what the draws say."""

    def __init__(
        self, protocol: Protocol, cases: dict[str, Case], simulation: Simulation, lesions: Sequence[Row]
    ) -> None:
        self.protocol, self.cases, self.simulation = protocol, cases, simulation
        self.boxes = {row["case"]: row for row in lesions if row.get("lesion")}
        study = [case for case in cases.values() if case.role == "study"]
        self.prevalence = sum(case.truth or 0 for case in study) / max(len(study), 1)

    def session(self, session: Session, reader: Reader, skill: Skill) -> Iterator[LockedReading]:
        """The readings of one session, one after the other; a withdrawn case is passed over."""
        now = _START + timedelta(days=(session.number - 1) * (self.protocol.washout_days + 1))
        for task in session.tasks:
            if task.withdrawn:
                continue
            for stage, arm in task.stages:
                case, model = self.cases[task.case], self.protocol.arm(arm).model
                shown = model is not None
                seconds = self._seconds(skill, task, (reader.key, session.number, stage), aided=shown)
                score, positive = self.model(case, self._models(session, task)[0])
                opened, now = now, now + timedelta(seconds=seconds)
                yield LockedReading(
                    reader=reader, case=case, task=task, session=session.number, stage=stage,
                    answers=self._answers(skill, reader, session, task, arm), protocol_version=self.protocol.version,
                    opened_at=opened, locked_at=now, active_seconds=round(seconds, 1),
                    model_score=score, model_positive=positive,
                )  # fmt: skip
                now += timedelta(seconds=5)

    def _models(self, session: Session, task: Task) -> list[str]:
        """The model of a task; of one that shows none, the first of the protocol."""
        shown = [self.protocol.arm(arm).model for _, arm in task.stages]
        every = [arm.model for arm in self.protocol.arms]
        return [name for name in (*shown, *every) if name is not None] or ["risk"]

    def model(self, case: Case, name: str) -> tuple[float, bool]:
        """The risk that a model gives a case, and whether it calls it malignant: where that is likelier than before."""
        d = _distance(self.simulation.model_auc)
        seen = d * (case.truth or 0) + self._model_error(case, name)
        return round(self._risk(seen, d), 4), seen >= d / 2

    def _model_error(self, case: Case, name: str) -> float:
        return normal(_OWN, self.simulation.seed, "model", name, case.key)

    def _seen(self, skill: Skill, reader: Reader, session: Session, task: Task, arm: str) -> tuple[float, float]:
        """Draw a reader's impression of a case in an arm, with the distance of the classes on that scale."""
        case, own, seed = self.cases[task.case], self.simulation, self.simulation.seed
        occasion = (session.number, task.repeat)
        shared = normal(_OWN, seed, "case", case.key)
        lasting, passing = normal(_OWN, seed, reader.key, case.key), normal(_OWN, seed, reader.key, case.key, occasion)
        error = math.sqrt(own.shared) * shared + math.sqrt(1 - own.shared) * (
            math.sqrt(skill.steady) * lasting + math.sqrt(1 - skill.steady) * passing
        )
        model = self.protocol.arm(arm).model
        if model is not None:
            error = math.sqrt(1 - skill.reliance**2) * error + skill.reliance * self._model_error(case, model)
        d = _distance(skill.auc + (skill.gain if model is not None else 0))
        if case.role != "study":
            right = uniform(_OWN, seed, "attention", reader.key, case.key, session.number) < own.attentive
            return (3 * d if bool(case.truth) == right else -2 * d), d
        return d * (case.truth or 0) + error, d

    def _risk(self, seen: float, d: float) -> float:
        """The probability of malignancy after this impression, given the share of malignant cases in the study."""
        share = min(max(self.prevalence, 0.01), 0.99)
        return 1 / (1 + math.exp(-(d * (seen - d / 2) + math.log(share / (1 - share)))))

    def _seconds(self, skill: Skill, task: Task, words: tuple[Any, ...], *, aided: bool) -> float:
        middle = skill.seconds * (skill.faster if aided else 1) * skill.learning ** (task.position - 1)
        second_stage = words[-1] == "after"
        if second_stage:
            middle *= 0.3  # the case is known already
        drawn = normal(_OWN, self.simulation.seed, "seconds", task.case, task.position, *words)
        return max(2.0, middle * math.exp(self.simulation.spread * drawn))

    def _answers(self, skill: Skill, reader: Reader, session: Session, task: Task, arm: str) -> Answers:
        seen, d = self._seen(skill, reader, session, task, arm)
        risk = 100 * self._risk(seen, d)
        words = (reader.key, session.number, task.position, arm)
        asked = self.protocol.questions_in(arm)
        answers = {question.key: self._answer(question, risk, skill, task, words) for question in asked}
        return check_answers(asked, {key: value for key, value in answers.items() if value is not None})

    def _answer(self, question: Question, risk: float, skill: Skill, task: Task, words: tuple[Any, ...]) -> Any:
        answer: Any = None
        match question:
            case ScoreQuestion():
                answer = round(risk)
            case YesNoQuestion():
                answer = round(risk) >= skill.threshold
            case ChoiceQuestion():
                answer = _level(question.choices, risk)
            case DescriptorsQuestion():
                answer = _level(_DESCRIBED, risk)
            case NumberQuestion():
                low, high = question.lowest or 0.0, question.highest or 100.0
                answer = round(low + (high - low) * uniform(_OWN, self.simulation.seed, question.key, task.case), 1)
            case MarksQuestion():
                answer = self._marks(risk, task, words)
        return answer

    def _marks(self, risk: float, task: Task, words: tuple[Any, ...]) -> list[list[float]]:
        """A mark near the lesion that scores the risk, and now and then one elsewhere that scores little."""
        seed, marks = self.simulation.seed, []
        if (box := self.boxes.get(task.case)) is not None and risk >= 5:
            place = []
            for low, high in (("left", "right"), ("top", "bottom")):
                middle, side = (box[low] + box[high]) / 2, box[high] - box[low]
                place.append(
                    max(0, round(middle + _JITTER * side * normal(_OWN, seed, "mark", low, task.case, *words)))
                )
            marks.append([*place, round(risk)])
        if (task.case not in self.boxes and risk >= 20) or uniform(_OWN, seed, "false", task.case, *words) < 0.15:
            own = round(risk if task.case not in self.boxes else 40 * uniform(_OWN, seed, "low", task.case, *words))
            far = [round(side * uniform(_OWN, seed, "far", side, task.case, *words)) for side in _PICTURE]
            marks.append([*far, own])
        return marks


def _level(levels: Sequence[Any], risk: float) -> Any:
    """The one of ordered levels that a risk in per cent falls into."""
    return levels[min(int(risk / 100 * len(levels)), len(levels) - 1)]


def _distance(auc: float) -> float:
    """The distance between the classes, in standard deviations, of that area under the ROC curve."""
    return math.sqrt(2) * _NORMAL.inv_cdf(min(max(auc, 0.5), 0.9999))
