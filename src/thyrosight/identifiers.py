"""Names of patients and nodules in tables: those that name nobody, and those that differ only in how they are written.

A cell such as `NA`, `None` or `-` is no patient, however often it stands in a table. `1`, `01`, `1.0` and ` 1` are in
all likelihood one patient whose number passed through a spreadsheet, and so are `pt-a` and `PT_A`.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal, get_args

Policy = Literal["merge", "keep", "refuse"]
POLICIES: Final[tuple[Policy, ...]] = get_args(Policy)
"""Policy for names that differ only in form: one patient, patients of their own, or an error."""

_WORDS: Final = """
na n/a n.a. n.a n\\a nan <na> nat null (null) nil none #n/a #na #nv #null! #div/0! #value! #wert! #ref! #name? #num!
unknown unkn unk undefined missing anonymous anonymized anonymised anon tbd tba tbc notavailable notknown
notapplicable noid nopatient nopatientid notrecorded notgiven void empty blank
unbekannt unbek unbek. k.a. k.a ka keineangabe ohne keine anonym anonymisiert fehlt entfällt nichtbekannt
desconocido desconocida desc. n/c sindato sindatos s/d s.d. sd nd n.d. n/d anónimo anonimo anónima anonima ninguno
ninguna noconsta noaplica inconnu
未知 不详 不明 无 无名 匿名 缺失 未填 空 未知患者 无编号
"""
_NOBODY: Final = frozenset(_WORDS.split())
_SIGNS: Final = re.compile(r"[\W_]*")
_SAME: Final = re.compile(r"(x|\?|\*|#)\1*|x{2,}", re.IGNORECASE)
_RUNS: Final = re.compile(r"[\s\-_/.]+")
_DIGITS: Final = re.compile(r"\d+")
_DECIMAL: Final = re.compile(r"(\d+)[.,]0+")


def names_nobody(cell: str) -> bool:
    """Whether a cell in a column of names holds none: empty, a sign, or a word for that in four languages.

    >>> [names_nobody(cell) for cell in ("NA", " None ", "-", "???", "k. A.", "不详", "Nadia", "0", "X1")]
    [True, True, True, True, True, True, False, False, False]
    """
    return _names_nobody(cell)


@lru_cache(maxsize=1 << 16)  # the same few cells stand in thousands of rows
def _names_nobody(cell: str) -> bool:
    plain = unicodedata.normalize("NFKC", cell).strip().casefold()
    if _SIGNS.fullmatch(plain) or _SAME.fullmatch(plain):
        return True
    joined = _RUNS.sub("", plain)
    return plain in _NOBODY or "".join(plain.split()) in _NOBODY or (len(joined) > 4 and joined in _NOBODY)


def plain_form(name: str) -> str:
    """Form without case, blanks, leading zeros, `.0` and the sign between parts: alike for names that differ in these.

    >>> {plain_form(name) for name in ("1", "01", " 1", "1.0")}, {plain_form(name) for name in ("pt-a", "PT_A", "Pt a")}
    ({'1'}, {'pt-a'})
    >>> plain_form("1.1") == plain_form("1.10"), plain_form("1-1") == plain_form("11"), plain_form("1E5")
    (False, False, '1e5')
    """
    plain = unicodedata.normalize("NFKC", name).strip().casefold()
    if (decimal := _DECIMAL.fullmatch(plain)) is not None:
        plain = decimal[1]
    parts = [part for part in _RUNS.split(plain) if part]
    return "-".join(_DIGITS.sub(lambda digits: digits[0].lstrip("0") or "0", part) for part in parts) or plain


@dataclass(frozen=True)
class Names:
    """Findings in a column of names.

    Attributes:
        nobody: words that name nobody, and in how many cells each stands.
        alike: groups of names that differ only in form, most frequent name first.
        policy: what becomes of these.
        one_of: for each name that becomes another one that other.
    """

    nobody: Mapping[str, int] = field(default_factory=dict)
    alike: tuple[tuple[str, ...], ...] = ()
    policy: Policy = "merge"
    one_of: Mapping[str, str] = field(default_factory=dict)

    def of(self, cell: str) -> str:
        """The name in a cell; empty where it names nobody."""
        return "" if cell in self.nobody else self.one_of.get(cell, cell)

    def notes(self, column: str, *, what: str = "patient", option: str = "patients") -> tuple[str, ...]:
        """Sentences that must go with every result.

        Args:
            column: whose names these are.
            what: one of them is.
            option: by which the policy is chosen.
        """
        said = []
        if self.nobody:
            words = ", ".join(sorted(self.nobody, key=str.casefold)[:8])
            names = "names" if len(self.nobody) == 1 else "name"
            said.append(f"{column}: {words} {names} no {what}; taken as unknown, in {sum(self.nobody.values())} rows.")
        if self.alike:
            some = "; ".join(" = ".join(_shown(name) for name in group[:6]) for group in self.alike[:5])
            more = f"; and {len(self.alike) - 5} more" if len(self.alike) > 5 else ""
            count = sum(map(len, self.alike))
            merged = self.policy == "merge"
            taken = f"{len(self.alike) if merged else count} ({option}: {self.policy}; choose"
            other = f"keep if they are different {what}s)" if merged else f"merge if they are the same {what}s)"
            said.append(
                f"{column}: {count} names of {what}s differ only in how they are written and were taken as {taken}"
                f" {other}: {some}{more}."
            )
        return tuple(said)


def _shown(name: str) -> str:
    return repr(name) if name != name.strip() else name


def names_in(cells: Iterable[str], *, policy: Policy = "merge") -> Names:
    """Look for names of nobody, and for names that differ only in form.

    >>> found = names_in(["1", "01", "1", "2", "NA", ""])
    >>> [found.of(cell) for cell in ("01", "2", "NA")], found.alike
    (['1', '2', ''], (('1', '01'),))
    """
    counts = Counter(cells)
    nobody = {cell: count for cell, count in counts.items() if cell.strip() and names_nobody(cell)}
    forms: dict[str, list[str]] = {}
    for cell in counts:
        if cell.strip() and cell not in nobody:
            forms.setdefault(plain_form(cell), []).append(cell)
    groups = [sorted(names, key=lambda name: (-counts[name], name)) for names in forms.values()]
    alike = tuple(tuple(group) for group in groups if len(group) > 1)
    one_of = {name: group[0] for group in alike for name in group[1:]} if policy == "merge" else {}
    return Names(nobody, alike, policy, one_of)
