"""Archives and nodes that an administrator enters: counted at once, audited, kept, and tried by an echo."""

import socket
from dataclasses import replace
from typing import Any

import pytest
from pynetdicom import AE, evt
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]

from tests.server.conftest import ON_ONE_DATABASE, Station, picture
from thyrosight.server.database.tables import Setting
from thyrosight.server.peer_book import PeerBook
from thyrosight.server.peers import PeerEntry, SitePeer

NODE: dict[str, Any] = {
    "title": "Archive of the annex", "url": "dicom://ANNEX@127.0.0.1:11112", "kinds": ["signed"], "query": True,
    "own_title": "READER",
}  # fmt: skip


@pytest.fixture
def admin(station: Station) -> Any:
    """An administrator's browser; every entered peer is gone afterwards."""
    yield station.as_("administrator")
    client = station.as_("administrator")
    for one in client.get("/api/v1/peers").json():
        if not one["fixed"]:
            assert client.delete(f"/api/v1/peers/{one['name']}").status_code == 204


def trail(station: Station, what: str) -> list[dict[str, Any]]:
    found = station.as_("auditor").get("/api/v1/audit", params={"what": what, "limit": 500}).json()["items"]
    return list(found)


def test_a_peer_counts_at_once_is_audited_and_outlives_a_restart(station: Station, admin: Any) -> None:
    told = admin.put("/api/v1/peers/annex", json=NODE)
    assert told.status_code == 200, told.text
    assert told.json() == {**NODE, "name": "annex", "query": False, "fixed": False}
    seen = station.as_("clinician").get("/api/v1/peers").json()
    assert [(one["name"], one["url"]) for one in seen] == [("annex", "")]
    assert station.services.peers["annex"].peer.title == "ANNEX"

    assert admin.put("/api/v1/peers/annex", json=NODE).status_code == 200  # nothing changed: no row
    web = {**NODE, "url": "https://archive.example/dicom-web", "kinds": ["report", "report"]}
    assert admin.put("/api/v1/peers/annex", json=web).json()["query"] is True
    changed = trail(station, "peer changed")
    assert [(row["object"], row["who"]) for row in changed] == [("peer annex", "administrator")]
    assert (changed[0]["body"]["before"]["url"], changed[0]["body"]["after"]["url"]) == (NODE["url"], web["url"])
    assert changed[0]["body"]["after"]["kinds"] == ["report"]
    assert len(trail(station, "peer added")) == 1

    again: dict[str, PeerEntry] = {}
    PeerBook(station.services.database, station.services.clock, again)
    assert again == dict(station.services.peers)
    assert admin.delete("/api/v1/peers/annex").status_code == 204
    assert admin.delete("/api/v1/peers/annex").status_code == 404
    assert "annex" not in station.services.peers
    assert [row["object"] for row in trail(station, "peer removed")] == ["peer annex"]


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("annex", {"url": "ftp://archive.example"}), ("annex", {"url": "dicom://ANNEX@host"}), ("annex", {"url": ""}),
        ("annex", {"url": "https://user:word@archive.example/dicom-web"}), ("annex", {"kinds": ["truth"]}),
        ("annex", {"own_title": "far too long a title"}), ("annex", {"own_title": ""}), ("annex", {"title": "a\x1bb"}),
        ("annex", {"authority": "/etc/passwd"}), ("a b", {}), ("x" * 65, {}), ("annex", {"query": "yes"}),
    ],
)  # fmt: skip
def test_what_is_no_peer_is_refused_in_a_sentence(
    station: Station, admin: Any, name: str, changes: dict[str, Any]
) -> None:
    told = admin.put(f"/api/v1/peers/{name}", json={**NODE, **changes})
    assert told.status_code == 422
    assert told.json()["detail"].endswith(".")
    assert not [one for one in admin.get("/api/v1/peers").json() if not one["fixed"]]


@ON_ONE_DATABASE
def test_the_file_of_peers_counts_before_what_was_entered(station: Station, admin: Any) -> None:
    services = station.services
    admin.put("/api/v1/peers/annex", json=NODE)
    of_file: dict[str, PeerEntry] = {"annex": PeerEntry(name="annex", url="dicom://FILE@127.0.0.1:104")}
    book = PeerBook(services.database, services.clock, of_file)
    assert of_file["annex"].peer.title == "FILE"
    assert book.is_fixed("annex")
    for refuse in (
        lambda: book.put(SitePeer(name="annex", url=NODE["url"]), who="x"),
        lambda: book.remove("annex", who="x"),
    ):
        with pytest.raises(Exception, match="file of peers"):
            refuse()
    copied = replace(services)  # the dictionary holds the entered one already
    assert not copied.peer_book.is_fixed("annex")


def test_an_entered_archive_never_gets_the_login_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THYROSIGHT_TOKEN", "secret-of-the-archive")
    of_file = PeerEntry(name="a", url="https://archive.example/dicom-web").web
    entered = SitePeer(name="a", url="https://archive.example/dicom-web").web
    assert of_file is not None
    assert entered is not None
    assert of_file._http._session.auth is not None
    assert entered._http._session.auth is None


@ON_ONE_DATABASE
def test_a_stored_peer_of_another_version_does_not_stop_the_workstation(station: Station, admin: Any) -> None:
    database = station.services.database
    value = {"peers": [{"name": "old", "url": "gopher://x"}, {"name": "annex", "url": NODE["url"]}, {"colour": "red"}]}
    with database.write() as session:
        session.merge(Setting(name="peers", value=value, changed_at=station.time()))
    found: dict[str, PeerEntry] = {}
    PeerBook(database, station.services.clock, found)
    with database.write() as session:
        session.delete(session.get_one(Setting, "peers"))
    assert list(found) == ["annex"]


@ON_ONE_DATABASE
def test_a_node_is_tried_by_an_echo(station: Station, admin: Any) -> None:
    heard: list[str] = []
    entity = AE(ae_title="ANNEX")
    entity.add_supported_context(Verification)

    def echo(event: Any) -> int:
        heard.append(event.assoc.requestor.ae_title)
        return 0x0000

    listening = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_ECHO, echo)])
    port = listening.socket.getsockname()[1]
    admin.put("/api/v1/peers/annex", json={**NODE, "url": f"dicom://ANNEX@127.0.0.1:{port}"})
    assert admin.post("/api/v1/peers/annex/test").json() == {"reached": True, "problem": ""}
    assert heard == ["READER"]
    listening.shutdown()
    told = admin.post("/api/v1/peers/annex/test").json()
    assert (told["reached"], told["problem"]) == (False, f"dicom://ANNEX@127.0.0.1:{port} does not answer.")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{free.getsockname()[1]}/dicom-web"
    admin.put("/api/v1/peers/annex", json={**NODE, "url": dead})
    told = admin.post("/api/v1/peers/annex/test").json()
    assert not told["reached"]
    assert dead in told["problem"]
    assert admin.post("/api/v1/peers/nobody/test").status_code == 404


def test_the_oldest_backups_are_removed_beyond_those_that_the_site_keeps(station: Station, admin: Any) -> None:
    station.study(picture(seed=91))
    assert admin.patch("/api/v1/settings", json={"backups_kept": 2}).status_code == 200
    for _ in range(4):
        admin.post("/api/v1/backups")
        station.do_chores()
        station.time.pass_by(seconds=1)
    names = [one["name"] for one in admin.get("/api/v1/backups").json()]
    assert len(names) == 2
    made = trail(station, "backup made")
    assert [row["object"] for row in made[:2]] == [f"backup {name}" for name in names]
    assert len(made[0]["body"]["removed"]) == 1
    admin.patch("/api/v1/settings", json={"backups_kept": 0})
    admin.post("/api/v1/backups")
    station.do_chores()
    assert len(admin.get("/api/v1/backups").json()) == 3
    assert "removed" not in trail(station, "backup made")[0]["body"]
