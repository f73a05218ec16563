"""Archives and nodes that reports go to and studies come from: of the file of peers, or entered in a browser."""

import ssl
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from thyrosight.errors import RecipeError
from thyrosight.pacs import DicomWeb
from thyrosight.pacs.dicomweb import login_from_environment
from thyrosight.pacs.node import Peer, parse_peer, peer_context
from thyrosight.parts import Part
from thyrosight.server.settings import SettingsError
from thyrosight.settings import explained, parse_yaml, read_yaml


class PeerEntry(Part):
    """A peer.

    Attributes:
        name: by which the interface names it.
        title: by which people know it.
        url: dicom://AET@host:port, dicoms://... (TLS) or https://host/dicom-web.
        kinds: what is sent: the signed report, structured reports, outlines and heat maps of the models.
        query: whether studies may be searched and fetched there (DICOMweb only).
        authority: file of the authority that its certificate comes from.
        own_title: our own AE title.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    title: str = ""
    url: str
    kinds: tuple[Literal["signed", "report", "outline", "heat-map"], ...] = ("signed", "report", "outline", "heat-map")
    query: bool = True
    authority: Path | None = None
    own_title: Annotated[str, Field(pattern=r"^[\x20-\x5b\x5d-\x7e]{1,16}$")] = "THYROSIGHT"

    @property
    def peer(self) -> Peer:
        """Its address, read."""
        return parse_peer(self.url)

    @property
    def web(self) -> DicomWeb | None:
        """A client of it with the login of the environment; None for a node."""
        if not self.peer.is_web:
            return None
        verify = True if self.authority is None else str(self.authority)
        return DicomWeb(self.url, login=login_from_environment(), verify=verify, retries=1, timeout=(5, 30))

    @property
    def context(self) -> ssl.SSLContext | None:
        """TLS for a node that is spoken to by it."""
        return peer_context(self.authority, None, None) if self.peer.secure else None


class SitePeer(PeerEntry):
    """A peer that an administrator entered in the browser.

    It names no file of this machine, and never gets the login of the environment: whoever may enter an address must
    not be able to have the archive's password sent there.
    """

    authority: None = None

    @property
    def web(self) -> DicomWeb | None:
        """A client of it without a login; None for a node."""
        return DicomWeb(self.url, retries=1, timeout=(5, 30)) if self.peer.is_web else None


class Peers(Part):
    """The content of the file."""

    peers: tuple[PeerEntry, ...] = ()


def read_peers(path: Path | None) -> dict[str, PeerEntry]:
    """The peers of a file by their name; none without one.

    Raises:
        SettingsError: the file cannot be read, or names a peer twice.
        DicomError: an address is none.
    """
    if path is None:
        return {}
    try:
        found = Peers.model_validate(parse_yaml(read_yaml(path), path.name))
    except ValidationError as error:
        raise SettingsError(str(explained(error, path.name, Peers)).replace("Recipe", "The file of peers")) from None
    except RecipeError as error:
        raise SettingsError(str(error).replace("Recipe", "The file of peers")) from None
    peers: dict[str, PeerEntry] = {}
    for entry in found.peers:
        if entry.name in peers:
            raise SettingsError(f"{path}: there are two peers named {entry.name}; give each a name of its own.")
        entry.peer  # noqa: B018  (refuses an address that is none)
        peers[entry.name] = entry
    return peers
