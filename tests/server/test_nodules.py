"""Nodules, views, opinions, and that nothing of the model reaches a browser before the lock."""

import io
from contextlib import nullcontext
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from PIL import Image

from tests.server.conftest import ON_ONE_DATABASE, Station, picture
from tests.server.judging import stand_in
from tests.server.pictures import ultrasound
from thyrosight.server.jobs import ModelTasks

WORDS = {"composition": "solid", "echogenicity": "hypoechoic", "margin": "irregular"}


def nodule_in(station: Station, content: bytes, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A study with one image, and a nodule in it with one view; the image and the nodule."""
    study = station.study(content)
    image = study["items"][0]
    client = station.as_("clinician")
    made = client.post(f"/api/v1/studies/{study['id']}/nodules", json={"side": "left", "descriptors": WORDS, **more})
    assert made.status_code == 201, made.text
    drawn = draw(station, made.json()["id"], image)
    assert drawn.status_code == 200, drawn.text
    return image, client.get(f"/api/v1/nodules/{made.json()['id']}").json()


def draw(station: Station, nodule: str, image: dict[str, Any], *, who: str = "clinician", **changes: Any) -> Any:
    body = {"version": 0, "image_id": image["id"], "frame": 0, "box": [40, 40, 90, 80], **changes}
    view = body.pop("view", str(uuid4()))
    return station.as_(who).put(f"/api/v1/nodules/{nodule}/views/{view}", json=body)


def opinion(station: Station, nodule: str, /, *, who: str = "clinician", **more: Any) -> Any:
    body = {"descriptors": WORDS, "score": 70, "biopsy": True, **more}
    return station.as_(who).post(f"/api/v1/nodules/{nodule}/opinions", json=body)


def work(station: Station, *, real: bool = False) -> bool:
    """Do the jobs of the models in this process; by stand-ins unless the real ones are asked for."""
    services, done = station.services, 0
    tasks = ModelTasks(services.database, services.store, services.models, services.clock)
    with nullcontext() if real else stand_in():
        while tasks.work():
            done += 1
    return done > 0


def test_a_nodule_is_numbered_and_puts_its_study_in_progress(station: Station) -> None:
    study = station.study(ultrasound(1, study="40"))
    client = station.as_("clinician")
    url = f"/api/v1/studies/{study['id']}/nodules"
    first = client.post(url, json={}).json()
    assert client.delete(f"/api/v1/nodules/{first['id']}").status_code == 204
    second = client.post(url, json={"side": "right", "pole": "upper", "size_mm": [12.5, 8, None]}).json()
    assert (first["number"], second["number"]) == (1, 2)
    assert [one["number"] for one in client.get(url).json()] == [2]
    assert client.get(f"/api/v1/studies/{study['id']}").json()["state"] == "in progress"
    assert second["size_mm"] == [12.5, 8, None]


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"side": "top"}, "side"),
        ({"descriptors": {"composition": "wooden"}}, "wooden"),
        ({"descriptors": {"colour": "red"}}, "colour"),
        ({"size_mm": [1, 2]}, "size_mm"),
        ({"size_mm": [-1, None, None]}, "size_mm"),
        ({"size_mm": [False, None, None]}, "size_mm"),
    ],
)
def test_words_and_sizes_that_cannot_be_are_refused(station: Station, body: dict[str, Any], word: str) -> None:
    study = station.study(ultrasound(1, study="41"))
    told = station.as_("clinician").post(f"/api/v1/studies/{study['id']}/nodules", json=body)
    assert told.status_code == 422
    assert word in told.json()["detail"]


@ON_ONE_DATABASE
def test_a_view_is_measured_in_mm_where_the_file_is_calibrated(station: Station) -> None:
    image, nodule = nodule_in(station, ultrasound(1, study="42"))
    assert nodule["views"][0]["size_mm"] == pytest.approx([4.0, 10.0])  # 40 rows of 0.1 mm, 50 columns of 0.2 mm
    plain, other = nodule_in(station, picture(seed=60))
    assert other["views"][0]["size_mm"] is None
    assert other["views"][0]["size_reason"] == plain["spacing_reason"]
    outside = draw(station, nodule["id"], image, box=[0, 0, 15, 15]).json()
    assert outside["size_mm"] is None
    assert "outside the calibrated regions" in outside["size_reason"]


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    "changes",
    [
        {"box": [40, 40, 40, 80]}, {"box": [40, 40, 161, 80]}, {"box": [-1, 0, 5, 5]}, {"box": [1.5, 2, 30, 40]},
        {"frame": 1}, {"outline": [[1, 1], [2, 2]]}, {"outline": [[1, 1], [2, 2], [161, 3]]},
        {"callipers": [[[1, 1], [2, 500]]]},
    ],
)  # fmt: skip
def test_drawings_outside_their_image_are_refused(station: Station, changes: dict[str, Any]) -> None:
    image, nodule = nodule_in(station, ultrasound(1, study="43"))
    assert draw(station, nodule["id"], image, **changes).status_code == 422


def test_a_view_stays_within_its_study(station: Station) -> None:
    _, nodule = nodule_in(station, ultrasound(1, study="44"))
    other = station.study(ultrasound(1, study="45"))["items"][0]
    assert draw(station, nodule["id"], other).status_code == 422


def test_two_tabs_that_change_a_view_get_one_winner(station: Station) -> None:
    image, nodule = nodule_in(station, ultrasound(1, study="46"))
    view = nodule["views"][0]
    first = draw(station, nodule["id"], image, view=view["id"], version=1, box=[41, 41, 90, 80])
    second = draw(station, nodule["id"], image, view=view["id"], version=1, box=[10, 10, 90, 80])
    assert (first.status_code, second.status_code) == (200, 409)
    assert first.json()["version"] == 2
    url = f"/api/v1/nodules/{nodule['id']}"
    mine = station.as_("clinician")
    assert mine.patch(url, json={"version": 1, "pole": "lower"}).status_code == 200
    assert mine.patch(url, json={"version": 1, "pole": "upper"}).status_code == 409
    assert mine.delete(f"{url}/views/{view['id']}?version=1").status_code == 409
    assert mine.delete(f"{url}/views/{view['id']}?version=2").status_code == 204
    assert mine.get(url).json()["views"] == []


def test_who_has_no_lock_changes_nothing(station: Station) -> None:
    image, nodule = nodule_in(station, ultrasound(1, study="47"))
    study = f"/api/v1/studies/{nodule['study_id']}"
    station.as_("clinician").put(f"{study}/lock")
    other = station.as_("researcher")
    assert draw(station, nodule["id"], image, who="researcher").status_code == 409
    assert opinion(station, nodule["id"], who="researcher").status_code == 409
    assert other.post(f"{study}/nodules", json={}).status_code == 409
    assert other.patch(f"/api/v1/nodules/{nodule['id']}", json={"version": 1}).status_code == 409
    station.as_("clinician").delete(f"{study}/lock")


def test_the_model_is_hidden_until_the_opinion_is_locked(station: Station, kind: str) -> None:
    image, nodule = nodule_in(station, ultrasound(1, study="48", PatientName="Malignant^Case"))
    client, url = station.as_("clinician"), f"/api/v1/nodules/{nodule['id']}"
    assert client.post(f"{url}/reveal").status_code == 409
    assert client.post(f"{url}/assessments").status_code == 409
    assert opinion(station, nodule["id"], stage="after", kept=True).status_code == 409
    locked = opinion(station, nodule["id"])
    assert locked.status_code == 201, locked.text
    assert locked.json()["nodule"]["stage"] == "locked"
    assert opinion(station, nodule["id"], score=10).status_code == 409
    waiting = client.post(f"{url}/reveal")
    assert waiting.status_code == 202
    assert waiting.json()["job_id"] == locked.json()["job_id"]
    assert work(station, real=kind == "sqlite")
    job = client.get(f"/api/v1/jobs/{locked.json()['job_id']}?wait=2").json()
    assert (job["state"], job["lesions"]) == ("done", [])
    # What somebody sees who did not lock an opinion, and what was sent before the reveal.
    other = station.as_("researcher")
    told = [
        other.get(path).text
        for path in (url, f"/api/v1/studies/{nodule['study_id']}", f"/api/v1/studies/{nodule['study_id']}/nodules")
    ]
    told += [locked.text, waiting.text, str(job)]
    for text in told:
        for word in ("calibrated_risk", "operating_point", "label_source", "probability", "heat"):
            assert word not in text.lower().replace("research", "")
    assert other.post(f"{url}/reveal").status_code == 409
    assert other.get(url).json()["opinions"] == []
    shown = client.post(f"{url}/reveal").json()
    result = shown["assessments"][0]["result"]
    assert 0 <= result["calibrated_risk"] <= 1
    assert {"operating_point", "label_source", "split_kind", "model_hash", "quality_flags"} <= set(result)
    assert "image" not in result
    assert result["box"] == {"left": 40, "top": 40, "right": 90, "bottom": 80}
    heat = shown["assessments"][0]["heat_map"]
    assert other.get(heat).status_code == 404
    drawn = np.asarray(Image.open(io.BytesIO(client.get(heat).content)))
    assert drawn.shape == (image["rows"], image["columns"], 4)
    # The model that comes along states no scale: the map is scaled to its own picture, and says so.
    assert drawn[..., 3].max() == 153
    assert shown["assessments"][0]["heat_map_comparable"] is False
    assert client.get(url).json()["stage"] == "revealed"


def test_the_model_is_asked_while_the_reader_describes_and_answers_with_the_lock(station: Station) -> None:
    image, nodule = nodule_in(station, ultrasound(1, study="54"))
    client, url, view = station.as_("clinician"), f"/api/v1/nodules/{nodule['id']}", nodule["views"][0]["id"]
    change = {"descriptors": {**WORDS, "shape": "taller than wide"}}
    saved = client.patch(url, json={"version": 1, **change})
    assert work(station)
    study = f"/api/v1/studies/{nodule['study_id']}"
    drafted = client.post(f"{study}/reports", json={})
    told = [saved, client.post(f"{url}/reveal"), drafted]
    told += [
        client.get(path) for path in (url, study, f"{study}/nodules", f"/api/v1/reports/{drafted.json()['id']}.json")
    ]
    for answer in told:
        for word in ("calibrated_risk", "operating_point", "label_source", "probability", "heat", "job"):
            assert word not in (answer.text + str(answer.headers)).lower(), (word, answer.url)
    # Drawn elsewhere meanwhile, judged there, and drawn back: the answer is the one on the view as it is now.
    boxes = [[10, 10, 60, 60], [40, 40, 90, 80]]
    for version, box in enumerate(boxes, start=1):
        assert draw(station, nodule["id"], image, view=view, version=version, box=box).status_code == 200
        station.time.pass_by(seconds=1)
        client.patch(url, json={"version": version + 1, **change})
        work(station)
    locked = opinion(station, nodule["id"], reveal=True, nodule={"version": 4, "pole": "upper", **change}).json()
    assert (locked["job_id"], locked["nodule"]["stage"], locked["nodule"]["pole"]) == (None, "revealed", "upper")
    (answer,) = locked["revealed"]["assessments"]
    assert answer["result"]["box"] == {"left": 40, "top": 40, "right": 90, "bottom": 80}
    drafted = client.post(f"{study}/reports", json={})
    report = client.get(f"/api/v1/reports/{drafted.json()['id']}.json").json()["content"]
    assert [one["assessment_id"] for one in report["nodules"][0]["model"]] == [answer["id"]]


def test_what_is_saved_with_the_lock_rests_on_what_was_seen(station: Station) -> None:
    _, nodule = nodule_in(station, ultrasound(1, study="55"))
    client, url = station.as_("clinician"), f"/api/v1/nodules/{nodule['id']}"
    client.patch(url, json={"version": 1, "pole": "lower"})
    late = opinion(station, nodule["id"], reveal=True, nodule={"version": 1, "pole": "upper"})
    assert late.status_code == 409
    left = client.get(url).json()
    assert (left["stage"], left["pole"], left["opinions"]) == ("open", "lower", [])
    waiting = opinion(station, nodule["id"], reveal=True, nodule={"version": 2, "pole": "upper"}).json()
    assert waiting["revealed"]["waiting"] is True
    assert waiting["revealed"]["job_id"] == waiting["job_id"] is not None
    # Another reader, who locks meanwhile, waits for the same answer.
    other = opinion(station, nodule["id"], who="researcher").json()
    assert other["job_id"] == waiting["job_id"]
    assert station.as_("researcher").get(f"/api/v1/jobs/{other['job_id']}").json()["state"] == "waiting"
    work(station)


def test_after_the_result_an_opinion_is_kept_or_changed_with_a_reason(station: Station) -> None:
    _, nodule = nodule_in(station, ultrasound(1, study="49"))
    client, url = station.as_("clinician"), f"/api/v1/nodules/{nodule['id']}"
    opinion(station, nodule["id"])
    work(station)
    assert opinion(station, nodule["id"], stage="after", kept=True).status_code == 409  # not revealed
    client.post(f"{url}/reveal")
    for wrong in ({}, {"kept": True, "score": 60}, {"kept": False, "score": 60}, {"kept": False, "reason": " "}):
        assert opinion(station, nodule["id"], stage="after", **wrong).status_code == 422, wrong
    right = opinion(
        station, nodule["id"], stage="after", kept=False, score=40, biopsy=False, reason="No foci after all"
    )
    assert right.status_code == 201
    assert right.json()["nodule"]["stage"] == "ended"
    assert opinion(station, nodule["id"], stage="after", kept=True).status_code == 409
    stages = [one["stage"] for one in client.get(url).json()["opinions"]]
    assert stages == ["before", "after"]


def test_opinions_of_others_are_seen_after_the_own_and_the_second_ones_after_the_result(station: Station) -> None:
    _, nodule = nodule_in(station, ultrasound(1, study="50"))
    url = f"/api/v1/nodules/{nodule['id']}"
    opinion(station, nodule["id"])
    work(station)
    station.as_("clinician").post(f"{url}/reveal")
    opinion(station, nodule["id"], stage="after", kept=True)
    other = station.as_("researcher")
    assert other.get(url).json()["opinions"] == []
    station.time.pass_by(seconds=1)
    assert opinion(station, nodule["id"], who="researcher", score=5, biopsy=False).json()["job_id"] is None
    seen = other.get(url).json()["opinions"]
    assert [(one["mine"], one["stage"], one["score"]) for one in seen] == [(False, "before", 70), (True, "before", 5)]
    assert len(other.post(f"{url}/reveal").json()["assessments"]) == 1  # the answer was there already
    assert len(other.get(url).json()["opinions"]) == 3


def test_what_an_opinion_rests_on_stays_and_new_views_are_judged_on_request(station: Station) -> None:
    image, nodule = nodule_in(station, ultrasound(1, frames=2, study="51"))
    client, url, view = station.as_("clinician"), f"/api/v1/nodules/{nodule['id']}", nodule["views"][0]
    opinion(station, nodule["id"])
    assert draw(station, nodule["id"], image, view=view["id"], version=1, box=[1, 1, 9, 9]).status_code == 409
    assert client.delete(f"{url}/views/{view['id']}?version=1").status_code == 409
    assert client.delete(url).status_code == 409
    work(station)
    client.post(f"{url}/reveal")
    station.time.pass_by(seconds=5)
    assert draw(station, nodule["id"], image, frame=1).status_code == 200
    asked = client.post(f"{url}/assessments")
    assert asked.json()["waiting"] is True
    work(station)
    assert len(client.post(f"{url}/reveal").json()["assessments"]) == 2
    assert client.post(f"{url}/assessments").json()["job_id"] is None


@ON_ONE_DATABASE
def test_an_opinion_needs_a_view_and_every_part(station: Station) -> None:
    study = station.study(ultrasound(1, study="52"))
    made = station.as_("clinician").post(f"/api/v1/studies/{study['id']}/nodules", json={}).json()
    assert opinion(station, made["id"]).status_code == 409
    for wrong in ({"score": 101}, {"score": None}, {"score": False}, {"score": 50.5}, {"biopsy": None}, {"biopsy": 1}):
        assert opinion(station, made["id"], **wrong).status_code == 422, wrong


@ON_ONE_DATABASE
def test_the_finder_proposes_boxes_and_no_judgement(station: Station) -> None:
    image = station.study(ultrasound(1, frames=2, study="53"))["items"][0]
    client = station.as_("clinician")
    asked = client.post(f"/api/v1/images/{image['id']}/proposals", json={"frame": 1})
    assert asked.status_code == 202
    assert client.post(f"/api/v1/images/{image['id']}/proposals", json={"frame": 2}).status_code == 422
    assert work(station)
    job = client.get(f"/api/v1/jobs/{asked.json()['id']}").json()
    assert job["state"] == "done"
    assert all(set(one) == {"box", "outline"} for one in job["lesions"])
    assert station.as_("researcher").get(f"/api/v1/jobs/{job['id']}").status_code == 404


@ON_ONE_DATABASE
def test_eight_systems_stand_side_by_side(station: Station) -> None:
    client = station.as_("reader")
    answers = client.post("/api/v1/tirads", json={"descriptors": WORDS, "size_mm": 16}).json()
    assert len(answers) == 8
    acr = next(one for one in answers if one["system"] == "acr-2017")
    assert acr["text"] == "TR4 to TR5"
    assert acr["not_exactly_known"]
    lexicon = client.get("/api/v1/tirads").json()
    for feature in lexicon["features"]:
        for word in feature["words"]:
            told = client.post("/api/v1/tirads", json={"descriptors": {feature["name"]: word}})
            assert told.status_code == 200, word
    assert len(lexicon["systems"]) == 8
