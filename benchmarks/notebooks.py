"""Run the notebooks of the documentation in an empty folder and keep what they show: `make notebooks`.

Only the form that a page shows of each result is kept (HTML where there is any), so that nothing of this machine is.
"""

import ast
import contextlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from IPython.core.formatters import DisplayFormatter

NOTEBOOKS = Path(__file__).parents[1] / "docs" / "notebooks"
_KEPT = ("text/html", "text/plain")


def read(path: Path) -> dict[str, Any]:
    """A notebook as its file holds it."""
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def code(notebook: dict[str, Any]) -> list[str]:
    """The cells of code, in order."""
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def outputs(sources: list[str]) -> Iterator[list[dict[str, Any]]]:
    """Output of each cell of a notebook, run one after the other in the current folder.

    Raises:
        Exception: whatever a cell raises.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    form = DisplayFormatter().format
    for place, source in enumerate(sources, start=1):
        tree, printed, value = ast.parse(source), io.StringIO(), None
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
            exec(compile(tree, f"cell {place}", "exec"), names)
            if isinstance(last, ast.Expr):
                value = eval(compile(ast.Expression(last.value), f"cell {place}", "eval"), names)
        stream = {"output_type": "stream", "name": "stdout", "text": _lines(printed.getvalue())}
        yield [
            *([stream] if printed.getvalue() else []),
            *([] if value is None else [_output(form(value)[0]) | {"execution_count": place}]),
        ]


def _output(data: dict[str, Any]) -> dict[str, Any]:
    """A result with the best of its forms alone."""
    best = next(form for form in _KEPT if form in data)
    return {"output_type": "execute_result", "metadata": {}, "data": {best: _lines(data[best])}}


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def rerun(path: Path) -> None:
    """Run one notebook and write what it shows into its file."""
    notebook = read(path)
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            found = list(outputs(code(notebook)))
        finally:
            os.chdir(before)
    cells = (cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    for place, (cell, shown) in enumerate(zip(cells, found, strict=True), start=1):
        cell["execution_count"], cell["outputs"] = place, shown
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for chosen in sorted(NOTEBOOKS.glob("*.ipynb")):
        if not sys.argv[1:] or chosen.stem in sys.argv[1:]:
            print(f"Running {chosen.name} ...", flush=True)
            rerun(chosen)
