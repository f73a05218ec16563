"""Every package that an installation brings may be handed on with Apache-2.0 software."""

import importlib
import json
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def chain(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("supply_chain")


def test_every_licence_fits(chain: ModuleType) -> None:
    found = {name: chain.licence_of(package) for name, package in chain.dependencies().items()}
    assert {"numpy", "torch", "pynetdicom", "typer", "markupsafe"} <= set(found)
    assert {name: licence for name, licence in found.items() if not chain.verdict(name, licence)} == {}


@pytest.mark.parametrize(
    ("licence", "fits"),
    [
        ("Apache-2.0 AND MIT", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-2.0-or-later", False),
        ("GNU Affero General Public License v3", False),
        ("BSD-3-Clause OR GPL-2.0-only", True),
        ("", False),
        ("Proprietary", False),
    ],
)
def test_licences_are_told_apart(chain: ModuleType, licence: str, fits: bool) -> None:
    assert bool(chain.verdict("a-package", licence)) is fits


def _audited(*packages: dict[str, object]) -> str:
    return json.dumps({"dependencies": list(packages), "fixes": []})


def test_what_was_not_asked_is_not_called_safe(chain: ModuleType) -> None:
    skipped = {"name": "numpy", "skip_reason": "Dependency not found on PyPI and could not be audited"}
    sound = {"name": "typer", "version": "1.0", "vulns": []}
    holed = {"name": "pillow", "version": "9.0", "vulns": [{"id": "PYSEC-1"}, {"id": "PYSEC-2"}]}
    unreached = ("Known holes were not asked for: the public database cannot be reached from here.", 2)
    assert [chain.holes(report) for report in (_audited(skipped), "", "Traceback", "[]")] == [unreached] * 4
    assert chain.holes(_audited(sound)) == ("Known holes: none; packages asked about: 1.", 0)
    assert chain.holes(_audited(sound, skipped)) == (
        "Known holes: none; packages asked about: 1; not in the database: 1.", 0,
    )  # fmt: skip
    found, code = chain.holes(_audited(sound, holed))
    assert code == 1 and found.splitlines() == [
        "pillow 9.0: PYSEC-1", "pillow 9.0: PYSEC-2", "Known holes: 2; packages asked about: 2.",
    ]  # fmt: skip
