"""From a DICOM file to assessments with the frames they are of."""

from collections.abc import Callable
from pathlib import Path

from thyrosight.errors import ImageError
from thyrosight.imaging import Box, Frame, read_frame
from thyrosight.inference import Assessment, Predictor, Refusal, Request, open_loops
from thyrosight.inference.loops import Frames

Assessed = list[tuple[Assessment, Frame]]
Assess = Callable[[Path], Assessed]
"""From a DICOM file to the assessment of its image, or of chosen frames of its loop, each with its pixels."""


def assess_file(
    predictor: Predictor, path: Path, *, box: Box | None = None, frames: Frames = 8, explain: bool = True
) -> Assessed:
    """Assess a DICOM still image, or the chosen frames of a loop.

    Args:
        predictor: the model at work, with an explainer if `explain`.
        path: the file.
        box: the nodule, if it is known; the same in all frames.
        frames: of a loop, how many to choose, their numbers, or "all".
        explain: compute heat maps.

    Raises:
        ThyroSightError: the file cannot be read or assessed.
    """
    requests, _, refusals = open_loops([Request(path, box)], frames=frames)
    results = list(predictor.assess_many(requests, explain=explain))
    for result in [*refusals, *results]:
        if isinstance(result, Refusal):
            raise ImageError(result.reason)
    found = [result for result in results if isinstance(result, Assessment)]
    return [(one, read_frame(path, frame=request.frame)) for one, request in zip(found, requests, strict=True)]
