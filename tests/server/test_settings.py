"""Settings of the site: changed in the browser, counted at once, audited, and kept."""

from typing import Any

import pytest

from tests.server.conftest import ON_ONE_DATABASE, PASSWORD, Station, picture
from thyrosight.server.database.tables import Setting
from thyrosight.server.site import DEFAULTS, Site, SiteSettings


@pytest.fixture
def admin(station: Station) -> Any:
    """An administrator's browser; every setting is as before afterwards."""
    client = station.as_("administrator")
    before = client.get("/api/v1/settings").json()["site"]
    yield client
    assert station.as_("administrator").patch("/api/v1/settings", json=before).status_code == 200


def test_a_change_counts_at_once_is_audited_and_outlives_a_restart(station: Station, admin: Any) -> None:
    wanted = {"institution": "  Klinik   Nord ", "idle_minutes": 5, "upload_days": 2}
    told = admin.patch("/api/v1/settings", json=wanted)
    assert told.status_code == 200
    assert (told.json()["institution"], told.json()["idle_minutes"]) == ("Klinik Nord", 5)

    auditor = station.as_("auditor")
    rows = auditor.get("/api/v1/audit", params={"what": "setting changed", "limit": 2}).json()["items"]
    told_of = {row["object"]: (row["who"], row["body"]) for row in rows}
    assert told_of["setting idle_minutes"] == ("administrator", {"before": 15, "after": 5})
    assert told_of["setting institution"][1]["after"] == "Klinik Nord"

    services = station.services
    assert Site(services.database, services.clock).now == services.site.now == SiteSettings(
        institution="Klinik Nord", idle_minutes=5
    )  # fmt: skip
    nobody = station.browser("clinician")
    station.time.pass_by(minutes=4, seconds=59)
    assert nobody.get("/api/v1/session").status_code == 200
    station.time.pass_by(seconds=1)
    assert nobody.get("/api/v1/session").status_code == 401


@ON_ONE_DATABASE
def test_the_longest_session_and_the_largest_upload_follow(station: Station, admin: Any) -> None:
    admin.patch("/api/v1/settings", json={"session_hours": 1, "idle_minutes": 240, "largest_upload_mb": 10})
    begun = station.browser("clinician")
    assert begun.post("/api/v1/uploads", json={"name": "a.dcm", "size": 10 * 2**20}).status_code == 201
    assert begun.post("/api/v1/uploads", json={"name": "a.dcm", "size": 10 * 2**20 + 1}).status_code == 413
    station.time.pass_by(minutes=59)
    assert begun.get("/api/v1/session").status_code == 200
    station.time.pass_by(minutes=1)
    assert begun.get("/api/v1/session").status_code == 401


@ON_ONE_DATABASE
def test_the_chosen_system_stands_first_and_the_institution_on_reports(station: Station, admin: Any) -> None:
    body = {"descriptors": {"composition": "solid"}}
    by_year = [one["system"] for one in station.as_("clinician").post("/api/v1/tirads", json=body).json()]
    admin.patch("/api/v1/settings", json={"first_system": "c-tirads-2020", "institution": "مستشفى <b>الشمال</b>"})
    client = station.as_("clinician")
    ordered = [one["system"] for one in client.post("/api/v1/tirads", json=body).json()]
    assert ordered == ["c-tirads-2020", *(key for key in by_year if key != "c-tirads-2020")]
    assert [one["key"] for one in client.get("/api/v1/tirads").json()["systems"]] == ordered

    study = station.study(picture(seed=77))
    assert client.post(f"/api/v1/studies/{study['id']}/nodules", json=body).status_code == 201
    report = client.post(f"/api/v1/studies/{study['id']}/reports").json()["id"]
    page = client.get(f"/api/v1/reports/{report}.html").text
    assert "<p>مستشفى &lt;b&gt;الشمال&lt;/b&gt;</p>" in page
    assert page.index("C-TIRADS") < page.index("ACR TI-RADS")
    fhir = client.get(f"/api/v1/reports/{report}.fhir").json()
    assert fhir["performer"] == [{"reference": "#institution"}]
    named = {one["id"]: one.get("name") for one in fhir["contained"]}
    assert named["institution"] == "مستشفى <b>الشمال</b>"
    assert client.get(f"/api/v1/reports/{report}.pdf").status_code == 200


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    "body",
    [
        {"idle_minutes": 4}, {"idle_minutes": 241}, {"idle_minutes": True}, {"idle_minutes": "9"},
        {"idle_minutes": 5.5}, {"session_hours": 0}, {"upload_days": 0}, {"largest_upload_mb": 10**9},
        {"first_system": "tirads"},
        {"institution": "x" * 129}, {"institution": "a\x1bb"}, {"port": 80}, {"idle_minutes": 20, "upload_days": 31},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_a_sentence_and_changes_nothing(
    station: Station, admin: Any, body: dict[str, Any]
) -> None:
    before = station.services.site.now
    told = admin.patch("/api/v1/settings", json=body)
    assert told.status_code == 422
    assert set(body) & set(told.json()["detail"].replace(":", " ").split())
    assert Site(station.services.database, station.services.clock).now == station.services.site.now == before


@ON_ONE_DATABASE
def test_a_stored_value_of_another_version_does_not_stop_the_workstation(station: Station) -> None:
    database = station.services.database
    rows = {"idle_minutes": {"value": 100_000}, "upload_days": {"value": 3}, "colour": {"value": "red"}}
    with database.write() as session:
        for name, value in rows.items():
            session.merge(Setting(name=name, value=value, changed_at=station.time()))
    found = Site(database, station.services.clock).now
    with database.write() as session:
        for name in rows:
            session.delete(session.get_one(Setting, name))
    assert found == SiteSettings(upload_days=3)
    assert found.idle == DEFAULTS.idle


@ON_ONE_DATABASE
def test_settings_of_the_start_are_named_without_places_and_passwords(station: Station, admin: Any) -> None:
    told = admin.get("/api/v1/settings")
    options = {one["option"]: one["value"] for one in told.json()["at_start"]}
    assert options["--workers"] == "0"
    assert options["--database"] == "SQLite"
    assert str(station.services.settings.data) not in told.text
    assert PASSWORD not in told.text
    page = admin.get("/settings").text
    assert all(f'data-option="{option}"' in page for option in options)
