"""The finder for programs that speak MONAI Label: `/info/` and `/infer/{model}`.

The judging model is not offered here: its result would reach a reader before an opinion is locked.
"""

import io
import json
import secrets
from typing import Annotated, Any, Literal
from uuid import UUID

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from PIL import Image, ImageDraw

from thyrosight import __version__
from thyrosight.server.accounts import Actor, Role
from thyrosight.server.database.tables import Job, StoredImage
from thyrosight.server.http import Caller, allow
from thyrosight.server.nodules import ask_finder
from thyrosight.server.problems import ProblemError, not_found, refused
from thyrosight.server.routes.images import open_image
from thyrosight.server.services import Services

router = APIRouter(tags=["MONAI Label"])
Clinical = Annotated[Actor, allow(Role.CLINICIAN, Role.RESEARCHER)]
FINDER = "thyrosight_finder"
_LABELS = {"nodule": 1}
_PATIENCE = 120.0


@router.get("/info/")
def info(services: Caller, actor: Clinical) -> dict[str, Any]:
    """Models of the server, in the form of MONAI Label."""
    facts = services.models.finder_facts
    models: dict[str, Any] = {}
    if facts is not None:
        models[FINDER] = {
            "type": "segmentation",
            "labels": _LABELS,
            "dimension": 2,
            "description": f"Outlines thyroid nodules in a frame; trained on {facts[0].cohort['name']}.",
            "config": {"frame": 0},
        }
    return {
        "name": "ThyroSight",
        "description": "For research use only. Not a medical device; not for diagnosis.",
        "version": __version__,
        "labels": ["nodule"],
        "models": models,
        "trainers": {},
        "strategies": {},
        "scoring": {},
        "train_stats": {},
        "datastore": {},
    }


@router.post("/infer/{model}", response_class=Response)
async def infer(
    *,
    model: str,
    request: Request,
    services: Caller,
    actor: Clinical,
    image: Annotated[str, Query(max_length=64)],
    output: Literal["image", "json", "all"] | None = None,
) -> Response:
    """Outline the nodules of an image (its identifier), of a loop in the frame that `params` names.

    Gives a label picture (PNG, 0 and 1), its facts as JSON, or both as a multipart form.
    """
    if model != FINDER or services.models.finder_facts is None:
        raise not_found("model")
    params = await _params(request)
    stored, job_id = await run_sync(_ask, services, actor, image, params.get("frame", 0))
    services.wake()
    job = await _ended(services, job_id)
    facts: dict[str, Any] = {
        "label_names": _LABELS,
        "polygons": [lesion["outline"] for lesion in job.result["lesions"]],
        "boxes": [lesion["box"] for lesion in job.result["lesions"]],
        "model_hash": services.models.finder_facts[1],
        "research_use": services.models.finder_facts[0].research_use,
    }
    if output == "json":
        return Response(json.dumps(facts), media_type="application/json")
    label = label_picture(stored, facts["polygons"])
    if output == "all":
        return _both(facts, label)
    return Response(label, media_type="image/png")


def label_picture(image: StoredImage, polygons: list[list[list[float]]]) -> bytes:
    """A picture of the frame's size: 1 inside a polygon, 0 elsewhere."""
    picture = Image.new("L", (image.columns, image.rows), 0)
    for polygon in polygons:
        # Corners of pixels are whole numbers in outlines; Pillow counts from their centres.
        ImageDraw.Draw(picture).polygon([(x - 0.5, y - 0.5) for x, y in polygon], fill=1)
    stream = io.BytesIO()
    picture.save(stream, format="PNG")
    return stream.getvalue()


async def _params(request: Request) -> dict[str, Any]:
    """The field `params` of a form, as MONAI Label's clients send it."""
    try:
        async with request.form(max_files=1, max_fields=20) as form:
            text = form.get("params")
        found = json.loads(text) if isinstance(text, str) and text else {}
    except (ValueError, RecursionError):
        raise refused("The field params should hold a JSON object.") from None
    if not isinstance(found, dict):
        raise refused("The field params should hold a JSON object.")
    return found


def _ask(services: Services, actor: Actor, image: str, frame: Any) -> tuple[StoredImage, UUID]:
    try:
        image_id = UUID(image)
    except ValueError:
        raise not_found("image") from None
    with services.database.write() as session:
        stored = open_image(session, image_id)
        if not isinstance(frame, int) or isinstance(frame, bool) or not 0 <= frame < stored.frames:
            raise refused(f"The image has {stored.frames} frames, counted from 0.")
        return stored, ask_finder(session, stored, frame, user_id=actor.user_id, now=services.clock()).id


async def _ended(services: Services, job_id: UUID) -> Job:
    def look() -> Job:
        with services.database.read() as session:
            return session.get_one(Job, job_id)

    with anyio.move_on_after(_PATIENCE):
        while True:
            job = await run_sync(look)
            if job.state == "done":
                return job
            if job.state == "failed":
                raise refused(job.problem)
            await anyio.sleep(0.05)
    raise ProblemError(503, "The model did not answer in time; try again.")


def _both(facts: dict[str, Any], label: bytes) -> Response:
    boundary = secrets.token_hex(16)
    content = b""
    for name, kind, part in (
        ('name="params"', "application/json", json.dumps(facts).encode()),
        ('name="file"; filename="label.png"', "image/png", label),
    ):
        content += f"--{boundary}\r\nContent-Disposition: form-data; {name}\r\nContent-Type: {kind}\r\n\r\n".encode()
        content += part + b"\r\n"
    return Response(content + f"--{boundary}--\r\n".encode(), media_type=f"multipart/form-data; boundary={boundary}")
