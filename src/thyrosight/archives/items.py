"""From rows of the work list to rows of results, whatever happens to single images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from thyrosight.archives.rows import Cells, cells_of, loop_of, refusal_row, row_of
from thyrosight.archives.worklist import Item
from thyrosight.errors import ThyroSightError
from thyrosight.inference import (
    Assessment,
    Predictor,
    Refusal,
    Request,
    Segmenter,
    find_nodules,
    open_loops,
    over_loops,
)
from thyrosight.inference.inputs import request_of_row
from thyrosight.inference.loops import Frames
from thyrosight.progress import Progress, silent


@dataclass(frozen=True)
class Models:
    """Models that assess: one for the risk, perhaps one that finds nodules; and how many frames of a loop are shown."""

    predictor: Predictor
    segmenter: Segmenter | None = None
    frames: Frames = 8


@dataclass
class _Answers:
    """Assessments of one item, by nodule and frame, and the reasons why others were refused."""

    assessed: list[Assessment] = field(default_factory=list)
    refused: dict[str, int | None] = field(default_factory=dict)

    def refuse(self, reason: str, frame: int | None = None) -> None:
        """Add a reason; frames of a loop that are refused for one reason are one refusal."""
        self.refused[reason] = None if reason in self.refused else frame


def assess_items(
    items: Sequence[Item], paths: Mapping[int, Path], models: Models, progress: Progress = silent
) -> list[Cells]:
    """The rows of some items: of each one at least.

    An image that cannot be used is refused with the reason. Where the program itself fails on one, that one is refused
    too, and the others are assessed one by one.

    Args:
        items: of the work list.
        paths: the file of each, by its number.
        models: what assesses.
        progress: called as the work goes on.
    """
    try:
        return _together(items, paths, models, progress)
    except ThyroSightError:
        raise
    except Exception as error:
        if len(items) == 1:
            return [refusal_row(items[0], f"{items[0].cells['image']}: the program failed ({error!r}).")]
    return [row for item in items for row in assess_items([item], paths, models)]


def _together(items: Sequence[Item], paths: Mapping[int, Path], models: Models, progress: Progress) -> list[Cells]:
    answers = [_Answers() for _ in items]
    requests: list[Request] = []
    lengths: dict[str, int] = {}
    for place, item in enumerate(items):
        try:
            opened, loops, refusals = open_loops([_request(item, paths, place)], frames=models.frames)
        except ThyroSightError as error:
            answers[place].refuse(str(error))
            continue
        requests += opened
        lengths |= loops
        for refusal in refusals:
            answers[place].refuse(refusal.reason)
    if models.segmenter is not None:
        requests = _with_nodules(models.segmenter, requests, lengths, answers)
    for request, result in zip(requests, models.predictor.assess_many(requests, progress=progress), strict=True):
        found = answers[request.place or 0]
        if isinstance(result, Refusal):
            found.refuse(result.reason, request.frame)
        else:
            found.assessed.append(result)
    return [
        row
        for item, answer in zip(items, answers, strict=True)
        for row in _rows(item, answer, lengths, local=str(paths[item.number]))
    ]


def _request(item: Item, paths: Mapping[int, Path], place: int) -> Request:
    image = item.cells["image"]
    where = image or f"row {item.number + 1} of the work list"
    cells = item.cells | {"image": str(paths[item.number]) if image else ""}
    return replace(request_of_row(cells, Path(), where=where), place=place)


def _with_nodules(
    segmenter: Segmenter, asked: Sequence[Request], lengths: Mapping[str, int], answers: Sequence[_Answers]
) -> list[Request]:
    """Requests for the nodules that a model finds where no box is known."""
    requests, refusals = find_nodules(segmenter, asked, loops=lengths.keys())
    for refusal in refusals:
        for request in asked:
            if request.name == refusal.image and request.box is None:
                answers[request.place or 0].refuse(refusal.reason)
    return requests


def _rows(item: Item, answer: _Answers, lengths: Mapping[str, int], *, local: str) -> list[Cells]:
    loops = over_loops(answer.assessed, lengths)
    assessed = [row_of(item, cells_of(one, loop_of(one, loops))) for one in answer.assessed]
    image = item.cells["image"]
    refused = [
        refusal_row(item, reason.replace(local, image) if image else reason, frame=frame)
        for reason, frame in answer.refused.items()
    ]
    return assessed + refused
