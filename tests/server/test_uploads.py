"""Uploads: resumed, checked, refused; archives; and what becomes of them."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from tests.server.conftest import ON_ONE_DATABASE, Station, picture
from tests.server.pictures import ultrasound, zipped


def announce(station: Station, size: int, **more: object) -> str:
    made = station.as_("clinician").post("/api/v1/uploads", json={"name": "a.dcm", "size": size, **more})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def test_an_upload_goes_on_where_it_broke_off(station: Station) -> None:
    content = ultrasound(1, frames=5, study="11")
    client, upload = station.as_("clinician"), announce(station, len(content))
    url = f"/api/v1/uploads/{upload}"
    half = len(content) // 2
    first = client.put(url, content=content[:half], headers={"Content-Range": f"bytes 0-{half - 1}/{len(content)}"})
    assert (first.json()["offset"], first.json()["state"]) == (half, "open")
    assert client.get(url).json()["offset"] == half
    wrong = client.put(url, content=b"xxx", headers={"Content-Range": f"bytes 0-2/{len(content)}"})
    assert wrong.status_code == 409
    assert str(half) in wrong.json()["detail"]
    rest = client.put(
        url, content=content[half:], headers={"Content-Range": f"bytes {half}-{len(content) - 1}/{len(content)}"}
    )
    assert rest.json()["state"] == "done"
    assert len(rest.json()["images"]) == 1
    again = client.put(url, content=b"", headers={"Content-Range": f"bytes */{len(content)}"})
    assert again.json()["images"] == rest.json()["images"]


def test_a_complete_file_whose_answer_was_lost_is_taken_in_by_asking_again(station: Station) -> None:
    content = ultrasound(1, study="12")
    upload = announce(station, len(content))
    station.services.store.uploads.joinpath(f"{upload}.part").write_bytes(content)  # then the server was killed
    done = station.as_("clinician").put(
        f"/api/v1/uploads/{upload}", headers={"Content-Range": f"bytes */{len(content)}"}
    )
    assert done.json()["state"] == "done"


def test_a_wrong_hash_refuses_the_file_and_keeps_nothing(station: Station) -> None:
    content = picture(seed=3)
    right = hashlib.sha256(content).hexdigest()
    upload = announce(station, len(content), sha256="0" * 64)
    sent = station.as_("clinician").put(f"/api/v1/uploads/{upload}", content=content)
    assert sent.status_code == 422
    assert "SHA-256" in sent.json()["detail"]
    assert not station.services.store.image(right).exists()
    assert not station.services.store.upload(UUID(upload)).exists()
    assert station.upload(content, sha256=right)["state"] == "done"


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("report.png", b"<script>alert(1)</script>" * 20),
        ("half.png", picture()[:200]),
        ("half.dcm", ultrasound(1, frames=4, study="13")[:-30000]),
        ("empty.dcm", bytes(128) + b"DICM"),
        ("no.zip", b"PK\x03\x04 this is no archive"),
    ],
)
def test_what_is_no_image_is_refused_in_one_sentence_without_a_path(
    station: Station, name: str, content: bytes
) -> None:
    told = station.upload(content, name=name)
    reason = told["detail"] if told["status"] == 422 else told["refused"][0]["reason"]
    assert str(station.services.store.folder) not in reason
    assert "Traceback" not in reason
    assert not list(station.services.store.uploads.glob("unpacked*"))


@ON_ONE_DATABASE
def test_more_than_was_announced_is_refused(station: Station) -> None:
    upload = announce(station, 100)
    client = station.as_("clinician")
    assert client.put(f"/api/v1/uploads/{upload}", content=b"x" * 101).status_code == 413
    assert (
        client.put(f"/api/v1/uploads/{upload}", content=b"x", headers={"Content-Range": "bytes 0-0/7"}).status_code
        == 422
    )
    assert (
        client.put(f"/api/v1/uploads/{upload}", content=b"x", headers={"Content-Range": "lines 1"}).status_code == 422
    )
    largest = station.services.site.now.largest_upload
    assert client.post("/api/v1/uploads", json={"name": "x", "size": largest + 1}).status_code == 413


def test_an_upload_belongs_to_who_began_it(station: Station) -> None:
    upload = announce(station, 10)
    other = station.as_("researcher")
    assert other.get(f"/api/v1/uploads/{upload}").status_code == 404
    assert other.put(f"/api/v1/uploads/{upload}", content=b"x").status_code == 404


def test_the_same_file_again_is_the_same_image(station: Station) -> None:
    content = ultrasound(1, study="14")
    first, second = station.upload(content), station.upload(content)
    assert first["images"] == second["images"]
    changed = station.upload(ultrasound(1, study="14", StationName="other"))
    assert changed["status"] == 422
    assert "SOP Instance UID" in changed["detail"]


def test_one_study_is_of_one_patient(station: Station) -> None:
    station.upload(ultrasound(1, study="15"))
    mixed = station.upload(ultrasound(2, study="15", patient="P-2"))
    assert mixed["status"] == 409


def test_images_of_one_study_come_together_and_in_their_order(station: Station) -> None:
    for number in (3, 1, 2):
        sent = station.upload(ultrasound(number, study="16"))
    study = station.as_("clinician").get(f"/api/v1/studies/{sent['images'][0]['study_id']}").json()
    assert [image["number"] for image in study["items"]] == [1, 2, 3]
    assert study["patient_name"] == "Muster, Anna"


def test_an_archive_gives_its_studies_and_names_what_it_could_not_use(station: Station) -> None:
    archive = zipped({
        "a/1.dcm": ultrasound(1, study="17"), "a/2.dcm": ultrasound(2, study="17"),
        "b/3.dcm": ultrasound(1, study="18"), "p/1.png": picture(seed=1), "p/2.png": picture(seed=2),
        "readme.txt": b"hello", "DICOMDIR": b"x",
    })  # fmt: skip
    told = station.upload(archive, name="cases.zip")
    assert told["state"] == "done", told
    studies = [one["study_id"] for one in told["images"]]
    assert len(told["images"]) == 5
    assert len(set(studies)) == 3
    assert [one["name"] for one in told["refused"]] == ["readme.txt"]


@ON_ONE_DATABASE
def test_hostile_archives_leave_nothing(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thyrosight.cohort.unpacking._FREE_GROWTH", 10_000)
    before = set(station.services.store.uploads.iterdir())
    outside = zipped({"../evil.png": picture()})
    bomb = zipped({"zeros.png": b"\x89PNG\r\n\x1a\n" + bytes(3_000_000)})
    nested = zipped({"in.zip": zipped({"a.png": picture()})})
    for archive, word in ((outside, "outside"), (bomb, "bomb")):
        told = station.upload(archive, name="x.zip")
        assert told["state"] == "refused"
        assert word in told["refused"][0]["reason"]
        assert str(station.services.store.folder) not in told["refused"][0]["reason"]
    assert station.upload(nested, name="x.zip")["refused"][0]["reason"].startswith("The file is an archive within")
    assert set(station.services.store.uploads.iterdir()) == before
    assert not list(station.services.store.folder.parent.glob("evil*"))


@ON_ONE_DATABASE
def test_a_name_never_becomes_a_path(station: Station) -> None:
    told = station.upload(picture(seed=9), name="../../..\\etc/passwd.png")
    study = station.as_("clinician").get(f"/api/v1/studies/{told['images'][0]['study_id']}").json()
    assert study["items"][0]["name"] == "passwd.png"


def test_an_upload_that_is_never_completed_is_given_up(station: Station) -> None:
    upload = announce(station, 100)
    client, url = station.as_("clinician"), f"/api/v1/uploads/{upload}"
    client.put(url, content=b"x" * 10, headers={"Content-Range": "bytes 0-9/100"})
    station.do_chores()
    assert client.get(url).json()["state"] == "open"
    station.time.pass_by(days=2, seconds=1)
    station.do_chores()
    assert not station.services.store.upload(UUID(upload)).exists()
    assert station.as_("clinician").get(url).json()["state"] == "refused"


def test_a_file_that_is_asked_for_twice_is_taken_in_once(station: Station) -> None:
    content = ultrasound(1, study="19")
    upload = announce(station, len(content))
    station.services.store.upload(UUID(upload)).write_bytes(content)
    client = station.as_("clinician")

    def ask() -> int:
        headers = {"Content-Range": f"bytes */{len(content)}"}
        status: int = client.put(f"/api/v1/uploads/{upload}", headers=headers).status_code
        return status

    with ThreadPoolExecutor(4) as threads:
        told = [each.result() for each in [threads.submit(ask) for _ in range(4)]]
    assert set(told) <= {200, 409}
    assert 200 in told
    assert client.get(f"/api/v1/uploads/{upload}").json()["state"] == "done"
