"""From the frames of a loop to one assessment of its nodule."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from thyrosight.errors import ImageError, ThyroSightError
from thyrosight.imaging import Box, is_dicom
from thyrosight.inference.assessment import Assessment, ClassifierResult, Refusal
from thyrosight.inference.predictor import Predictor
from thyrosight.inference.ready import Request
from thyrosight.progress import Progress

if TYPE_CHECKING:
    from thyrosight.imaging import Cine  # brings pydicom, which other images do not need

Frames = int | Sequence[int] | Literal["all"]
"""The number of frames to choose from a loop, the numbers of the frames themselves, or all."""

_SINGLE_IMAGES = "the model was trained, calibrated and measured on single images, not on loops"


class LoopAssessment(ClassifierResult):
    """One nodule over the frames of a loop.

    Attributes:
        frames_in_loop: how many it holds.
        frames: the numbers of those assessed, from 0.
        probability: mean of the network's outputs over the frames.
        calibrated_risk: mean of the calibrated risks over the frames; what the label rests on.
        risk_low: lowest calibrated risk of a frame. It and the next two say how much the result depends on the frame;
            they are no confidence interval, because the frames of a loop resemble each other.
        risk_high: highest calibrated risk of a frame.
        risk_sd: standard deviation of the calibrated risk between frames; None for one frame.
        frames_malignant: how many frames reach the operating point by themselves.
        box: the nodule, where one box was used in all frames; None without a box, or where each frame has its own.
        size_mm: height and width in the frame where the box is largest, or None.
        size_reason: where the spacing came from, or why there is no size.
        quality_flags: of any frame, with how many frames raise it.
        notes: limits of the result, and how the frames were prepared.
    """

    frames_in_loop: int
    frames: tuple[int, ...]
    probability: float = Field(ge=0, le=1)
    calibrated_risk: float = Field(ge=0, le=1)
    risk_low: float
    risk_high: float
    risk_sd: float | None
    frames_malignant: int
    box: Box | None
    size_mm: tuple[float, float] | None
    size_reason: str
    quality_flags: dict[str, int]
    notes: tuple[str, ...]


def assess_cine(
    predictor: Predictor,
    loop: "Cine | Path | str",
    *,
    box: Box | Mapping[int, Box] | None = None,
    frames: Frames = 8,
    progress: Progress | None = None,
) -> tuple[LoopAssessment, list[Assessment]]:
    """Assess the nodule of a loop in its frames, and over all of them.

    Args:
        predictor: the model at work.
        loop: a DICOM file, or one opened by `open_cine`.
        box: the nodule, one box for all frames or one for each frame by number (which then are the frames assessed).
        frames: how many frames to choose (`thyrosight.imaging.choose_frames`), their numbers, or "all".
        progress: called as the work goes on.

    Returns:
        The assessment over the loop, and those of its frames in order.

    Raises:
        ThyroSightError: the file cannot be read, a frame does not exist, or a box lies outside it.
    """
    if isinstance(loop, Path | str):
        from thyrosight.imaging import open_cine

        with open_cine(loop) as opened:
            return assess_cine(predictor, opened, box=box, frames=frames, progress=progress)
    requests = requests_of_loop(loop, box=box, frames=frames, progress=progress)
    results = list(predictor.assess_many(requests, progress=progress))
    refused = next((result for result in results if isinstance(result, Refusal)), None)
    if refused is not None:
        raise ImageError(refused.reason)
    assessments = [result for result in results if isinstance(result, Assessment)]
    return over_frames(assessments, frames_in_loop=len(loop)), assessments


def requests_of_loop(
    loop: "Cine",
    *,
    box: Box | Mapping[int, Box] | None = None,
    frames: Frames = 8,
    progress: Progress | None = None,
) -> list[Request]:
    """Requests for the frames of a loop to assess; see `assess_cine`."""
    from thyrosight.imaging import choose_frames

    if isinstance(box, Mapping):
        return [Request(loop, one, number) for number, one in sorted(box.items())]
    if frames == "all":
        frames = range(len(loop))
    numbers = choose_frames(loop, frames, progress=progress) if isinstance(frames, int) else tuple(frames)
    wrong = [number for number in numbers if not 0 <= number < len(loop)]
    if wrong:
        raise ImageError(f"{loop.info.source} holds frames 0 to {len(loop) - 1}; there is no frame {wrong[0]}.")
    return [Request(loop, box, number) for number in numbers]


def over_frames(assessments: Sequence[Assessment], *, frames_in_loop: int) -> LoopAssessment:
    """Aggregate the assessments of frames of one loop.

    Raises:
        ImageError: there is no assessment.
    """
    if not assessments:
        raise ImageError("No frame of the loop could be assessed.")
    first = assessments[0]
    risks = [one.calibrated_risk for one in assessments]
    risk = min(max(fmean(risks), 0.0), 1.0)
    largest = max(assessments, key=lambda one: 0 if one.size_mm is None else math.prod(one.size_mm))
    several = len(assessments) > 1
    boxes = {one.box for one in assessments}
    notes = [_SINGLE_IMAGES]
    if several and boxes != {None} and len(boxes) == 1:
        notes.append("one box was used in all frames; where the nodule moves, give a box for each frame")
    return LoopAssessment(
        image=first.image,
        frames_in_loop=frames_in_loop,
        frames=tuple(one.frame_number for one in assessments),
        probability=min(max(fmean(one.probability for one in assessments), 0.0), 1.0),
        calibrated_risk=risk,
        risk_low=min(risks),
        risk_high=max(risks),
        risk_sd=stdev(risks) if several else None,
        frames_malignant=sum(one.label == "malignant" for one in assessments),
        label=first.operating_point.label(risk),
        box=first.box if len(boxes) == 1 else None,
        size_mm=largest.size_mm,
        size_reason=f"the largest of the frames; {largest.size_reason}" if largest.size_mm else largest.size_reason,
        quality_flags=_counted(flag for one in assessments for flag in one.quality_flags),
        notes=(*notes, *dict.fromkeys(note for one in assessments for note in one.notes)),
        **first.facts(),
    )


def _counted(flags: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for flag in flags:
        counts[flag] = counts.get(flag, 0) + 1
    return counts


def open_loops(
    requests: Sequence[Request], *, frames: Frames = 8, progress: Progress | None = None
) -> tuple[list[Request], dict[str, int], list[Refusal]]:
    """Replace each request for a whole loop by requests for its frames.

    A request is for a whole loop where it names a DICOM file of several frames without naming one of them.

    Returns:
        The requests, the number of frames of each loop by the name of its file, and what could not be opened.
    """
    result: list[Request] = []
    chosen: dict[str, tuple[int, ...]] = {}
    lengths: dict[str, int] = {}
    refusals: list[Refusal] = []
    for request in requests:
        if request.frame is not None or not isinstance(request.image, Path | str) or not is_dicom(request.image):
            result.append(request)
            continue
        try:
            if request.name not in chosen:
                lengths[request.name], chosen[request.name] = _frames_of(request.image, frames, progress)
        except ThyroSightError as error:
            refusals.append(Refusal(image=request.name, reason=str(error)))
            continue
        numbers = chosen[request.name]
        result += [replace(request, frame=number) for number in numbers] if numbers else [request]
    return result, {name: length for name, length in lengths.items() if chosen[name]}, refusals


def over_loops(assessments: Sequence[Assessment], lengths: Mapping[str, int]) -> list[LoopAssessment]:
    """One assessment for each nodule (box) of each loop, from the assessments of the frames that `open_loops` chose.

    Nodules that a segmenter found frame by frame are taken as one nodule of the loop.
    """
    groups: dict[tuple[str, Box | None], list[Assessment]] = {}
    for one in assessments:
        if one.image in lengths:
            groups.setdefault((one.image, one.box if one.contour is None else None), []).append(one)
    return [over_frames(group, frames_in_loop=lengths[image]) for (image, _), group in groups.items()]


def _frames_of(path: Path | str, frames: Frames, progress: Progress | None) -> tuple[int, tuple[int, ...]]:
    """The number of frames in a file, and the numbers of those to assess; none where it is not a loop."""
    from thyrosight.imaging import open_cine

    with open_cine(path) as loop:
        if len(loop) == 1:
            return 1, ()
        requests = requests_of_loop(loop, frames=frames, progress=progress)
        return len(loop), tuple(one.frame or 0 for one in requests)
