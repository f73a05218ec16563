"""Options for splitting frames with elastograms."""

from pydantic import BaseModel, ConfigDict

from thyrosight.imaging.elastography import BarTop, StiffnessRange, Style


class SplitPanelsOptions(BaseModel):
    """Options for splitting frames and reading their colours; the defaults are for frames with a colour bar.

    Attributes:
        style: shear-wave or strain; None if it is not known.
        colour_map: a name of `thyrosight.imaging.elastography.COLOUR_MAPS`; None reads the bar in each frame.
        stiffness_range: values at the ends of the bar, the same in all frames; None gives shares of the bar.
        bar_top: the end of the bar that is at the top.
        alone: also keep elastograms without a B-mode panel (as rows that are left out).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    style: Style | None = None
    colour_map: str | None = None
    stiffness_range: StiffnessRange | None = None
    bar_top: BarTop = "stiff"
    alone: bool = False
