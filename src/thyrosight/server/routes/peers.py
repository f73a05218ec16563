"""Archives and nodes: shown to users who may send, entered and tried by administrators."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import AfterValidator, Field

from thyrosight.pacs import DicomError
from thyrosight.server.accounts import Actor, Role
from thyrosight.server.http import Answer, Body, Caller, allow
from thyrosight.server.peer_book import reach
from thyrosight.server.peers import PeerEntry, SitePeer
from thyrosight.server.problems import not_found
from thyrosight.server.sentences import Said
from thyrosight.server.services import Services
from thyrosight.server.site import one_line

router = APIRouter(prefix="/peers", tags=["operation"])
Administrator = Annotated[Actor, allow(Role.ADMINISTRATOR)]
Clinical = Annotated[Actor, allow(Role.CLINICIAN, Role.RESEARCHER, Role.ADMINISTRATOR)]
Kind = Literal["signed", "report", "outline", "heat-map"]
PeerName = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]


class PeerAnswer(Answer):
    """A peer; its address is for administrators. `fixed`: it stands in the file of peers, and is changed there only."""

    name: str
    title: str
    url: str
    kinds: list[str]
    query: bool
    own_title: str
    fixed: bool


class PeerChange(Body):
    """A peer as it is to be: title for people, address, what is sent there, whether it may be asked for studies.

    `url`: dicom://AET@host:port, dicoms://AET@host:port (TLS) or https://host/dicom-web; it holds no login.
    """

    title: Annotated[str, Field(max_length=64), AfterValidator(one_line)] = ""
    url: Annotated[str, Field(min_length=1, max_length=256)]
    kinds: Annotated[list[Kind], Field(max_length=4)]
    query: bool = True
    own_title: Annotated[str, Field(pattern=r"^[\x20-\x5b\x5d-\x7e]{1,16}$")] = "THYROSIGHT"


class PeerTest(Answer):
    """Whether a peer answers, and the sentence why it does not."""

    reached: bool
    problem: Said


@router.get("")
def peers(services: Caller, actor: Clinical) -> list[PeerAnswer]:
    """The archives and nodes of the file of peers, and those that were entered."""
    shown = Role.ADMINISTRATOR in actor.roles
    return [_answer(services, one, shown=shown) for one in list(services.peers.values())]


@router.put("/{name}")
def put(name: PeerName, body: PeerChange, services: Caller, actor: Administrator) -> PeerAnswer:
    """Enter an archive or node, or change the one of this name; it counts at once and is audited."""
    entry = SitePeer(
        name=name, title=body.title, url=body.url.strip(), kinds=tuple(dict.fromkeys(body.kinds)), query=body.query,
        own_title=body.own_title,
    )  # fmt: skip
    services.peer_book.put(entry, who=actor.name)
    return _answer(services, entry, shown=True)


@router.delete("/{name}", status_code=204)
def remove(name: PeerName, services: Caller, actor: Administrator) -> None:
    """Take an entered archive or node out; it is audited."""
    services.peer_book.remove(name, who=actor.name)


@router.post("/{name}/test")
def ask(name: PeerName, services: Caller, actor: Administrator) -> PeerTest:
    """Ask it whether it is there: a node by C-ECHO, an archive for one study."""
    entry = services.peers.get(name)
    if entry is None:
        raise not_found("archive or node")
    try:
        reach(entry)
    except DicomError as error:
        return PeerTest(reached=False, problem=str(error))
    return PeerTest(reached=True, problem="")


def _answer(services: Services, one: PeerEntry, *, shown: bool) -> PeerAnswer:
    return PeerAnswer(
        name=one.name,
        title=one.title or one.name,
        url=one.url if shown else "",
        kinds=list(one.kinds),
        query=one.query and one.peer.is_web,
        own_title=one.own_title,
        fixed=services.peer_book.is_fixed(one.name),
    )
