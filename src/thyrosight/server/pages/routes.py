"""Addresses of the pages; none holds a name or number of a patient: studies stand there by random codes."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.responses import FileResponse

from thyrosight.inference import QUALITY_FLAGS
from thyrosight.server.accounts import Role
from thyrosight.server.http import services_of
from thyrosight.server.pages.events import EVENTS
from thyrosight.server.pages.lexicon import LEXICON
from thyrosight.server.pages.rendering import FONT, STATIC, static_version
from thyrosight.server.pages.shell import STUDIES, Visitor, entries_for, page, prefix_of
from thyrosight.server.problems import ProblemError
from thyrosight.server.sentences import LANGUAGE, LANGUAGES

router = APIRouter()
_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".ttf": "font/ttf", ".svg": "image/svg+xml"}


@router.get("/")
def begin(request: Request, actor: Visitor) -> Response:
    """The first page that the user may see."""
    return RedirectResponse(prefix_of(request) + next((own.path for own in entries_for(actor)), "/account"), 303)


@router.get("/sign-in")
def sign_in(request: Request) -> HTMLResponse:
    """Page to sign in."""
    return page(request, "sign_in.html", None)


@router.get("/welcome")
def welcome(request: Request) -> HTMLResponse:
    """Page of a one-time link: its secret stands behind the #, which browsers never send."""
    return page(request, "welcome.html", None)


@router.get("/worklist")
def worklist(request: Request, actor: Visitor) -> HTMLResponse:
    """Studies: filter, upload, open."""
    peers = services_of(request).peers.values() if Role.CLINICIAN in actor.roles else ()
    archives = any(one.query and one.peer.is_web for one in peers)
    return page(request, "worklist.html", actor, roles=STUDIES, archives=archives)


@router.get("/studies/{study_id}")
def study(request: Request, study_id: UUID, actor: Visitor) -> HTMLResponse:
    """One study: pictures, nodules, second reader, report."""
    return page(request, "study.html", actor, roles=STUDIES, study_id=study_id, lexicon=LEXICON, flags=QUALITY_FLAGS)


@router.get("/account")
def account(request: Request, actor: Visitor) -> HTMLResponse:
    """One's own account: name, password, tokens."""
    return page(request, "account.html", actor)


@router.get("/users")
def users(request: Request, actor: Visitor) -> HTMLResponse:
    """All accounts."""
    return page(request, "users.html", actor, roles=frozenset({Role.ADMINISTRATOR}))


@router.get("/system")
def system(request: Request, actor: Visitor) -> HTMLResponse:
    """Models, archives and nodes, health."""
    return page(request, "system.html", actor, roles=frozenset({Role.ADMINISTRATOR}))


@router.get("/settings")
def settings(request: Request, actor: Visitor) -> HTMLResponse:
    """Settings: of the site, and of the start."""
    return page(request, "settings.html", actor, roles=frozenset({Role.ADMINISTRATOR}))


@router.get("/audit")
def audit(request: Request, actor: Visitor) -> HTMLResponse:
    """The audit trail: search, verify, export."""
    return page(request, "audit.html", actor, roles=frozenset({Role.AUDITOR}), events=EVENTS)


@router.get("/language/{code}")
def language(request: Request, code: str) -> Response:
    """Remember the language of the pages."""
    if code not in LANGUAGES:
        raise ProblemError(404, "The pages do not speak this language.")
    settings, prefix = services_of(request).settings, prefix_of(request)
    answer = RedirectResponse(prefix + "/", 303)
    answer.set_cookie(
        LANGUAGE, code, max_age=31_536_000, samesite="strict", secure=settings.encrypted, path=prefix or "/"
    )
    return answer


@router.get("/favicon.ico")
def mark() -> Response:
    """The mark of the pages, for documents that name none, such as reports."""
    return FileResponse(STATIC / "mark.svg", media_type=_TYPES[".svg"], headers={"Cache-Control": "no-cache"})


@router.get("/static/{version}/{path:path}")
def static(version: str, path: str) -> Response:
    """A style sheet, module or font; the version in the address lets browsers keep it."""
    file = FONT if path == "font/text.ttf" else (STATIC / path).resolve()
    if (file != FONT and STATIC.resolve() not in file.parents) or not file.is_file() or file.suffix not in _TYPES:
        raise ProblemError(404, "There is no such file.")
    kept = "public, max-age=31536000, immutable" if version == static_version() else "no-cache"
    return FileResponse(file, media_type=_TYPES[file.suffix], headers={"Cache-Control": kept})
