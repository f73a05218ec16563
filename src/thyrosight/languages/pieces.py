"""How finished text was put together from pieces, and which pieces no language changes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_SENTENCE: Final = re.compile(r"(?<=[.?!。？！]) +(?=[A-Z0-9±Δ“(¿¡])")
_NUMBERED: Final = re.compile(r"\b(?:Table|Figure|Supplement|et al|vs|No)(?: \d+[a-z]?)?\.$")
"""Words whose full stop ends no sentence."""
_NAME: Final = re.compile(
    r"`[^`]*`"  # code
    r"|\{(?:table|figure):[^}]*\}"  # a mark of a manuscript
    r"|--[a-z-]+"  # an option of the command line
    r"|[\w.-]*[/\\@][\w./\\@-]*"  # a path, or a version behind a name
    r"|[\w.-]*_[\w.-]*"  # a name in a file
    r"|[A-Z](?:-[A-Z][A-Za-z]*)?"  # a single letter, and names such as U-Net
    r"|[\w.-]+\.(?:csv|json|yaml|npz|html|png|jpg)"  # a file
    r"|[a-z]+\.[a-z_.]+"  # a field of a recipe
    r"|(?=\S*\d)[A-Za-z0-9.+:<>=\u00d7-]+"  # what holds a digit
    r"|[A-Z]*[A-Z][A-Z]+[A-Za-z]*(?:-[A-Za-z0-9]+)*"  # capitals, as in AUC
    r"|[A-Z][a-z]+[A-Z]\w*(?:-\w+)*"  # capitals within, as in GoogLeNet
)
"""One word that stays as it is."""
_VERSION: Final = re.compile(r"[\w-]+ \d+\.\d+\.\S+")
"""A package with its version."""
_TRANSLATED: Final = frozenset(("CI", "NPV", "PPV"))
"""Capitals that each language writes in its own way."""
_CODE: Final = re.compile("`[^`]*`")
_QUOTED: Final = re.compile(r"“[^”]*”(?: “[^”]*”)*|“[^”]*” \(\d+\)(?:, “[^”]*” \(\d+\))*|'[^']+'(?:, '[^']+')*")
"""The words of somebody else."""
_UNITS: Final = frozenset(("mm", "cm", "px", "kPa", "min", "s", "h", "ms", "GB", "MB", "x", "χ²", "P", "F", "n"))


@dataclass(frozen=True)
class Joined:
    """Pieces and what stood between them; `last` stood behind the last one."""

    parts: tuple[str, ...]
    joints: tuple[str, ...]
    last: str = ""

    def together(self, parts: Sequence[str], language: str) -> str:
        """The pieces, in their language, joined as it joins them."""
        said = parts[0]
        for joint, part in zip(self.joints, parts[1:], strict=True):
            foreign = joint == "sentence" and said.endswith((".", "?", "!"))  # somebody's own words
            said += (" " if foreign else _JOINTS[joint][language]) + part
        return said + (_JOINTS[self.last][language] if self.last else "")


_JOINTS: Final[dict[str, dict[str, str]]] = {
    "sentence": {"zh": "", "es": " "},
    "line": {"zh": "\n", "es": "\n"},
    "clause": {"zh": "；", "es": "; "},
    "colon": {"zh": "：", "es": ": "},
    "open": {"zh": "（", "es": " ("},
    "close": {"zh": "）", "es": ")"},
    "stop": {"zh": "。", "es": "."},
    "comma": {"zh": "，", "es": ", "},
    "listed": {"zh": "、", "es": ", "},
    "and": {"zh": "和", "es": " y "},
    "or": {"zh": "或", "es": " o "},
}
"""Signs between two pieces, or behind the last one."""


def taken_apart(text: str, *, sentences: bool) -> Iterator[Joined]:
    """Ways in which a text may have been joined: lines and sentences, or clauses, brackets and lists.

    >>> [found.parts for found in taken_apart("One. Two.", sentences=True)]
    [('One.', 'Two.')]
    >>> [found.parts for found in taken_apart("a, b and c", sentences=False)]
    [('a', 'b', 'c'), ('a', 'b and c')]
    """
    if sentences:
        for name, parts in (("line", text.split("\n")), ("sentence", _sentences(text))):
            if len(parts) > 1:
                yield Joined(tuple(parts), (name,) * (len(parts) - 1))
                return
        return
    if text.endswith(".") and len(text) > 1:
        yield Joined((text[:-1],), (), "stop")
    clauses = _split(text, "; ")
    if len(clauses) > 1:
        yield Joined(tuple(clauses), ("clause",) * (len(clauses) - 1))
    commas, heads = _split(text, ", "), _split(text, ": ")
    listed = [Joined(tuple(commas), ("comma",) * (len(commas) - 1))] if len(commas) > 1 else []
    if len(heads) > 2:  # a list of named things
        yield from listed
    if len(heads) > 1:
        yield Joined((heads[0], ": ".join(heads[1:])), ("colon",))
    yield from _bracketed(text)
    yield from _listed(text, commas)
    yield from listed


def _sentences(text: str) -> list[str]:
    """The sentences of a text."""
    found, start = [], 0
    for between in _SENTENCE.finditer(text):
        if balanced(text[start : between.start()]) and not _NUMBERED.search(text[start : between.start()]):
            found.append(text[start : between.start()])
            start = between.end()
    return [*found, text[start:]]


def _bracketed(text: str) -> Iterator[Joined]:
    """Split a text into the part before a bracket at its end, and the part within it."""
    if not text.endswith(")"):
        return
    depth = 0
    for place in range(len(text) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(text[place], 0)
        if depth == 0:
            if place > 1 and text[place - 1] == " ":
                yield Joined((text[: place - 1], text[place + 1 : -1]), ("open",), "close")
            return


def _listed(text: str, commas: Sequence[str]) -> Iterator[Joined]:
    """The members of a list: "a, b and c", or "a and b and c"."""
    for word in ("and", "or"):
        members = _split(text, f" {word} ")
        last = _split(commas[-1], f" {word} ")
        if len(commas) == 1 and len(members) > 1:
            yield Joined(tuple(members), (word,) * (len(members) - 1))
        elif len(members) == 2 and len(last) == 2:
            yield Joined((*commas[:-1], *last), (*["listed"] * (len(commas) - 1), word))


_DEPTH: Final = {"(": 1, ")": -1, "“": 1, "”": -1}
_PAIRED: Final = frozenset(_DEPTH)
_BRACKET: Final = re.compile("[()]")


def _split(text: str, mark: str) -> list[str]:
    """Pieces between marks that stand outside of brackets and quotations."""
    if mark not in text:
        return [text]
    if _PAIRED.isdisjoint(text):
        return text.split(mark)
    pieces, depth, start = [], 0, 0
    for place, character in enumerate(text):
        depth += _DEPTH.get(character, 0)
        if depth == 0 and text.startswith(mark, place):
            pieces.append(text[start:place])
            start = place + len(mark)
    return [*pieces, text[start:]]


def balanced(text: str) -> bool:
    """Whether each bracket and each quotation of a piece is opened and closed within it.

    >>> balanced("0.7 (95 % CI, 0.6 to 0.8)"), balanced("95 % CI, 0.6 to 0.8) (Table 2")
    (True, False)
    """
    if text.count("(") != text.count(")") or text.count("“") != text.count("”"):
        return False
    depth = 0
    for character in _BRACKET.findall(text):
        depth += _DEPTH[character]
        if depth < 0:
            return False
    return True


def whole(text: str, *, marks: Sequence[str]) -> bool:
    """Whether a piece holds none of the marks outside of brackets."""
    return all(len(_split(text, mark)) == 1 for mark in marks)


def is_name(text: str) -> bool:
    """Whether every language writes a piece as it is: numbers with units, names of networks, files, code, quotations.

    >>> is_name("ResNet-18"), is_name("AUC 0.81"), is_name("tables/trials.csv"), is_name("12 mm"), is_name("nodule")
    (True, True, True, True, False)
    >>> is_name("made by `thyrosight demo`"), is_name("`thyrosight demo`")
    (False, True)
    >>> is_name("“How likely is it?” “Say so.”"), is_name("“benign” (75), “malignant” (67)")
    (True, True)
    """
    if _VERSION.fullmatch(text) or _QUOTED.fullmatch(text):
        return True
    words = [word.strip(",;:()[]“”%") for word in _CODE.sub("`code`", text).split()]
    return _TRANSLATED.isdisjoint(words) and all(
        not any(c.isalpha() for c in word) or word in _UNITS or bool(_NAME.fullmatch(word)) for word in words
    )
