"""The pictures of a report: a frame with the nodule's box, and the same frame under its heat map."""

import io
from collections.abc import Callable
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from thyrosight.server.database.tables import NoduleView, StoredAssessment, StoredImage
from thyrosight.server.jobs.heat import over, unpacked_heat
from thyrosight.server.studies import FileStore, FrameServer

PictureOf = Callable[[UUID], bytes | None]
"""Gives the picture of an assessment as JPEG, or None where there is none."""
_BOX = (0, 194, 255)


def picture_of(session: Session, assessment_id: UUID, *, store: FileStore, frames: FrameServer) -> bytes | None:
    """Frame and heat map side by side as JPEG; the frame alone without a map; None where the view is gone."""
    row = session.get(StoredAssessment, assessment_id)
    if row is None or row.state != "done":
        return None
    view = session.get_one(NoduleView, row.view_id)
    image = session.get_one(StoredImage, view.image_id)
    pixels = frames.read(image, view.frame).rgb()
    shown = [_with_box(pixels, row.body["box"])]
    packed = store.result(row.heat_map.replace(".png", ".npz"))
    if row.heat_map and packed.is_file():
        shown.append(_with_box(over(pixels, unpacked_heat(packed.read_bytes(), row.body)), row.body["box"]))
    stream = io.BytesIO()
    Image.fromarray(np.hstack(shown)).save(stream, format="JPEG", quality=88)
    return stream.getvalue()


def size_of(session: Session, assessment_id: UUID) -> tuple[int, int] | None:
    """Width and height of that picture in pixels; None where there is none."""
    row = session.get(StoredAssessment, assessment_id)
    if row is None or row.state != "done":
        return None
    image = session.get_one(StoredImage, session.get_one(NoduleView, row.view_id).image_id)
    return image.columns * (2 if row.heat_map else 1), image.rows


def _with_box(pixels: NDArray[np.uint8], box: dict[str, int] | None) -> NDArray[np.uint8]:
    picture = Image.fromarray(pixels)
    if box is not None:
        edges = (box["left"], box["top"], box["right"] - 1, box["bottom"] - 1)
        ImageDraw.Draw(picture).rectangle(edges, outline=_BOX, width=max(1, picture.width // 400))
    return np.asarray(picture)
