"""Faults of a page in a browser: measured in the page, found by axe-core, and reported by the browser."""

from pathlib import Path
from typing import Any, NamedTuple

from axe_core_python.sync_playwright import Axe

WATCH = """
window.shifts = { sum: 0, what: [] };
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    window.shifts.sum += entry.value;
    for (const own of entry.sources ?? []) {
      const one = own.node?.nodeType === 1 ? own.node : own.node?.parentElement;
      if (one) window.shifts.what.push(`${one.tagName.toLowerCase()}${one.id ? "#" + one.id : "." + one.className}`
        + ` y ${own.previousRect.y}->${own.currentRect.y} x ${own.previousRect.x}->${own.currentRect.x}`);
    }
  }
}).observe({ type: "layout-shift", buffered: true });
"""
"""Sums what moves while a page is built; runs before its own scripts."""
_MEASURE = (Path(__file__).parent / "faults.js").read_text(encoding="utf-8")


class Fault(NamedTuple):
    """A fault of a page: what kind, which element, and where or how much."""

    kind: str
    what: str
    where: str


def faults_of(page: Any, *, axe: bool) -> list[Fault]:
    """Faults of the page as it stands; with `axe` its serious findings too, among them contrast."""
    found = [Fault(*one) for one in page.evaluate(_MEASURE)]
    return [*found, *_axe(page)] if axe else found


def contrast_of(page: Any) -> list[Fault]:
    """Text of the page as it stands that stands out too little from its ground."""
    return _axe(page, runOnly=["color-contrast"])


def _axe(page: Any, **options: Any) -> list[Fault]:
    found = list[Fault]()
    for own in Axe().run(page, options=options or None)["violations"]:
        if own["impact"] in ("serious", "critical"):
            found += [Fault(f"axe {own['id']}", node["html"][:70], "") for node in own["nodes"][:4]]
    return found
