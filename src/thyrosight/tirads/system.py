"""Parts of a TI-RADS system: its categories, and the rule that assigns one to a fully described nodule."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from thyrosight.tirads.lexicon import Composition, Description, Echogenicity, Focus, Term

Action = Literal["FNA", "FNA optional", "follow-up", "none"]
ACTIONS: Final[tuple[Action, ...]] = ("none", "follow-up", "FNA optional", "FNA")

_NO_CATEGORIES: Final[tuple[str, ...]] = ()


@dataclass(frozen=True)
class SizeRule:
    """The largest diameter from which a category calls for an action.

    Attributes:
        millimetres: the limit.
        above: True where the source writes ">" (the limit itself is not enough), False where it writes ">=".
    """

    millimetres: float
    above: bool = False

    def holds(self, size_mm: float) -> bool:
        """Whether a nodule of this size calls for the action.

        >>> SizeRule(10).holds(10), SizeRule(10, above=True).holds(10)
        (True, False)
        """
        return size_mm > self.millimetres if self.above else size_mm >= self.millimetres

    def __str__(self) -> str:
        return f"{'>' if self.above else '≥'} {self.millimetres:g} mm"


@dataclass(frozen=True)
class Category:
    """One category of a system.

    Attributes:
        name: as it is written, for example "TR4" or "4a".
        title: its name in the source.
        risk: risk of malignancy as the source states it, in per cent, as text; "" where it states none.
        fna, optional_fna, follow_up: sizes from which fine-needle aspiration, aspiration at the physician's choice, or
            ultrasound follow-up is recommended; None if it is not.
        advice: further advice of the source, for example intervals of follow-up.
        stated: False where the source gives no recommendation by size for this category.
    """

    name: str
    title: str
    risk: str = ""
    fna: SizeRule | None = None
    optional_fna: SizeRule | None = None
    follow_up: SizeRule | None = None
    advice: str = ""
    stated: bool = True

    def action(self, size_mm: float) -> Action | None:
        """The action that the source recommends for a nodule of this size; None where it states none."""
        if not self.stated:
            return None
        if self.fna and self.fna.holds(size_mm):
            return "FNA"
        if self.optional_fna and self.optional_fna.holds(size_mm):
            return "FNA optional"
        return "follow-up" if self.follow_up and self.follow_up.holds(size_mm) else "none"


@dataclass(frozen=True)
class Verdict:
    """The outcome of a rule for one full description.

    Attributes:
        categories: one name; two where the source's text fits both; none where it covers no such nodule.
        points: the sum, in systems that count points.
        reason: why the number of categories is not one.
    """

    categories: tuple[str, ...]
    points: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Points:
    """A rule that adds points.

    The margin counts with the higher of its own points and those of extrathyroidal extension, because the sources list
    extension as one of the margins.

    Attributes:
        points: of each term; terms that are absent count 0.
        levels: (lowest sum, highest sum, categories) without gaps.
        no_further_points: compositions for which no other feature counts.
        every_focus: whether the points of several foci are added; else the highest counts.
        undecided: why a sum stands for two categories.
    """

    points: Mapping[Term, int]
    levels: tuple[tuple[int, int, tuple[str, ...]], ...]
    no_further_points: frozenset[Composition] = frozenset()
    every_focus: bool = True
    undecided: str = ""

    def sum(self, nodule: Description) -> int:
        """The points of a nodule."""
        worth = self.points.get
        total = worth(nodule.composition, 0)
        if nodule.composition in self.no_further_points:
            return total
        foci = [worth(item, 0) for item in nodule.foci] or [0]
        total += worth(nodule.echogenicity, 0) + worth(nodule.shape, 0)
        total += sum(foci) if self.every_focus else max(foci)
        return total + max(worth(nodule.margin, 0), worth(nodule.extension, 0))

    def verdict(self, nodule: Description) -> Verdict:
        """The category of a nodule."""
        total = self.sum(nodule)
        for low, high, categories in self.levels:
            if low <= total <= high:
                return Verdict(categories, total, self.undecided if len(categories) > 1 else "")
        raise AssertionError(f"no level for {total} points")


@dataclass(frozen=True)
class Pattern:
    """One pattern of a system that describes nodules as a whole.

    Attributes:
        categories: one name, or two between which the source's text does not decide.
        composition, echogenicity: the terms it covers; empty means all.
        suspicious: True: a nodule must show one of the system's suspicious terms; False: none; None: either.
        focus: a focus that the nodule must show.
        reason: why two categories fit.
    """

    categories: tuple[str, ...]
    composition: frozenset[Composition] = frozenset()
    echogenicity: frozenset[Echogenicity] = frozenset()
    suspicious: bool | None = None
    focus: Focus | None = None
    reason: str = ""

    def fits(self, nodule: Description, *, suspicious: bool) -> bool:
        """Whether the pattern describes the nodule."""
        return (
            (not self.composition or nodule.composition in self.composition)
            and (not self.echogenicity or nodule.echogenicity in self.echogenicity)
            and (self.suspicious is None or self.suspicious == suspicious)
            and (self.focus is None or self.focus in nodule.foci)
        )


@dataclass(frozen=True)
class Patterns:
    """A rule that goes through patterns in order; the first that fits counts.

    Attributes:
        suspicious: the terms that the system calls suspicious (or highly suspicious).
        patterns: in the order in which they are tried.
        undefined: the reason given for nodules that no pattern describes.
    """

    suspicious: frozenset[Term]
    patterns: tuple[Pattern, ...]
    undefined: str = "no pattern of the source describes this combination"

    def verdict(self, nodule: Description) -> Verdict:
        """The category of a nodule."""
        suspicious = bool(self.suspicious & nodule.terms())
        for pattern in self.patterns:
            if pattern.fits(nodule, suspicious=suspicious):
                return Verdict(pattern.categories, reason=pattern.reason)
        return Verdict(_NO_CATEGORIES, reason=self.undefined)


@dataclass(frozen=True, eq=False)
class System:
    """A risk stratification system as a data table.

    Attributes:
        key: short name, as on the command line.
        title: full name.
        source: citation of the publication that was encoded.
        checked: evidence for the encoding (published tables as remembered, secondary sources, worked examples).
        readings: how this encoding settles points that the source leaves open; shown in the documentation.
        categories: from least to most suspicious.
        rule: assigns a category to a described nodule.
        aliases: other names accepted.
    """

    key: str
    title: str
    source: str
    checked: str
    readings: tuple[str, ...]
    categories: tuple[Category, ...]
    rule: Points | Patterns
    aliases: tuple[str, ...] = ()

    def category(self, name: str) -> Category:
        """The category of that name."""
        return next(item for item in self.categories if item.name == name)

    def rank(self, name: str) -> int:
        """Place of a category among the system's categories, 1 for the least suspicious."""
        return [item.name for item in self.categories].index(name) + 1
