"""Every package that an installation brings may be handed on with Apache-2.0 software."""

import importlib
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
