"""Facts of each view of a reader study's case, prepared before the study opens: its blanking, the text that is left,
and the model's answer. None of this is computed while somebody reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from thyrosight.errors import ThyroSightError
from thyrosight.imaging.deidentify.standing_text import StandingText
from thyrosight.server.database import Database
from thyrosight.server.database.tables import CaseView, StoredImage
from thyrosight.server.jobs.queue import Claimed
from thyrosight.server.studies import FileStore, FrameServer

CASE_KIND: Final = "case"


@dataclass(frozen=True)
class PreparedView:
    """Result of preparing a view.

    Attributes:
        view_id: of `case_views`.
        text: boxes (left, top, right, bottom) of text that is still found after blanking.
        problem: why the picture cannot be shown; "" where it can.
        covered: share of the nodule's box that was blanked; None where there is no box.
    """

    view_id: UUID
    text: list[list[int]]
    problem: str
    covered: float | None


def prepare_view(
    job: Claimed, database: Database, store: FileStore, judge: Callable[[Mapping[str, Any]], None]
) -> PreparedView:
    """Blank a view, look for text that is left, and ask the judging model where the study wants its answer.

    Args:
        job: names the view, and says whether to `judge`.
        database, store: of the workstation.
        judge: asks the model; called with a view as jobs of kind "assess" describe it.
    """
    view_id = UUID(str(job.what["view_id"]))
    with database.read() as session:
        view = session.get_one(CaseView, view_id)
        image = session.get_one(StoredImage, view.image_id)
    frames = FrameServer(store)
    numbers = range(image.frames) if view.loop else [view.frame]
    found = StandingText(len(numbers))
    try:
        for number in numbers:
            found.look_at(frames.pixels(image, number, blanked=True))
    except ThyroSightError as error:
        return PreparedView(view_id, [], str(error), None)
    if job.what["judge"]:
        judge(
            {
                "sha256": image.sha256,
                "frames": image.frames,
                "frame": view.frame,
                "box": view.box,
                "outline": view.outline,
                "origin": "drawn for the reader study",
            }
        )
    covered = None
    if view.box is not None:
        left, top, right, bottom = view.box
        covered = float(frames.mask(image)[top:bottom, left:right].mean())
    boxes = sorted([box.left, box.top, box.right, box.bottom] for box in found.boxes)
    return PreparedView(view_id, boxes, "", covered)
