"""Diagrams as data: steps in boxes and what leads from which to which, for networks and ways through a study."""

from typing import Literal

from thyrosight.documents.measure import Frozen


class DiagramStep(Frozen):
    """One box of a diagram.

    Attributes:
        text: what happens there.
        lines: below it in small type, for example the shape of its output.
        after: places of the steps that lead to it, within its panel.
        tone: `plain`; `small` for what only joins or resizes; `end` for input and output; `kept` for what is not
            trained.
        rows: of the map it gives; 0 without one.
    """

    text: str
    lines: tuple[str, ...] = ()
    after: tuple[int, ...] = ()
    tone: Literal["plain", "small", "end", "kept"] = "plain"
    rows: int = 0


class DiagramPanel(Frozen):
    """One diagram with its title; steps stand after those that lead to them.

    Attributes:
        as_u: whether steps whose maps grow again go up on the right, beside maps of their size.
    """

    title: str
    steps: tuple[DiagramStep, ...]
    as_u: bool = False


class Diagram(Frozen):
    """Diagrams side by side and below each other, as they fit; the first one is the main one."""

    kind: Literal["diagram"] = "diagram"
    panels: tuple[DiagramPanel, ...]
