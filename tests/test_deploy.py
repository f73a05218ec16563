"""The files for running the workstation in containers: they fit together, and hold no secret."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from thyrosight.cli.serve import app
from thyrosight.server.peers import read_peers

DEPLOY = Path(__file__).parent.parent / "deploy"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def test_services_volumes_and_conditions_exist(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"server", "database", "archive"}
    for service in services.values():
        for name, wanted in service.get("depends_on", {}).items():
            assert name in services
            assert wanted["condition"] != "service_healthy" or "healthcheck" in services[name]
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (DEPLOY / source).is_file()


def test_the_command_of_the_server_is_one_that_exists(compose: dict[str, Any]) -> None:
    known = {name for parameter in typer.main.get_command(app).params for name in parameter.opts}
    image = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    given = re.findall(r'"(--[a-z-]+)"', image.rpartition("ENTRYPOINT")[2])
    given += [word for word in compose["services"]["server"]["command"] if word.startswith("--")]
    assert set(given) == {"--data", "--host", "--port", "--behind-proxy", "--database", "--peers"}
    assert set(given) <= known


def test_peers_can_be_read_and_name_the_archive_of_the_file(compose: dict[str, Any]) -> None:
    (peer,) = read_peers(DEPLOY / "peers.yaml").values()
    assert peer.query
    assert re.fullmatch(r"http://archive:8042/.*", peer.url)
    assert "archive" in compose["services"]


def test_no_secret_stands_in_the_files_and_every_one_is_asked_for(compose: dict[str, Any]) -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    asked = set(re.findall(r"\$\{(\w+)", text))
    example = dict(line.split("=") for line in (DEPLOY / ".env.example").read_text().splitlines() if "=" in line)
    assert asked == set(example) == {"DATABASE_PASSWORD", "ARCHIVE_PASSWORD"}
    assert set(example.values()) == {""}
    for name in asked:
        assert f"${{{name}:?" in text


def test_nothing_listens_beyond_this_machine(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
