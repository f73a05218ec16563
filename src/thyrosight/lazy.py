"""Public names of a room that are imported when they are first used: commands start without what they do not need."""

import ast
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any


def on_first_use(package: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make the `__getattr__` and `__dir__` of a package (PEP 562).

    A room's `__init__.py` lists its imports once, where type checkers and editors read them:

        if TYPE_CHECKING:
            from thyrosight.room.file import name
        else:
            __getattr__, __dir__ = on_first_use(__name__)

    `dir` of the package, and so the completion in a notebook, shows the names of its `__all__`. None of them may be
    that of a file of the room: Python makes the file a name of the package as soon as it is imported.
    """

    @cache
    def places() -> dict[str, tuple[str, str]]:
        return _imports(package)

    def find(name: str) -> Any:
        if name.startswith("__") or name not in places():
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        file, original = places()[name]
        value = getattr(import_module(file), original)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        return sorted(vars(sys.modules[package])["__all__"])

    return find, names


def _imports(package: str) -> dict[str, tuple[str, str]]:
    """For each name under `if TYPE_CHECKING:`, the module that it is imported from, and its name there."""
    found = find_spec(package)
    source: str = found.loader.get_source(package)  # type: ignore[union-attr]
    blocks = (part.body for part in ast.parse(source).body if isinstance(part, ast.If))
    lines = (line for block in blocks for line in block if isinstance(line, ast.ImportFrom) and line.module)
    return {part.asname or part.name: (str(line.module), part.name) for line in lines for part in line.names}
