"""Ours beside the alternatives, in one table: `python benchmarks/bench.py [NAME ...]`, or `make bench [ONLY=NAME]`.

Without names or DATA all are measured and docs/benchmarks.md is written; else the table is only printed. DATA=FOLDER
(or a pattern) takes your own pictures in place of simulated ones, for `predict` and `imaging`. Each subject runs in a
process of its own, on one thread unless a row says otherwise, on processors.
"""

import argparse
import importlib
import logging
import multiprocessing
import os
import platform
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benches.row import Row
from rich.console import Console

from thyrosight.documents import Column, Table, cells, duration
from thyrosight.reports import terminal_table

NAMES = (
    "predict", "imaging", "training", "precision", "freezing", "segmentation", "statistics", "cine", "duplicates",
    "phantoms",
)  # fmt: skip
_PACKAGES = (
    "torch", "torchvision", "onnxruntime", "openvino", "monai", "numpy", "pillow", "pydicom", "scikit-learn", "scipy",
    "statsmodels",
)  # fmt: skip
_UNITS = (
    "avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_bf16", "amx_int8", "asimd", "bf16",
)  # fmt: skip
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
_AS_USERS_HAVE_IT = ("predict",)
"""Subjects whose numerical libraries are not kept to one thread; what they compare states its own threads."""
_PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
_HEAD = """# Benchmarks: ours beside the alternatives

Written by `make bench` on {date}, in one run of {minutes}. `make bench ONLY=predict` prints the rows of one subject;
`make bench DATA=FOLDER` takes your own pictures where the rows say phantoms. Both numbers of a row were measured in
turn in one process, on one thread unless the row says otherwise. A ratio above 1 says that ours is faster, or smaller.
Absolute numbers hold for this machine and what else it did at the time; ratios carry over better.

- Processor: {processor}, {cores} cores; of the instructions that matter it has {units}.
- {system}, Python {python}; {packages}.
"""


def measure(name: str) -> tuple[list[Row], str]:
    """The rows of one subject, and how they were measured."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)  # MONAI tells of what it looks for and does not find
    module = importlib.import_module(f"benches.{name}")
    return module.rows(), module.__doc__ or ""


def apart(name: str) -> tuple[list[Row], str]:
    """`measure` in a new process: what one subject imports, sets and keeps is not there in the next."""
    for key in _ONE_THREAD:
        os.environ.pop(key, None)
    os.environ.update({} if name in _AS_USERS_HAVE_IT else _ONE_THREAD, CUDA_VISIBLE_DEVICES="")
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(measure, name).result()


def written(value: float) -> str:
    """A number with three digits, or with all it has before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:#.3g}".rstrip(".")


def table(rows: dict[str, list[Row]]) -> Table:
    """All rows as one table."""
    columns = (
        Column(key="bench", title="ONLY="),
        Column(key="what", title="What"),
        Column(key="ours", title="Ours"),
        Column(key="theirs", title="Alternative"),
        Column(key="unit", title="Unit"),
        Column(key="ratio", title="Ratio", kind="share", digits=2),
        Column(key="alternative", title="Which alternative"),
        Column(key="aim", title="Aim"),
    )
    lines: list[dict[str, str | float | None]] = []
    for name, found in rows.items():
        for row in found:
            line = {
                "bench": name,
                "what": row.what,
                "ours": written(row.ours),
                "unit": row.unit,
                "alternative": row.alternative,
            }
            if row.theirs is not None:
                line |= {"theirs": written(row.theirs), "ratio": row.ratio}
            lines.append(line | {"aim": row.aim})
    return Table(name="benchmarks", caption="Benchmarks", columns=columns, rows=tuple(lines))


def markdown(shown: Table) -> str:
    """The table in Markdown."""
    rule = "|".join("---" if column.kind == "text" else "---:" for column in shown.shown)
    lines = [" | ".join(column.title for column in shown.shown), rule]
    lines += [" | ".join(cell.line for cell in row) for row in cells(shown)]
    return "\n".join(f"| {line} |" if line != rule else f"|{rule}|" for line in lines)


def processor() -> tuple[str, str]:
    """The processor's model, and those of its instructions that matter to speed, where Linux tells them."""
    path = Path("/proc/cpuinfo")
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in text.splitlines())}
    flags = facts.get("flags", facts.get("Features", "")).split()
    units = ", ".join(flag for flag in _UNITS if flag in flags)
    return facts.get(
        "model name"
    ) or platform.processor() or platform.machine(), units or "none that could be found out"


def page(rows: dict[str, list[Row]], texts: dict[str, str], *, seconds: float) -> str:
    """The page of the documentation."""
    model, units = processor()
    head = _HEAD.format(
        date=time.strftime("%Y-%m-%d"),
        minutes=duration(seconds),
        processor=model,
        cores=os.cpu_count(),
        units=units,
        system=platform.system(),
        python=platform.python_version(),
        packages=", ".join(_versions()),
    )
    parts = [head, markdown(table(rows)), "\n## How each is measured\n"]
    parts += [f"### {name}\n\n{text.strip()}\n" for name, text in texts.items()]
    return "\n".join(parts)


def _versions() -> list[str]:
    found = []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} not installed")
    return found


def main() -> None:
    """Measure, print, and write the page where all was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAME", help=", ".join(NAMES))
    names = tuple(parser.parse_args().names) or NAMES
    rows, texts, start = {}, {}, time.perf_counter()
    for name in names:
        begin = time.perf_counter()
        rows[name], texts[name] = apart(name)
        print(f"{name}: {duration(time.perf_counter() - begin)}", flush=True)
    console = Console()
    (console if console.width >= 120 else Console(width=180)).print(terminal_table(table(rows)))
    if names == NAMES and not os.environ.get("DATA"):
        _PAGE.write_text(page(rows, texts, seconds=time.perf_counter() - start), encoding="utf-8")
        print(f"Wrote {_PAGE}")


if __name__ == "__main__":
    main()
