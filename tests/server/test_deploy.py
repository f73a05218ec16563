"""The files for containers fit the programme: options, extras, variables and places exist."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from thyrosight.cli import serve
from thyrosight.server.peers import read_peers

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


@pytest.fixture(scope="module")
def compose() -> Any:
    """The file of services, read."""
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def test_the_image_installs_extras_that_exist_and_starts_with_options_that_exist(compose: Any) -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    extras = re.search(r"\$wheel\[([a-z,]+)\]", text)
    assert extras is not None
    known = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert set(extras[1].split(",")) <= set(known)
    entry = re.search(r"^ENTRYPOINT (\[.*\])$", text, re.M)
    assert entry is not None
    program, group, *arguments = yaml.safe_load(entry[1])
    assert (program, group) == ("thyrosight", "serve")
    words = [*arguments, *compose["services"]["server"]["command"]]
    asked = get_command(serve.app).make_context("serve", words).params
    assert (asked["data"], asked["port"], asked["behind_proxy"]) == (Path("/data"), 8000, True)
    assert asked["database"].startswith("postgresql+pg8000://")


def test_every_variable_stands_in_the_example_and_every_file_exists(compose: Any) -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    example = (DEPLOY / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{(\w+)", text)) == set(re.findall(r"^(\w+)=", example, re.M))
    assert not re.findall(r"^\w+=.+$", example, re.M)  # no password is given along
    named = {volume for one in compose["services"].values() for volume in one["volumes"]}
    for volume in named:
        place = volume.split(":")[0]
        assert place in compose["volumes"] or (DEPLOY / place).is_file(), volume


def test_only_this_machine_reaches_the_services_and_the_server_has_no_rights_beyond_its_own(compose: Any) -> None:
    services = compose["services"]
    for one in services.values():
        assert all(port.startswith("127.0.0.1:") for port in one.get("ports", []))
    assert services["server"]["cap_drop"] == ["ALL"]
    assert re.search(r"^USER (?!root)", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.M)
    assert set(services["server"]["depends_on"]) <= set(services)


def test_the_peers_of_the_example_are_read_and_name_a_service(compose: Any) -> None:
    found = read_peers(DEPLOY / "peers.yaml")
    assert [entry.peer.url.split("//")[1].split(":")[0] for entry in found.values()] == ["archive"]
    assert set(found) <= set(compose["services"])
