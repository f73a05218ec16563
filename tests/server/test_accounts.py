"""Signing in, links, tokens, the lock, and what every role may call."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.server.conftest import ADDRESS, ON_ONE_DATABASE, PASSWORD, Station
from thyrosight.server.accounts import Role
from thyrosight.server.database.tables import User, UserSession

ADMIN, CLINIC, RESEARCH, READ, AUDIT = Role
CLINICAL = {CLINIC, RESEARCH}
OPEN = {("GET", "/health/live"), ("GET", "/health/ready"), ("POST", "/api/v1/session"), ("POST", "/api/v1/links")}
# Beginning of the path, methods that differ from the rest, roles. The longest beginning counts.
ROLES: dict[tuple[str, str], set[Role]] = {
    ("*", "/api/v1/session"): set(Role),
    ("*", "/api/v1/me"): set(Role),
    ("*", "/api/v1/users"): {ADMIN},
    ("*", "/api/v1/audit"): {ADMIN, AUDIT},
    ("*", "/api/v1/studies"): CLINICAL,
    ("DELETE", "/api/v1/studies/{study_id}"): {CLINIC},
    ("*", "/api/v1/images"): CLINICAL,
    ("DELETE", "/api/v1/images/{image_id}"): {CLINIC},
    ("*", "/api/v1/uploads"): CLINICAL,
    ("*", "/api/v1/nodules"): CLINICAL,
    ("*", "/api/v1/assessments"): CLINICAL,
    ("*", "/api/v1/jobs"): {*CLINICAL, ADMIN},
    ("*", "/api/v1/reports"): {CLINIC},
    ("GET", "/api/v1/studies/{study_id}/reports"): {CLINIC},
    ("POST", "/api/v1/studies/{study_id}/reports"): {CLINIC},
    ("*", "/api/v1/peers"): {*CLINICAL, ADMIN},
    ("PUT", "/api/v1/peers/{name}"): {ADMIN},
    ("DELETE", "/api/v1/peers/{name}"): {ADMIN},
    ("POST", "/api/v1/peers/{name}/test"): {ADMIN},
    ("*", "/info/"): CLINICAL,
    ("*", "/infer/"): CLINICAL,
    ("*", "/api/v1/imports"): {CLINIC},
    ("*", "/api/v1/backups"): {ADMIN},
    ("*", "/api/v1/settings"): {ADMIN},
    ("*", "/api/v1/models"): {*CLINICAL, ADMIN},
    ("*", "/api/v1/tirads"): {*CLINICAL, READ},
    ("*", "/api/v1/reader-studies"): {ADMIN, RESEARCH},
    ("*", "/api/v1/reading"): {READ},
    ("*", "/api/v1/readings"): {READ},
}


def routes(station: Station) -> list[tuple[str, str]]:
    """Method and path of every route that the schema lists."""
    schema = station.browser().get("/api/v1/openapi.json").json()
    return [(method.upper(), path) for path, methods in schema["paths"].items() for method in methods]


def expected(method: str, path: str) -> set[Role]:
    fitting = [
        (len(start), roles)
        for (way, start), roles in ROLES.items()
        if path.startswith(start) and way in ("*", method) and (way == "*" or path == start)
    ]
    assert fitting, f"{method} {path} stands in no row of the table of roles"
    return max(fitting, key=lambda one: one[0])[1]


def call(station: Station, client: Any, method: str, path: str) -> int:
    """The status of a route with identifiers of nothing and an empty body."""
    for name in re.findall(r"{(\w+_id)}", path):
        path = path.replace("{" + name + "}", "00000000-0000-4000-8000-000000000000")
    path = path.replace("{number}", "0").replace("{place}", "1")
    json = {} if method in ("POST", "PATCH", "PUT") else None
    status: int = client.request(method, path, json=json).status_code
    return status


@ON_ONE_DATABASE
def test_every_route_lets_in_the_roles_of_the_table_and_nobody_else(station: Station) -> None:
    found = routes(station)
    assert len(found) > 25
    nobody, clients = station.browser(), {role: station.browser(role.value) for role in Role}
    for method, path in found:
        if (method, path) in OPEN:
            assert call(station, nobody, method, path) in (200, 422), path
            continue
        assert call(station, nobody, method, path) == 401, (method, path)
        if (method, path) == ("DELETE", "/api/v1/session"):
            continue
        allowed = expected(method, path)
        for role in Role:
            status = call(station, clients[role], method, path)
            assert (status == 403) == (role not in allowed), (method, path, role, status)
            assert status < 500, (method, path, role)


def test_a_change_without_the_token_of_the_page_is_refused(station: Station) -> None:
    client = station.browser("reader")
    client.headers.pop("X-CSRF-Token")
    assert client.patch("/api/v1/me", json={"display": "x"}).status_code == 403
    assert client.get("/api/v1/me").status_code == 200
    client.headers["X-CSRF-Token"] = "0" * 64
    assert client.patch("/api/v1/me", json={"display": "x"}).status_code == 403


@ON_ONE_DATABASE
def test_pages_of_other_sites_change_nothing(station: Station) -> None:
    client = station.browser("reader")
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert client.patch("/api/v1/me", json={"display": "x"}, headers=elsewhere).status_code == 403
    body = {"name": "reader", "password": PASSWORD}
    assert station.browser().post("/api/v1/session", json=body, headers=elsewhere).status_code == 403
    as_form = {"Content-Type": "text/plain"}
    sent = station.browser().post("/api/v1/session", content='{"name": "reader"}', headers=as_form)
    assert sent.status_code == 422


@ON_ONE_DATABASE
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(station: Station) -> None:
    answer = station.browser().post("/api/v1/session", json={"name": "reader", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie
    with station.services.database.read() as session:
        stored = set(session.scalars(select(UserSession.key)))
    assert answer.cookies["thyrosight_session"] not in stored


def test_a_session_ends_without_requests_and_in_any_case(station: Station) -> None:
    client = station.browser("auditor")
    for _ in range(3):
        station.time.pass_by(minutes=14)
        assert client.get("/api/v1/me").status_code == 200
    station.time.pass_by(minutes=14)
    assert client.get("/api/v1/session").status_code == 200  # asking is no sign of life
    station.time.pass_by(minutes=2)
    assert client.get("/api/v1/me").status_code == 401
    client = station.browser("auditor")
    begun = station.time()
    ends_at = datetime.fromisoformat(client.get("/api/v1/session").json()["ends_at"])
    assert ends_at - begun == timedelta(hours=12)
    station.time.now = ends_at - timedelta(seconds=1)
    with station.services.database.write() as session:  # as if there had been requests all the time
        session.execute(update(UserSession).where(UserSession.ended_at.is_(None)).values(seen_at=station.time()))
    assert client.get("/api/v1/me").status_code == 200
    station.time.pass_by(seconds=1)
    assert client.get("/api/v1/me").status_code == 401


def test_signing_out_ends_the_session(station: Station) -> None:
    client = station.browser("reader")
    secret = client.cookies["thyrosight_session"]
    assert client.delete("/api/v1/session").status_code == 204
    client.cookies["thyrosight_session"] = secret
    assert client.get("/api/v1/me").status_code == 401


def test_five_failures_lock_an_account_for_a_quarter_of_an_hour(station: Station) -> None:
    client = station.browser()
    body = {"name": "Researcher", "password": "wrong"}
    told = [client.post("/api/v1/session", json=body).status_code for _ in range(6)]
    assert told == [401] * 5 + [429]
    right = {"name": "researcher", "password": PASSWORD}
    assert client.post("/api/v1/session", json=right).status_code == 429
    assert station.browser("reader").get("/api/v1/me").status_code == 200  # others go on
    station.time.pass_by(minutes=15, seconds=1)
    assert client.post("/api/v1/session", json=right).status_code == 201
    assert [client.post("/api/v1/session", json=body).status_code for _ in range(4)] == [401] * 4
    assert client.post("/api/v1/session", json=right).status_code == 201  # a success begins the count anew
    assert client.post("/api/v1/session", json=body).status_code == 401


def test_unknown_names_are_told_and_locked_like_known_ones(station: Station) -> None:
    client = station.browser()
    body = {"name": "nobody.here", "password": "wrong"}
    answers = [client.post("/api/v1/session", json=body) for _ in range(6)]
    assert [one.status_code for one in answers] == [401] * 5 + [429]
    known = client.post("/api/v1/session", json={"name": "reader", "password": "wrong"})
    assert known.json()["detail"] == answers[0].json()["detail"]


def test_a_new_password_needs_the_old_one_and_ends_other_sessions(station: Station) -> None:
    first, second = station.browser("reader"), station.browser("reader")
    new = "four other plain words"
    wrong = {"old_password": "wrong", "new_password": new}
    assert first.patch("/api/v1/me", json=wrong).status_code == 403
    for weak in ("short", "aaaaaaaaaaaaaaa", "my reader password"):
        told = first.patch("/api/v1/me", json={"old_password": PASSWORD, "new_password": weak})
        assert told.status_code == 422
        assert weak not in told.text
    assert first.patch("/api/v1/me", json={"old_password": PASSWORD, "new_password": new}).status_code == 200
    assert first.get("/api/v1/me").status_code == 200
    assert second.get("/api/v1/me").status_code == 401
    station.browser("reader", password=new)
    assert first.patch("/api/v1/me", json={"old_password": new, "new_password": PASSWORD}).status_code == 200


def test_a_link_sets_a_password_once_and_ends(station: Station) -> None:
    admin, client = station.as_("administrator"), station.browser()
    made = admin.post("/api/v1/users", json={"name": "Nina", "display": "Dr Nina", "roles": ["clinician"]}).json()
    assert (made["name"], made["has_password"]) == ("nina", False)
    assert client.post("/api/v1/session", json={"name": "nina", "password": PASSWORD}).status_code == 401
    secret = admin.post(f"/api/v1/users/{made['id']}/link").json()["secret"]
    weak = client.post("/api/v1/links", json={"secret": secret, "password": "short"})
    assert weak.status_code == 422
    assert client.post("/api/v1/links", json={"secret": secret, "password": PASSWORD}).json() == {"name": "nina"}
    assert client.post("/api/v1/links", json={"secret": secret, "password": PASSWORD}).status_code == 410
    old = admin.post(f"/api/v1/users/{made['id']}/link").json()["secret"]
    station.time.pass_by(days=3)
    assert client.post("/api/v1/links", json={"secret": old, "password": PASSWORD}).status_code == 410
    assert client.post("/api/v1/links", json={"secret": "guessed", "password": PASSWORD}).status_code == 410


def test_a_closed_account_is_out_at_once(station: Station) -> None:
    admin = station.as_("administrator")
    made = admin.post("/api/v1/users", json={"name": "leaver", "roles": ["reader"]}).json()
    secret = admin.post(f"/api/v1/users/{made['id']}/link").json()["secret"]
    station.browser().post("/api/v1/links", json={"secret": secret, "password": PASSWORD})
    client = station.browser("leaver")
    token = client.post("/api/v1/me/tokens", json={"label": "x", "roles": ["reader"]}).json()["secret"]
    assert admin.patch(f"/api/v1/users/{made['id']}", json={"closed": True}).json()["closed"] is True
    assert client.get("/api/v1/me").status_code == 401
    assert station.browser().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert station.browser().post("/api/v1/session", json={"name": "leaver", "password": PASSWORD}).status_code == 401
    with station.services.database.read() as session:  # and nothing is deleted
        assert session.scalar(select(User.name).where(User.name == "leaver")) == "leaver"


def test_the_last_administrator_stays(station: Station) -> None:
    admin, me = station.as_("administrator"), station.ids["administrator"]
    assert admin.patch(f"/api/v1/users/{me}", json={"roles": ["reader"]}).status_code == 409
    assert admin.patch(f"/api/v1/users/{me}", json={"closed": True}).status_code == 409
    assert admin.get("/api/v1/users").status_code == 200


def test_names_of_accounts_are_taken_once_in_any_case(station: Station) -> None:
    admin = station.as_("administrator")
    assert admin.post("/api/v1/users", json={"name": "READER", "roles": ["reader"]}).status_code == 409
    for name in ("", "a", "a b", "<script>", "x" * 65):
        assert admin.post("/api/v1/users", json={"name": name, "roles": ["reader"]}).status_code == 422
    assert admin.post("/api/v1/users", json={"name": "other", "roles": ["king"]}).status_code == 422
    assert admin.post("/api/v1/users", json={"name": "other", "roles": []}).status_code == 422


def test_a_token_acts_with_its_own_roles_and_without_a_page(station: Station) -> None:
    client = station.browser("researcher")
    assert client.post("/api/v1/me/tokens", json={"label": "x", "roles": ["administrator"]}).status_code == 422
    made = client.post("/api/v1/me/tokens", json={"label": "export", "roles": ["researcher"], "days": 1}).json()
    program = station.browser()
    program.headers["Authorization"] = f"Bearer {made['secret']}"
    assert program.get("/api/v1/studies").status_code == 200
    assert program.patch("/api/v1/me", json={"display": "Program"}).status_code == 200  # no CSRF token is needed
    assert program.post("/api/v1/me/tokens", json={"label": "x", "roles": ["researcher"]}).status_code == 422
    assert program.get("/api/v1/session").status_code == 422
    listed = client.get("/api/v1/me/tokens").json()
    assert [(one["label"], one["secret"]) for one in listed] == [("export", None)]
    assert client.delete(f"/api/v1/me/tokens/{made['id']}").status_code == 204
    assert program.get("/api/v1/studies").status_code == 401
    late = client.post("/api/v1/me/tokens", json={"label": "x", "roles": ["researcher"], "days": 1}).json()
    program.headers["Authorization"] = f"Bearer {late['secret']}"
    station.time.pass_by(days=1)
    assert program.get("/api/v1/studies").status_code == 401


@ON_ONE_DATABASE
def test_bodies_are_strict(station: Station) -> None:
    client = station.browser("reader")
    right = {"label": "x", "roles": ["reader"]}
    for wrong in ({"label": 3}, {"days": True}, {"days": "9"}, {"days": 0}, {"more": 1}):
        body = {**right, **wrong}
        assert client.post("/api/v1/me/tokens", json=body).status_code == 422, body
    assert client.post("/api/v1/me/tokens", content=b"{" + b" " * 3_000_000 + b"}").status_code == 413
    pieces = (b" " * 500_000 for _ in range(6))
    assert client.post("/api/v1/me/tokens", content=pieces).status_code == 413


@ON_ONE_DATABASE
def test_every_answer_protects_the_browser(station: Station) -> None:
    client = station.browser("reader")
    for path in ("/health/live", "/api/v1/me", "/api/v1/studies", "/nothing", "/api/v1/openapi.json"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
    assert "strict-transport-security" not in headers


@ON_ONE_DATABASE
def test_a_foreign_name_for_this_machine_is_turned_away(station: Station) -> None:
    client = station.browser("reader")
    assert client.get("/api/v1/me", headers={"Host": "evil.example:8000"}).status_code == 421
    assert client.get("/api/v1/me", headers={"Host": "localhost:8000"}).status_code == 200
    assert client.get("/api/v1/me", headers={"Host": "[::1]:8000"}).status_code == 200


def test_signing_in_and_accounts_are_in_the_audit_trail(station: Station) -> None:
    auditor = station.as_("auditor")
    events = auditor.get("/api/v1/audit", params={"limit": 500}).json()
    assert {"signed in", "user added", "user changed", "link made", "password set by link"} <= {
        one["what"] for one in events["items"]
    }
    assert auditor.get("/api/v1/audit/verify").json()["intact"] is True
    mine = auditor.get("/api/v1/audit", params={"who": "administrator", "object": "user "}).json()
    assert {one["who"] for one in mine["items"]} == {"administrator"}
    lines = auditor.get("/api/v1/audit/export").text.splitlines()
    assert lines[0].startswith("seq,at,who,what")
    assert len(lines) - 1 == auditor.get("/api/v1/audit").json()["total"]
    assert PASSWORD not in "".join(lines)


@ON_ONE_DATABASE
@pytest.mark.parametrize("prefix", ["/thyrosight"])
def test_behind_a_prefix_stripped_or_not(station: Station, prefix: str) -> None:
    from dataclasses import replace

    from thyrosight.server.app import create_app

    services = replace(station.services, settings=replace(station.services.settings, prefix=prefix, behind_proxy=True))
    other = Station(services, station.time, create_app(services))
    client = other.browser()
    for path in ("/health/live", "/api", "/static/x/style.css", "/static/x/viewer/viewer.js", "/api/v1/openapi.json"):
        assert client.get(ADDRESS + path).status_code == 200, path
        assert client.get(ADDRESS + prefix + path).status_code == 200, path
    assert f'href="{prefix}/static/' in client.get("/api").text
    answer = client.post("/api/v1/session", json={"name": "reader", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert f"Path={prefix}" in cookie
    assert "Secure" in cookie
    assert answer.headers["strict-transport-security"]
