"""One stage of a recipe at work: what it needs from earlier stages and the finder, and that it is trained only once."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thyrosight.default_models.finder import train_finder
from thyrosight.default_models.finding import boxes_of, finder_network, teacher_maps
from thyrosight.default_models.fitting import WEIGHTS, mean_of
from thyrosight.default_models.pack import Pack, load, stretch_pack
from thyrosight.default_models.recipe import FinderStage, RiskStage
from thyrosight.default_models.risk import train_risk
from thyrosight.default_models.runs import OPTIONS, Run, read_run, write_options
from thyrosight.errors import BundleError, RecipeError
from thyrosight.files import write_atomically, write_json
from thyrosight.inference import Bundle, network_of
from thyrosight.networks.weights import read_state, save_state
from thyrosight.progress import Progress, silent

FINISHED = "finished.json"
"""The file that a stage leaves last: the mean loss of each epoch, and the SHA-256 of its weights."""

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Place:
    """Where a training works.

    Attributes:
        packs: the folder of the packs.
        stages: the folder that holds one folder per stage.
    """

    packs: Path
    stages: Path


def train_stage(
    name: str,
    stage: FinderStage | RiskStage,
    place: Place,
    *,
    finder: Bundle | None = None,
    progress: Progress = silent,
) -> Run:
    """Train a stage, or go on with it, or take it over where it is finished.

    Args:
        name: of the stage.
        stage: its options.
        place: where packs and stages lie.
        finder: whose boxes the risk model learns from, where the stage asks for them; its network runs on PyTorch.
        progress: called as the work goes on.

    Raises:
        RecipeError: the stage was begun with other options.
        BundleError: it needs a finder and there is none.
    """
    folder = place.stages / name
    needs_finder = isinstance(stage, RiskStage) and stage.boxes == "finder"
    if needs_finder and finder is None:
        raise BundleError(f"The stage {name} needs a finder; train default-finder first, and name it with --finder.")
    identity = json.loads(stage.model_dump_json()) | ({"finder": finder.hash} if finder and needs_finder else {})
    _require_same(folder, identity)
    if (folder / FINISHED).is_file():
        return read_run(folder)
    write_options(folder, identity)
    start = read_run(place.stages / stage.start).weights if stage.start else None
    what = f"Training stage {name}"
    if isinstance(stage, FinderStage):
        teacher = _teacher(stage, place, progress=progress) if stage.teacher else None
        losses = train_finder(
            place.packs, folder, stage.options, start=start, teacher=teacher, progress=progress, what=what
        )
    else:
        boxes = _boxes(finder, place, progress=progress) if finder is not None and needs_finder else None
        losses = train_risk(place.packs, folder, stage.options, start=start, boxes=boxes, progress=progress, what=what)
    _average(folder, [place.stages / earlier for earlier in stage.averaged])
    run = read_run(folder)
    write_json(folder / FINISHED, {"losses": losses, "weights_sha256": run.sha256})
    return run


def _average(folder: Path, others: Sequence[Path]) -> None:
    """Put the mean of its own weights and those of other stages into the folder of a stage."""
    if not others:
        return
    own = folder / WEIGHTS
    mean = mean_of([read_state(own), *(read_state(read_run(other).weights) for other in others)])
    save_state(mean, own)


def _require_same(folder: Path, identity: dict[str, Any]) -> None:
    """Refuse to go on with a stage that was begun with other options."""
    if not (folder / OPTIONS).is_file():
        return
    begun = json.loads((folder / OPTIONS).read_text(encoding="utf-8"))
    changed = [name for name in {**begun, **identity} if begun.get(name) != identity.get(name)]
    if changed:
        name = changed[0]
        raise RecipeError(
            f"{folder} was begun with other options ({name}: {begun.get(name)} then, {identity.get(name)} now); give "
            "the same options, or another folder with --out."
        )


def _teacher(stage: FinderStage, place: Place, *, progress: Progress) -> Arrays:
    """Maps of the teaching stage over part train of TN5000; drawn once for all stages that it teaches."""
    run = read_run(place.stages / stage.teacher)

    def draw() -> Arrays:
        return teacher_maps(finder_network(run.weights), _part_train(place), run.size, progress=progress)

    return _once(place.stages / f"maps-{run.sha256[:12]}.npz", draw)


def _boxes(finder: Bundle, place: Place, *, progress: Progress) -> Arrays:
    """Boxes of the finder over part train of TN5000, for all stages."""

    def draw() -> Arrays:
        size = finder.info.spec.input_size
        return boxes_of(network_of(finder.session), _part_train(place), size, progress=progress)

    return _once(place.stages / f"boxes-{finder.hash[:12]}.npz", draw)


def _part_train(place: Place) -> Pack:
    pack = load(place.packs / "tn5000.npz")
    return stretch_pack(pack.take(np.array([note.startswith("part=train") for note in pack.note], dtype=bool)))


def _once(file: Path, draw: Callable[[], Arrays]) -> Arrays:
    """Arrays from a file, which is made where it is not there."""
    if not file.is_file():
        with write_atomically(file) as temporary:
            np.savez_compressed(temporary, **draw())  # type: ignore[arg-type]
    with np.load(file, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}
