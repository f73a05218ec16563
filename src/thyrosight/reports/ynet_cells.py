"""Cells of the tables of a study of outlines and classes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from thyrosight.reports.figures import p_text
from thyrosight.reports.tables import DASH, UNDEFINED, Cell

if TYPE_CHECKING:
    from thyrosight.studies.ynet.result import Spread, TaskResult

PER_CENT = ("sensitivity", "specificity", "accuracy", "ppv", "npv")
"""Measures of Table 3 that are printed in per cent."""


def name_of(network: "TaskResult") -> Cell:
    """A network's name, with its encoder and its task below."""
    name, _, task = network.title.partition(", ")
    name, _, encoder = name.partition(" on ")
    return Cell(name, [f"on {encoder}", task] if encoder else [task])


def measure_cell(item: Any, name: str) -> Cell:
    """A measure with its interval and, for means, the standard deviation over divisions."""
    if item is None or item.value is None:
        return Cell(UNDEFINED)
    factor, digits = (100, 1) if name in PER_CENT else (1, 3 if name == "auc" else 2)
    below = [limits(item, factor=factor, digits=digits)]
    if name.endswith("likelihood_ratio") and item.low is not None and item.high is None:
        below = [f"above {item.low:.{digits}f}"]  # infinite in too many replicates: no upper limit
    between = getattr(item, "spread", None)
    if between is not None:
        below.append(f"± {factor * between:.{digits}f}")
    return Cell(f"{factor * item.value:.{digits}f}", [text for text in below if text])


def limits(item: Any, *, factor: float = 1, digits: int = 3) -> str:
    """The limits of an interval; empty where they say nothing."""
    # Limits that are alike say that nothing varied, as with no error at all, and not that all is certain.
    if item.low is None or item.high is None or item.low == item.high:
        return ""
    return f"{factor * item.low:.{digits}f}{DASH}{factor * item.high:.{digits}f}"


def quartiles(found: "Spread", *, digits: int) -> str:
    """First to third quartile."""
    if found.quartile_1 is None or found.quartile_3 is None:
        return DASH
    return f"{found.quartile_1:.{digits}f}{DASH}{found.quartile_3:.{digits}f}"


def number(value: float | None) -> str:
    """Three digits."""
    return UNDEFINED if value is None else f"{value:.3f}"


def p_words(value: float | None) -> str:
    """A P value after the letter P."""
    text = p_text(value)
    return text if text.startswith("<") else f"= {text}"


def rows_of(networks: "Sequence[TaskResult]", *, task: str) -> "list[TaskResult]":
    """The networks that learn a task."""
    return [network for network in networks if (network.classes if task == "classes" else network.outlines)]
