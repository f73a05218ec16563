"""Choices for splitting frames with elastograms."""

from pydantic import BaseModel, ConfigDict

from thyrosight.imaging.elastography import BarTop, StiffnessRange, Style


class SplitPanelsOptions(BaseModel):
    """How frames are split and their colours read; the defaults suit frames that hold their colour bar.

    Attributes:
        style: shear-wave or strain; None where it is not known.
        colour_map: a name of `thyrosight.imaging.elastography.COLOUR_MAPS`; None reads the bar in each frame.
        stiffness_range: values at the ends of the bar, the same in all frames; None gives shares of the bar.
        bar_top: which end of the bar stands above.
        alone: also keep elastograms without a B-mode panel (as rows that are left out).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    style: Style | None = None
    colour_map: str | None = None
    stiffness_range: StiffnessRange | None = None
    bar_top: BarTop = "stiff"
    alone: bool = False
