"""Programs that speak to the workstation: our own client, MONAI Label's, and Prometheus."""

import io
import json
import threading
from pathlib import Path
from typing import Any

import httpx2 as httpx
import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from tests.server.conftest import ADDRESS, ON_ONE_DATABASE, Station, picture
from tests.server.pictures import ultrasound
from tests.server.test_nodules import WORDS, work
from thyrosight import client
from thyrosight.client import Workstation, WorkstationError
from thyrosight.server.app import create_app
from thyrosight.server.metrics import Metrics


@pytest.fixture
def program(station: Station) -> Any:
    signed_in = station.as_("clinician")
    made = signed_in.post("/api/v1/me/tokens", json={"label": "test", "roles": ["clinician"]}).json()
    return Workstation(ADDRESS, token=made["secret"], http=station.browser())


@pytest.fixture
def working(station: Station) -> Any:
    """Jobs of the models are done beside the test, as by a process of the models."""
    ended = threading.Event()

    def loop() -> None:
        while not ended.wait(0.02):
            work(station)

    thread = threading.Thread(target=loop)
    thread.start()
    yield
    ended.set()
    thread.join()


@ON_ONE_DATABASE
@pytest.mark.usefixtures("working")
def test_a_program_goes_the_whole_way(program: Workstation, tmp_path: Path) -> None:
    file = tmp_path / "scan.dcm"
    file.write_bytes(ultrasound(1, frames=2, study="90"))
    taken = program.upload(file).images[0]
    image = program.study(taken.study_id).items[0]
    assert (image.frames, image.spacing_mm) == (2, [0.1, 0.2])
    assert Image.open(io.BytesIO(program.frame(image.id, 1))).size == (160, 120)
    program.propose(image.id)
    nodule = program.add_nodule(taken.study_id, side="left", descriptors=WORDS)
    view = program.draw(nodule.id, image.id, (40, 40, 90, 80), frame=1)
    assert view.size_mm == pytest.approx([4.0, 10.0])
    with pytest.raises(WorkstationError, match="Lock your own opinion") as told:
        program.reveal(nodule.id)
    assert told.value.status == 409
    assert program.lock_opinion(nodule.id, score=60, biopsy=True, descriptors=WORDS).stage == "locked"
    assert 0 <= program.reveal(nodule.id)[0].result["calibrated_risk"] <= 1
    assert [one.stage for one in program.nodules(taken.study_id)] == ["revealed"]
    assert len(program.tirads(WORDS, size_mm=12)) == 8
    assert taken.study_id in [one.id for one in program.studies(text="muster", limit=200)]


@ON_ONE_DATABASE
def test_the_client_asks_for_what_the_schema_has(station: Station) -> None:
    schema = station.browser().get("/api/v1/openapi.json").json()
    checked = 0
    for name, model in vars(client).items():
        if isinstance(model, type) and issubclass(model, client._Answer) and model is not client._Answer:
            there = schema["components"]["schemas"][name]["properties"]
            assert set(model.model_fields) <= set(there), name
            for field, known in model.model_json_schema()["properties"].items():
                assert _kind(known) == _kind(there[field]), (name, field)
            checked += 1
    assert checked > 10


def _kind(schema: dict[str, Any]) -> Any:
    """The type of a field, without words and limits."""
    if "anyOf" in schema:
        return sorted(json.dumps(_kind(one)) for one in schema["anyOf"])
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[-1]
    if "enum" in schema:
        return "string"
    return [schema.get("type"), _kind(schema["items"])] if "items" in schema else schema.get("type")


def test_a_workstation_that_is_away_is_told_in_a_sentence() -> None:
    with Workstation("http://127.0.0.1:1", token="x") as away, pytest.raises(WorkstationError, match="does not answer"):
        away.studies()


@ON_ONE_DATABASE
@pytest.mark.usefixtures("working")
def test_monai_label_gets_outlines_and_no_judgement(station: Station) -> None:
    browser = station.as_("researcher")
    image = station.study(picture(seed=70))["items"][0]
    info = browser.get("/info/").json()
    assert list(info["models"]) == ["thyrosight_finder"]
    url = f"/infer/thyrosight_finder?image={image['id']}"
    label = np.asarray(Image.open(io.BytesIO(browser.post(url).content)))
    assert label.shape == (image["rows"], image["columns"])
    assert set(np.unique(label)) <= {0, 1}
    facts = browser.post(f"{url}&output=json", data={"params": '{"frame": 0}'}).json()
    assert set(facts) == {"label_names", "polygons", "boxes", "model_hash", "research_use"}
    both = browser.post(f"{url}&output=all")
    assert both.headers["content-type"].startswith("multipart/form-data")
    assert b'name="params"' in both.content
    assert browser.post(f"{url}&output=json", data={"params": '{"frame": 9}'}).status_code == 422
    assert browser.post(f"{url}&output=json", data={"params": "[1"}).status_code == 422
    assert browser.post(f"/infer/judge?image={image['id']}").status_code == 404
    assert browser.post("/infer/thyrosight_finder?image=x").status_code == 404
    assert station.browser().get("/info/").status_code == 401


@ON_ONE_DATABASE
def test_figures_for_prometheus_name_nobody(station: Station) -> None:
    from prometheus_client import generate_latest

    metrics = Metrics(station.services, workers=lambda: 1)
    browser = TestClient(create_app(station.services, metrics=metrics), base_url=ADDRESS)
    browser.get("/health/live")
    browser.get("/api/v1/studies/secret-name")
    told = generate_latest(metrics.registry).decode()
    assert 'thyrosight_requests_total{method="GET",status="200"} 1.0' in told
    assert 'thyrosight_requests_total{method="GET",status="401"} 1.0' in told
    assert "thyrosight_workers 1.0" in told
    assert "thyrosight_free_bytes" in told
    assert "secret-name" not in told
    assert "muster" not in told.lower()
    assert isinstance(browser, httpx.Client)
