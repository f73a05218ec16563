"""Texts of a page that stay in English where its language is another one."""

import re
from typing import Any

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
)
"""Names, files and addresses, which every language has as they are."""


def texts_of(page: Any) -> set[str]:
    """Every text of a page, with spaces as one."""
    return {" ".join(text.split()) for text in page.evaluate(_TEXTS)}


def english_left(texts: set[str], english: set[str]) -> list[str]:
    """Texts that are the same in English, but for names, numbers and files."""
    return sorted(text for text in texts & english if _WORD.search(_ANYWHERE.sub("", text)))
