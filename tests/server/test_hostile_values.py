"""Every route of the schema, with values that no database, file or number holds: refused, and never a defect."""

import json
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from tests.server.conftest import ON_ONE_DATABASE, Station
from tests.server.reader_study import ANSWERS, Study, design, new_account, protocol, task
from thyrosight.server.accounts import Role

NUL, HALF = "a\0b", "a\ud800b"
UNKEEPABLE: list[Any] = [NUL, HALF, float("nan"), float("inf"), -float("inf"), 10**400, -(10**20), {NUL: 1}, {HALF: 1}]
ODD: list[Any] = ["", "x" * 99_999, "\u202e\U0001f9e0", -1, 0, 2**31, 2**53 + 1, 2**63 - 1, 1e308, [], {}, None, True]
EXAMPLES: dict[str, Any] = {
    "protocol": {**protocol(), "aim": "Whether the model helps"},
    "answers": {**ANSWERS, "comment": "Taller than wide"},
    "nodule_id": None,
    "box": [40, 40, 90, 80],
    "lesions": [[40, 40, 90, 80]],
    "case": "benign_0",
}
"""Examples of what the schema says too little of."""
Schema = dict[str, Any]
Given = dict[str, Any]


@pytest.fixture(scope="module")
def opened(station: Station) -> Study:
    """A study that is read."""
    made = design(station, cases=2)
    made.open()
    return made


@pytest.fixture(scope="module")
def draft(station: Station) -> Study:
    """A study that is designed."""
    return design(station, cases=1)


@pytest.fixture(scope="module")
def known(station: Station, opened: Study, draft: Study) -> dict[str, str]:
    """Identifiers, by what stands before or in their place: requests come as far as the database."""
    (reader,) = opened.readers.values()
    own, found = task(opened, reader), draft.get()
    image = found["cases"][0]["views"][0]["image_id"]
    study = station.as_("clinician").get(f"/api/v1/images/{image}").json()["study_id"]
    return {
        "/reader-studies/{study_id}/amendments": f"{opened.id}/amendments",
        "/reader-studies/{study_id}": draft.id, "/reading/{study_id}": opened.id, "/studies/{study_id}": study,
        "{image_id}": image, "{case_id}": found["cases"][0]["id"], "{reader_id}": found["readers"][0]["id"],
        "{task_id}": own["id"], "{reading_id}": own["reading"]["id"], "{place}": "1", "{number}": "0",
        "{file}": "readings.csv", "{model}": "finder",
    }  # fmt: skip


@pytest.fixture(scope="module")
def anybody(station: Station) -> TestClient:
    """Somebody with all roles."""
    return station.browser(new_account(station, roles=tuple(role.value for role in Role))[1])


def operations(schema: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def bodies(schema: Schema, known: dict[str, str], *, beginning: str = "/") -> Iterator[tuple[str, str, Any]]:
    """Method, path and an example of the body of each route that takes JSON."""
    for method, path, operation in operations(schema):
        found = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if found is not None and path.startswith(beginning):
            yield method, path, example(found["schema"], schema, {**EXAMPLES, "image_id": known["{image_id}"]})


def example(part: Schema, schema: Schema, given: Given, name: str = "") -> Any:
    """A value that a part of the schema allows, with all its keys."""
    if name in given:
        return given[name]
    if "$ref" in part:
        return example(schema["components"]["schemas"][part["$ref"].rpartition("/")[2]], schema, given)
    if "anyOf" in part:
        return example(part["anyOf"][0], schema, given)
    if part.get("type") == "object":
        more = part.get("additionalProperties")
        keys = {"key": example(more, schema, given)} if isinstance(more, dict) else {}
        return {key: example(one, schema, given, key) for key, one in part.get("properties", {}).items()} | keys
    if part.get("type") == "array":
        return [example(part["items"], schema, given)] * max(1, part.get("minItems", 1))
    return scalar(part)


def scalar(part: Schema) -> Any:
    """A text, number or truth value that a part of the schema allows."""
    if "enum" in part:
        return part["enum"][0]
    if part["type"] != "string":
        return False if part["type"] == "boolean" else int(part.get("minimum", 1))
    return part.get("default", str(uuid4()) if part.get("format") == "uuid" else "x" * max(3, part.get("minLength", 0)))


def places(value: Any) -> Iterator[Callable[[Any], Any]]:
    """For each place in a body, what makes a copy of the body with another value there."""
    yield lambda put: put
    if isinstance(value, dict):
        for key, one in value.items():
            yield from (lambda put, key=key, inner=inner: {**value, key: inner(put)} for inner in places(one))
        yield lambda put: {**value, put if isinstance(put, str) else "more": put}
    elif isinstance(value, list):
        yield from (lambda put, inner=inner: [inner(put), *value[1:]] for inner in places(value[0]))


def send(client: TestClient, method: str, url: str, body: Any) -> Any:
    """JSON as Python writes it: with NaN, and with halves of pairs."""
    return client.request(method, url, content=json.dumps(body), headers={"Content-Type": "application/json"})


def address(path: str, known: dict[str, str]) -> str:
    """The address of a route."""
    for name, value in known.items():
        path = path.replace(name, name.partition("{")[0] + value)
    while "{" in path:
        path = path[: path.index("{")] + str(uuid4()) + path[path.index("}") + 1 :]
    return path


@ON_ONE_DATABASE  # nothing of it comes as far as the database
def test_no_route_takes_in_a_body_what_cannot_be_kept(
    station: Station, known: dict[str, str], anybody: TestClient
) -> None:
    values, tried = cycle(UNKEEPABLE), 0
    for method, path, body in bodies(station.app.openapi(), known):
        for put, value in zip(places(body), values, strict=False):
            answer = send(anybody, method, address(path, known), put(value))
            assert answer.status_code == 422, (method, path, put(value), answer.status_code, answer.text)
            tried += 1
    assert tried > 200


def test_routes_of_reader_studies_answer_odd_values(
    station: Station, known: dict[str, str], opened: Study, draft: Study, anybody: TestClient
) -> None:
    (reader,) = opened.readers.values()
    values, taken = cycle(ODD), set()

    def versions(path: str, sent: dict[str, Any]) -> dict[str, Any]:
        study = opened if path.endswith("amendments") else draft
        own = f"/api/v1/reading/tasks/{known['{task_id}']}"
        now = reader.get(own).json().get("reading", sent) if "/readings/" in path else study.get()
        return {key: now[key] for key in ("version", "protocol_version") if key in sent}

    for method, path, body in bodies(station.app.openapi(), known, beginning="/api/v1/read"):
        client = reader if "/reading" in path else anybody
        for put in [*places(body), lambda _, body=body: body]:
            odd = put(next(values))
            if isinstance(odd, dict) and odd.get("version") in (0, 1):
                odd = {**odd, **versions(path, odd)}
            answer = send(client, method, address(path, known), odd)
            assert answer.status_code < 500, (method, path, odd, answer.status_code, answer.text)
            taken |= {path.rpartition("/")[2]} if answer.is_success else set()
    # Values come as far as the database.
    assert taken >= {"reader-studies", "protocol", "amendments", "cases", "truth", "cleared", "draft", "events", "lock"}


def test_addresses(station: Station, known: dict[str, str], anybody: TestClient) -> None:
    for method, path, operation in operations(station.app.openapi()):
        for one in operation.get("parameters", []):
            for value in (NUL, HALF, "-1", "NaN", "1e400", str(2**31), str(10**18), "9" * 5000):
                sent, place = quote(value, errors="surrogatepass"), "{" + one["name"] + "}"
                more = f"?{one['name']}={sent}" if one["in"] == "query" else ""
                url = (
                    address(
                        path,
                        known
                        if more
                        else {place: sent} | {name: value for name, value in known.items() if name != place},
                    )
                    + more
                )
                answer = anybody.request(method, url)
                assert answer.status_code < 500, (method, url, answer.status_code, answer.text)
                assert value != NUL or answer.status_code == 422 or one["in"] == "header", (method, url)
