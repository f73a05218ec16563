"""Accessibility of a page in the browser, by axe-core."""

import json
from typing import Any

import pytest

_OF_COLOURS = ["color-contrast", "link-in-text-block"]
"""Rules of axe-core that look at colours, of those that it applies by itself."""


def serious(page: Any, *, colours_alone: bool = False) -> list[list[str]]:
    """Serious findings of axe-core on a page as it is now: the rule, and the first element that breaks it.

    Args:
        page: of Playwright.
        colours_alone: only by the rules of colours, where the page was examined before and has changed its theme.
    """
    axe = pytest.importorskip("axe_core_python.base", reason="axe-core is not installed: .[test] has it")
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(axe.AXE_SCRIPT)
    # Nobody reads what was passed, which takes axe-core most of its time to describe.
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if colours_alone:
        options["runOnly"] = {"type": "rule", "values": _OF_COLOURS}
    found: list[list[str]] = page.evaluate(
        f"""axe.run({json.dumps(options)}).then(({{ violations }}) => violations
            .filter(({{ impact }}) => ["serious", "critical"].includes(impact))
            .map(({{ id, nodes }}) => [id, nodes[0].html]))"""
    )
    return found
