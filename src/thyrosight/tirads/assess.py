"""The category of a nodule under a system: one, or a range where features are unknown."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from thyrosight.tirads.lexicon import FEATURE_NAMES, Nodule
from thyrosight.tirads.system import ACTIONS, Action, Category, System, Verdict
from thyrosight.tirads.systems import find_system

RESEARCH_USE = "For research use only, not for diagnosis."


@dataclass(frozen=True)
class CategoryResult:
    """The category of one nodule under one system.

    Attributes:
        system, title: key and full name of the system.
        lowest, highest: the least and the most suspicious category among the descriptions that fit what is known;
            both None where the system classifies none of them.
        categories: the categories of all descriptions that fit, from least to most suspicious.
        lowest_rank, highest_rank: places of the lowest and highest in the system's scale, 1 for the least suspicious.
        lowest_points, highest_points: the sums, for systems that count; else None.
        unclassifiable: how many of the `descriptions` that fit have no category in the source.
        not_exactly_known: names of the features that are unknown or known only roughly.
        size_mm: as given.
        action: "FNA", "FNA optional", "follow-up" or "none"; None where the possible categories lead to different ones.
        actions: all possible actions; empty where the size is unknown or the source gives no advice by size.
        risk: risk of malignancy in per cent as the source states it, from the lowest to the highest category.
        notes: remarks for the reader of the result.
    """

    system: str
    title: str
    lowest: str | None
    highest: str | None
    categories: tuple[str, ...]
    lowest_rank: int | None
    highest_rank: int | None
    lowest_points: int | None
    highest_points: int | None
    unclassifiable: int
    descriptions: int
    not_exactly_known: tuple[str, ...]
    size_mm: float | None
    action: Action | None
    actions: tuple[Action, ...]
    risk: str
    notes: tuple[str, ...]

    @property
    def category(self) -> str | None:
        """The category if it is certain: every description that fits has it. None otherwise."""
        return self.lowest if self.lowest == self.highest and not self.unclassifiable else None

    @property
    def points(self) -> int | None:
        """The points if they are certain, else None."""
        return self.lowest_points if self.lowest_points == self.highest_points else None

    def text(self) -> str:
        """The category or its range in words.

        >>> assess("acr", Nodule()).text()
        'TR1 to TR5'
        """
        if self.lowest is None:
            return "not classifiable"
        whole = self.highest_rank == (self.lowest_rank or 0) + len(self.categories) - 1
        joined = f"{self.lowest} to {self.highest}" if whole else " or ".join(self.categories)
        span = self.lowest if len(self.categories) == 1 else joined
        return f"{span} or not classifiable" if self.unclassifiable else span

    def recommendation(self) -> str:
        """The advice in words."""
        if self.lowest is None:
            return "none stated: not classifiable"
        if self.size_mm is None:
            return "depends on the size, which is unknown"
        if not self.actions:
            return "the source gives no advice by size"
        return " or ".join(_ACTION_WORDS[action] for action in self.actions)

    def as_dict(self) -> dict[str, Any]:
        """A JSON-able record of the result."""
        return {
            "system": self.system,
            "category": self.category,
            "text": self.text(),
            "lowest": self.lowest,
            "highest": self.highest,
            "categories": list(self.categories),
            "lowest_points": self.lowest_points,
            "highest_points": self.highest_points,
            "risk_percent": self.risk or None,
            "size_mm": self.size_mm,
            "action": self.action,
            "recommendation": self.recommendation(),
            "not_exactly_known": list(self.not_exactly_known),
            "unclassifiable_descriptions": self.unclassifiable,
            "fitting_descriptions": self.descriptions,
            "notes": list(self.notes),
            "research_use": RESEARCH_USE,
        }


_ACTION_WORDS = {
    "FNA": "fine-needle aspiration",
    "FNA optional": "fine-needle aspiration optional",
    "follow-up": "ultrasound follow-up",
    "none": "no aspiration and no follow-up",
}


def assess(system: str | System, nodule: Nodule) -> CategoryResult:
    """Give the category of a nodule under a system, with advice and the risk that the source states.

    Where features are unknown or known only roughly, every full description that fits is classified. The result runs
    from the lowest to the highest category found. Nothing is assumed for an unknown feature.

    Args:
        system: a key or alias (`systems()` lists them), or a system.
        nodule: what is known, for example from `read_nodule`.

    Raises:
        TiradsError: there is no such system.

    >>> from thyrosight.tirads import read_nodule
    >>> nodule = read_nodule({"composition": "solid", "echogenicity": "hypoechoic", "margin": "smooth",
    ...                       "calcification": "none", "shape": "wider than tall", "size_mm": "16"})
    >>> result = assess("acr", nodule)
    >>> result.category, result.points, result.action
    ('TR4', 4, 'FNA')
    """
    found = find_system(system) if isinstance(system, str) else system
    span = _span(found, nodule.without_size())
    reached = [found.categories[place] for place in span.places]
    actions = _actions(reached, nodule.size_mm)
    return CategoryResult(
        system=found.key,
        title=found.title,
        lowest=reached[0].name if reached else None,
        highest=reached[-1].name if reached else None,
        categories=tuple(category.name for category in reached),
        lowest_rank=span.places[0] + 1 if reached else None,
        highest_rank=span.places[-1] + 1 if reached else None,
        lowest_points=span.lowest_points,
        highest_points=span.highest_points,
        unclassifiable=span.unclassifiable,
        descriptions=span.descriptions,
        not_exactly_known=tuple(FEATURE_NAMES[name] for name in nodule.not_exactly_known()),
        size_mm=nodule.size_mm,
        action=actions[0] if len(actions) == 1 and not span.unclassifiable else None,
        actions=actions,
        risk=_risk(reached),
        notes=_notes(reached, span, nodule, actions),
    )


@dataclass(frozen=True)
class _Span:
    """Categories (as indices) and points of all descriptions that fit a nodule, and why there are several."""

    places: tuple[int, ...]
    lowest_points: int | None
    highest_points: int | None
    unclassifiable: int
    descriptions: int
    reason: str


@lru_cache(maxsize=16384)
def _span(system: System, nodule: Nodule) -> _Span:
    verdicts = [system.rule.verdict(description) for description in nodule.completions()]
    order = {category.name: index for index, category in enumerate(system.categories)}
    places = sorted({order[name] for verdict in verdicts for name in verdict.categories})
    points = sorted({verdict.points for verdict in verdicts if verdict.points is not None})
    return _Span(
        places=tuple(places),
        lowest_points=points[0] if points else None,
        highest_points=points[-1] if points else None,
        unclassifiable=sum(not verdict.categories for verdict in verdicts),
        descriptions=len(verdicts),
        reason=_shared_reason(verdicts),
    )


def _shared_reason(verdicts: list[Verdict]) -> str:
    """Why the category would stay open if all features were known; "" if unknown features alone keep it open."""
    reasons = {verdict.reason for verdict in verdicts}
    return reasons.pop() if len(reasons) == 1 else ""


def _actions(reached: Sequence[Category], size_mm: float | None) -> tuple[Action, ...]:
    if size_mm is None:
        return ()
    found = {category.action(size_mm) for category in reached}
    return () if None in found else tuple(action for action in ACTIONS if action in found)


def _risk(reached: Sequence[Category]) -> str:
    stated = [category.risk for category in reached if category.risk]
    if len(stated) < 2:
        return "".join(stated)
    return f"{stated[0]} ({reached[0].name}) to {stated[-1]} ({reached[-1].name})"


def _notes(reached: Sequence[Category], span: _Span, nodule: Nodule, actions: tuple[Action, ...]) -> tuple[str, ...]:
    notes = [span.reason] if span.reason else []
    if 0 < span.unclassifiable < span.descriptions:
        notes.append(f"{span.unclassifiable} of {span.descriptions} fitting descriptions are not classifiable")
    if nodule.contradicts_itself():
        notes.append("the description contradicts itself: anechoic is the word for cystic nodules, and for them alone")
    if len(reached) == 1 and reached[0].advice and {"follow-up", "FNA optional"} & set(actions):
        notes.append(reached[0].advice)
    return tuple(notes)
