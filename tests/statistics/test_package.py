"""The package: every public name of a room is a public name of the package, and names are not used twice."""

import ast
import importlib
import pkgutil
from pathlib import Path

import thyrosight.statistics

ROOT = Path(thyrosight.statistics.__file__).parent
ROOMS = [info.name for info in pkgutil.iter_modules([str(ROOT)]) if info.ispkg]


def test_the_rooms_hold_the_functions_that_the_package_hands_on() -> None:
    assert {"roc", "proportions", "readers", "calibration", "localisation", "synthesis", "power"} < set(ROOMS)
    public = set(thyrosight.statistics.__all__)
    for room in ROOMS:
        module = importlib.import_module(f"thyrosight.statistics.{room}")
        assert module.__all__ and set(module.__all__) <= public, room
        for name in module.__all__:
            assert getattr(module, name) is getattr(thyrosight.statistics, name)


def test_no_module_shares_its_name_with_a_function() -> None:
    files = [path for path in ROOT.rglob("*.py") if path.name != "__init__.py"]
    functions = {
        node.name
        for path in files
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    assert "auc" in functions
    assert functions.isdisjoint({path.stem for path in files} | set(ROOMS))


def test_tests_mirror_the_package() -> None:
    tests = Path(__file__).parent
    for path in ROOT.rglob("*.py"):
        if path.name != "__init__.py":
            assert (tests / path.relative_to(ROOT).parent / f"test_{path.name}").is_file(), path
