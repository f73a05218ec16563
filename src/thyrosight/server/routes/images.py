"""Images and their frames."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.orm import Session

from thyrosight.server.accounts import Actor, Role
from thyrosight.server.database import append
from thyrosight.server.database.tables import StoredImage, Study
from thyrosight.server.http import Caller, Id, allow
from thyrosight.server.problems import not_found
from thyrosight.server.routes.answers import ImageAnswer, image_answer
from thyrosight.server.services import Services
from thyrosight.server.studies import Picture
from thyrosight.server.studies.locking import require_unlocked

router = APIRouter(prefix="/images", tags=["images"])
Clinical = Annotated[Actor, allow(Role.CLINICIAN, Role.RESEARCHER)]
_PICTURES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/png": {}, "image/jpeg": {}}},
    304: {"description": "Not modified"},
}
# The browser keeps the picture, and asks each time whether it may still show it.
_CACHING = "private, no-cache"


@router.get("/{image_id}")
def show(image_id: Id, services: Caller, actor: Clinical) -> ImageAnswer:
    """The facts of an image: size, frames, rate, regions with mm per pixel or the reason why there are none."""
    with services.database.read() as session:
        return image_answer(open_image(session, image_id), actor)


@router.get("/{image_id}/frames/{number}", response_class=Response, responses=_PICTURES)
def frame(
    image_id: Id, number: Annotated[int, Path(ge=0, le=10**6)], request: Request, services: Caller, actor: Clinical
) -> Response:
    """One frame, counted from 0: baseline JPEG as it is stored, otherwise PNG; blanked for roles without names."""
    image = _image(services, image_id)
    blanked = not actor.sees_names
    tag = services.frames.tag(image, number, blanked=blanked)
    return _picture(request, tag, lambda: services.frames.frame(image, number, blanked=blanked))


@router.get("/{image_id}/thumbnail", response_class=Response, responses=_PICTURES)
def thumbnail(image_id: Id, request: Request, services: Caller, actor: Clinical) -> Response:
    """The middle frame, at most 160 pixels wide and high."""
    image = _image(services, image_id)
    blanked = not actor.sees_names
    tag = services.frames.tag(image, image.frames // 2, blanked=blanked, size="thumbnail")
    return _picture(request, tag, lambda: services.frames.thumbnail(image, blanked=blanked))


@router.delete("/{image_id}", status_code=204)
def remove(image_id: Id, services: Caller, actor: Annotated[Actor, allow(Role.CLINICIAN)]) -> None:
    """Take an image out of its study; its file stays, and sending it again brings it back."""
    now = services.clock()
    with services.database.write() as session:
        image = open_image(session, image_id)
        study = session.get_one(Study, image.study_id)
        require_unlocked(session, study, user_id=actor.user_id, now=now)
        image.removed_at = now
        append(session, who=actor.name, what="image removed", object=f"image {image_id}", clock=services.clock)


def open_image(session: Session, image_id: UUID) -> StoredImage:
    """An image that is part of a study.

    Raises:
        ProblemError: there is none.
    """
    image = session.get(StoredImage, image_id)
    if image is None or image.removed_at is not None:
        raise not_found("image")
    return image


def _image(services: Services, image_id: UUID) -> StoredImage:
    with services.database.read() as session:
        return open_image(session, image_id)


def _picture(request: Request, tag: str, make: Callable[[], Picture]) -> Response:
    headers = {"ETag": tag, "Cache-Control": _CACHING, "Vary": "Cookie, Authorization"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    picture = make()
    return Response(picture.content, media_type=picture.media_type, headers=headers)
