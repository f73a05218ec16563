"""Effort of a study: trials, steps, hours on this machine, and room on the disk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import Any

from thyrosight.documents import Column, Row, Table, columns
from thyrosight.networks import find_architecture
from thyrosight.progress import Progress
from thyrosight.studies.plans.draft import Draft
from thyrosight.studies.plans.timing import Pace, measure_pace
from thyrosight.studies.trial import Setup, Trial

_FLOAT = 4
_OPTIMISER = {"adam": 2, "adamw": 2, "sgd": 1}
"""Numbers that an optimiser keeps for each parameter."""
Kind = tuple[Any, ...]


@dataclass(frozen=True)
class Work:
    """Work for one trial.

    Attributes:
        images, steps: of one epoch.
        least, most: seconds: with the earliest stop and with all epochs.
        weights: bytes that stay.
    """

    trial: Trial
    images: int
    steps: int
    least: float
    most: float
    weights: float


@dataclass(frozen=True)
class Effort:
    """Effort of a whole study.

    Attributes:
        works: of all trials.
        preparing: seconds for reading and preparing images, once for each preparation.
        prepared: images that are prepared, over all preparations.
        disk: bytes in the study's folder at the end, and `passing` more while trials run.
        measured: kinds of trial that were timed.
    """

    works: tuple[Work, ...]
    preparing: float
    prepared: int
    disk: float
    passing: float
    measured: int

    @property
    def least(self) -> float:
        """Seconds if every training stops as early as it can."""
        return self.preparing + sum(work.least for work in self.works)

    @property
    def most(self) -> float:
        """Seconds if every training runs through all epochs."""
        return self.preparing + sum(work.most for work in self.works)


def effort_of(draft: Draft, *, progress: Progress) -> Effort:
    """Time one trial of each kind, and add up what all of them take, one after the other on this machine.

    Raises:
        ImageError, NetworkError: as the trials would.
    """
    setup = draft.setup
    if setup is None or not draft.trials:
        return Effort((), 0.0, 0, 0.0, 0.0, 0)
    paces = _paces(setup, draft, progress=progress)
    works, filled, kept = [], set[Kind](), 0.0
    for trial in draft.trials:
        pace = paces[_kind(trial)]
        own = (trial.key,) if trial.activations else ()
        first = bool(own) and own not in filled
        filled.add(own)
        work = _work(setup, trial, pace, fills=first)
        works.append(work)
        kept += pace.kept * work.images if first else 0.0
    images, preparing, stored = _prepared(setup, draft.trials, paces)
    largest = max(paces[_kind(trial)].parameters * (2 + _OPTIMISER[trial.training.optimiser]) for trial in draft.trials)
    # The model of the study holds its weights twice: for PyTorch and as an ONNX file.
    model = 2 * _FLOAT * paces[_kind(draft.trials[0])].parameters
    return Effort(
        tuple(works),
        preparing,
        images,
        disk=stored + sum(work.weights for work in works) + model,
        passing=_FLOAT * largest + kept,
        measured=len(paces),
    )


def _paces(setup: Setup[Any], draft: Draft, *, progress: Progress) -> dict[Kind, Pace]:
    """The pace of each kind of trial, measured on the one that freezes a middling number of layers."""
    together: dict[Kind, list[Trial]] = {}
    for trial in draft.trials:
        together.setdefault(_kind(trial), []).append(trial)
    found = {}
    for place, (kind, trials) in enumerate(together.items()):
        middling = median_low([trial.training.freeze for trial in trials])
        chosen = next(trial for trial in trials if trial.training.freeze == middling)
        progress("Timing networks", place, len(together))
        found[kind] = measure_pace(setup, chosen, folder=draft.folder / f"timing-{place}", progress=progress)
    progress("Timing networks", len(together), len(together))
    return found


def _kind(trial: Trial) -> Kind:
    """Properties of a trial that decide how long a step takes."""
    one = trial.shown in ("image", "b-mode", "elastogram")
    return (
        trial.architecture,
        trial.task,
        trial.fusion,
        trial.head,
        "one" if one else trial.shown,
        trial.preparation.model_dump_json(),
        trial.training.batch_size,
        trial.training.precision,
        trial.training.freeze > 0,
        trial.activations,
    )


def _work(setup: Setup[Any], trial: Trial, pace: Pace, *, fills: bool) -> Work:
    options = trial.training
    train, validation, test = (setup.rows(trial, part) for part in ("train", "validation", "test"))
    sizes = {"validation": len(validation), "test": len(test)}
    images = round(pace.seen * len(train))
    if options.balance == "mirror":
        images = int(train["label"].nunique() * train["label"].value_counts().max())
    steps = max(1, -(-images // options.batch_size))
    epoch = images * pace.image + steps * pace.step + len(validation) * pace.judged + pace.epoch
    once = pace.start + pace.judged * sum(sizes[part] for view in trial.views for part in view.parts)
    if fills:
        # Both sides of a mirrored image are kept.
        sides = 2 if options.augmentation.horizontal_flip else 1
        once += pace.filled * (images * sides + len(validation) + len(test))
    least = options.epochs if options.patience is None else min(options.epochs, options.patience + 1)
    weights = _FLOAT * pace.parameters * (int(trial.keep_weights) + int(trial.keep_training))
    return Work(trial, images, steps, once + least * epoch, once + options.epochs * epoch, weights)


def _prepared(setup: Setup[Any], trials: Sequence[Trial], paces: Mapping[Kind, Pace]) -> tuple[int, float, float]:
    """Images that are prepared, each once for each preparation, with seconds and bytes."""
    wanted: dict[str, tuple[Pace, set[str]]] = {}
    for trial in trials:
        pace = paces[_kind(trial)]
        own = {part: set(setup.rows(trial, part)["key"].astype(str)) for part in ("train", "validation", "test")}
        sets = [(trial.preparation, own["train"] | own["validation"] | own["test"])]
        sets += [
            (view.preparation, set[str]().union(*(own[part] for part in view.parts)))
            for view in trial.views
            if view.preparation is not None
        ]
        for preparation, keys in sets:
            name = f"{preparation.model_dump_json()}{trial.task != 'classification'}{trial.without_boxes}"
            wanted.setdefault(name, (pace, set()))[1].update(keys)
    count = sum(len(keys) for _, keys in wanted.values())
    seconds = sum(pace.prepared * len(keys) for pace, keys in wanted.values())
    return count, seconds, sum(pace.stored * len(keys) for pace, keys in wanted.values())


def trials_table(effort: Effort) -> Table:
    """Trials by network and configuration, over all divisions."""
    together: dict[str, list[Work]] = {}
    for work in effort.works:
        together.setdefault(work.trial.key, []).append(work)
    rows = [_row(works) for works in together.values()]
    total: Row = {"network": "All trials", "trials": len(effort.works)}
    total |= {"least": sum(work.least for work in effort.works), "most": sum(work.most for work in effort.works)}
    return Table(
        name="effort",
        caption="What would be trained",
        columns=(
            Column(key="network", title="Network"),
            Column(key="configuration", title="Configuration", blank=True),
            *columns(
                "count",
                {"trials": "Trials", "images": "Images", "steps": "Steps an epoch", "epochs": "Epochs"},
                blank=True,
            ),
            *columns("seconds", {"least": "At least", "most": "At most"}),
        ),
        rows=(*rows, total),
        strong=len(rows),
        source="",
    )


def _row(works: Sequence[Work]) -> Row:
    first = works[0].trial
    axes = [
        f"{axis} {value}" for axis, value in first.axes.items() if axis not in ("network", "architecture") and value
    ]
    return {
        "network": f"{find_architecture(first.architecture).title}, {first.size} px",
        "configuration": ", ".join(axes),
        "trials": len(works),
        "images": max(work.images for work in works),
        "steps": max(work.steps for work in works),
        "epochs": first.training.epochs,
        "least": sum(work.least for work in works),
        "most": sum(work.most for work in works),
    }
