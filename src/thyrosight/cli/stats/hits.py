"""Which lesion a mark hits, by the places of both."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from thyrosight.errors import StatisticsError

if TYPE_CHECKING:
    from thyrosight.cli.stats.table import StatsTable

_SIDES = ("left", "top", "right", "bottom")


@dataclass(frozen=True)
class Rule:
    """Which marks hit a lesion.

    Attributes:
        name: "id" where the marks name the lesion, else "centre", "overlap" or "distance"; None takes "id" where the
            table of marks has a column of lesions, else "centre".
        least_overlap: for "overlap".
        within_mm: for "distance".
        mm_per_pixel: size of a pixel; None where coordinates are in mm.
    """

    name: str | None = None
    least_overlap: float = 0.5
    within_mm: float | None = None
    mm_per_pixel: float | None = None


def lesions_hit(
    table: "StatsTable", lesions: "StatsTable", cases: list[str], of_lesions: dict[str, list[Any]], rule: Rule
) -> tuple[list[str], str]:
    """Return the lesion that each mark hits by its place, "" for none, and the rule in words."""
    from thyrosight.statistics import accepted_lesions

    real = [place for place, name in enumerate(of_lesions["lesion"]) if name]
    lesions.frame = lesions.frame.iloc[real]
    name = rule.name or "centre"
    hit = accepted_lesions(
        cases,
        _places(table),
        [of_lesions["case"][place] for place in real],
        _places(lesions, boxes=True) if real else [],
        rule=name,
        least_overlap=rule.least_overlap,
        within_mm=rule.within_mm,
        mm_per_pixel=rule.mm_per_pixel,
    )
    words = {
        "centre": "a lesion whose box holds the mark's centre",
        "overlap": f"a lesion whose box it overlaps by {rule.least_overlap:g} or more (intersection over union)",
        "distance": f"a lesion whose centre is at most {rule.within_mm} mm away",
    }[name]
    return ["" if row < 0 else of_lesions["lesion"][real[row]] for row in hit.tolist()], words


def _places(table: "StatsTable", *, boxes: bool = False) -> list[list[float]]:
    """Boxes (left, top, right, bottom) or points (x, y) of the rows."""
    columns = list(table.frame.columns)
    if all(side in columns for side in _SIDES):
        return [list(row) for row in zip(*(table.numbers(side) for side in _SIDES), strict=True)]
    if "box" in columns:
        return [_box(table, row, str(text)) for row, text in zip(table.frame.index, table.frame["box"], strict=True)]
    if not boxes and "x" in columns and "y" in columns:
        return [list(row) for row in zip(table.numbers("x"), table.numbers("y"), strict=True)]
    points = "" if boxes else ", or x and y"
    raise StatisticsError(
        f"{table.path} says no places: it needs the columns left, top, right, bottom, or box{points}."
    )


def _box(table: "StatsTable", row: int, text: str) -> list[float]:
    parts = text.replace(";", ",").split(",")
    try:
        sides = [float(part) for part in parts]
    except ValueError:
        sides = []
    if len(sides) != len(_SIDES):
        raise StatisticsError(f"{table.path}, row {row}: 'box' should be left,top,right,bottom, got {text!r}.")
    return sides
