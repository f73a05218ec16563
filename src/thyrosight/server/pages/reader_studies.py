"""Pages of reader studies: those who design them, and the reading room."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from thyrosight.inference import QUALITY_FLAGS
from thyrosight.server.accounts import Role
from thyrosight.server.pages.lexicon import LEXICON
from thyrosight.server.pages.shell import DESIGNERS, Visitor, page
from thyrosight.tirads import systems

router = APIRouter()
DESIGNS: Final = (
    (
        "sequential",
        "Sequential",
        "Each case is read without the model and locked, then read again with it at once and locked again.",
    ),
    (
        "independent",
        "Independent",
        "Every arm has a session of its own with all cases; days of washout lie between the sessions.",
    ),
    (
        "concurrent",
        "Concurrent",
        "The model's answer is there from the start; a reader reads each case in one arm, drawn by lot.",
    ),
    ("single", "Single arm", "Each case is read once; no arms are compared."),
)
"""Designs as the protocol names them, with a title and a sentence."""
KINDS: Final = (
    ("score", "score from 0 to 100"),
    ("descriptors", "features of the nodule"),
    ("yes-no", "yes or no"),
    ("marks", "places in the picture"),
    ("choice", "choice"),
    ("number", "number"),
    ("text", "free text"),
)
"""Kinds of questions as the protocol names them, with a title."""
PARTS: Final = (
    ("protocol", "Protocol"),
    ("cases", "Cases"),
    ("readers", "Readers"),
    ("check", "Check and open"),
    ("progress", "Progress"),
    ("results", "Results"),
)
"""Parts of a study's page, with a title."""


@router.get("/reader-studies")
def studies(request: Request, actor: Visitor) -> HTMLResponse:
    """All reader studies, and how a new one begins."""
    return page(request, "reader_studies.html", actor, roles=DESIGNERS, designs=DESIGNS)


@router.get("/reader-studies/{study_id}")
def study(request: Request, study_id: UUID, actor: Visitor) -> HTMLResponse:
    """One reader study: protocol, cases, readers, opening, progress, results."""
    known = [(key, system.title) for key, system in systems().items()]
    return page(
        request, "reader_study.html", actor, roles=DESIGNERS, study_id=study_id, designs=DESIGNS, kinds=KINDS,
        parts=PARTS, systems=known,
    )  # fmt: skip


@router.get("/reading")
def reading(request: Request, actor: Visitor) -> HTMLResponse:
    """The studies in which the reader reads."""
    return page(request, "reading.html", actor, roles=frozenset({Role.READER}))


@router.get("/reading/{study_id}")
def reading_room(request: Request, study_id: UUID, actor: Visitor) -> HTMLResponse:
    """The reading room: one case after the other."""
    return page(
        request, "reading_room.html", actor, roles=frozenset({Role.READER}), study_id=study_id, lexicon=LEXICON,
        flags=QUALITY_FLAGS,
    )  # fmt: skip
