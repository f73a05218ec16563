"""Texts of a page that stay in English where its language is another one."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import thyrosight
from thyrosight.files import sha256_of_bytes

_TEXTS = """() => {
  const found = [];
  const own = (one) => one.closest("[dir=auto], :not(html)[lang=en], code, kbd, script, style, template");
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  let node;
  while ((node = walker.nextNode())) if (!own(node.parentElement)) found.push(node.data);
  for (const name of ["title", "aria-label", "aria-valuetext", "placeholder", "alt"])
    for (const one of document.querySelectorAll(`[${name}]`)) if (!own(one)) found.push(one.getAttribute(name));
  return found;
}"""
"""All that is there, hidden or not; somebody's own words carry `dir=auto`."""
_WORD = re.compile(r"[a-z]{3,}")
_ANYWHERE = re.compile(
    r"ThyroSight|English|Español|(?:https?|dicom|dicoms)://\S+|[\w.-]+\.(?:csv|zip|html|yaml|tar|png|dcm|docx|svg)"
    r"|[0-9a-f]{8,}(?:-[0-9a-f]{4,})*"  # identifiers and hashes
    r"|(?:ACR|EU|K|C)-?TI-?RADS.*|(?:ATA|AACE|BTA|Kwak|Chinese).*|case,truth.*|\w+_\w+"
    r"|^(?:irregular|auditor|Hash|SQLite)$|JPEG Baseline \(Process 1\)"  # words of Spanish too, and names
    r"|^(?:score|biopsy|aided|pathology)$"  # keys and values of tables
)
"""Names, files and addresses, which every language has as they are."""


def texts_of(page: Any) -> set[str]:
    """Every text of a page, with spaces as one."""
    return {" ".join(text.split()) for text in page.evaluate(_TEXTS)}


def english_left(texts: set[str], english: set[str]) -> list[str]:
    """Texts that are the same in English, but for names, numbers and files."""
    return sorted(text for text in texts & english if _WORD.search(_ANYWHERE.sub("", text)))


class English:
    """The English texts of states, kept in a file while the pages are the same."""

    def __init__(self, file: Path) -> None:
        self._file = file
        pages = sorted((Path(thyrosight.__file__).parent / "server").rglob("*.*"))
        self._pages = sha256_of_bytes([one.read_bytes() for one in pages if one.suffix in (".py", ".js", ".html")])
        kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        self._texts: dict[str, list[str]] = kept.get("texts", {}) if kept.get("pages") == self._pages else {}

    def of(self, state: str, look_up: Callable[[], set[str]]) -> set[str]:
        """The texts of a state, looked up where they are not known."""
        if state not in self._texts:
            self._texts[state] = sorted(look_up())
            self._file.write_text(json.dumps({"pages": self._pages, "texts": self._texts}), encoding="utf-8")
        return set(self._texts[state])
