"""Options of a simulated elastography cohort: effects of B-mode and stiffness, variety of elastograms."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, Final

from thyrosight.errors import OutputError
from thyrosight.phantoms.elastography.machines import MACHINES, Machine
from thyrosight.phantoms.elastography.malignancy import MalignancyModel


@dataclass(frozen=True)
class ElastographyOptions:
    """Options of a cohort of B-mode with elastograms.

    Attributes:
        b_mode_strength: effect of B-mode on malignancy, as a multiple of `thyrosight.phantoms.EFFECTS`; 0 for none.
        stiffness_separation: effect of stiffness: standard deviations between the classes; 0 for none.
        prevalence: share of malignant nodules; by default that of the paper's images, 617 of 1156.
        all_machines: machines of every style, colour table and screen, not one shear-wave machine as in the paper.
        nuisance: strength of noise, artefacts and holes of the elastograms, from 0 to 1.
        opacity: opacity of the colours from 0.2 to 1; None is the machine's own.
        jpeg_share: share of the screens that are stored as JPEG.
        easy: nodules whose B-mode differs in echogenicity alone, all of medium size, on one layout and scale.
        one_image_each: one image of each nodule instead of two to ten of each patient: more patients for the same
            number of images.

    Raises:
        OutputError: a number is out of its range.
    """

    b_mode_strength: float = 0.45
    stiffness_separation: float = 1.25
    prevalence: float = round(617 / 1156, 4)
    all_machines: bool = False
    nuisance: float = 1.0
    opacity: float | None = None
    jpeg_share: float = 0.0
    easy: bool = False
    one_image_each: bool = False

    def __post_init__(self) -> None:
        limits = {
            "b_mode_strength": (0, 3), "stiffness_separation": (0, 5), "prevalence": (0.01, 0.99), "nuisance": (0, 1),
            "opacity": (0.2, 1), "jpeg_share": (0, 1),
        }  # fmt: skip
        for name, (least, most) in limits.items():
            value = getattr(self, name)
            if value is not None and not least <= value <= most:
                raise OutputError(f"{name} of an elastography cohort should be {least} to {most}, got {value}.")

    @cached_property
    def model(self) -> MalignancyModel:
        """The effects of features and stiffness on malignancy."""
        return MalignancyModel(self.b_mode_strength, self.stiffness_separation, self.prevalence, self.easy)

    @property
    def machines(self) -> tuple[Machine, ...]:
        """The machines that patients are examined with."""
        return MACHINES if self.all_machines else MACHINES[:1]

    def as_dict(self) -> dict[str, Any]:
        """All options as JSON."""
        return asdict(self)


_EASY: Final = ElastographyOptions(b_mode_strength=1.4, nuisance=0.3, opacity=1.0, easy=True)
LIKE: Final[Mapping[str, ElastographyOptions]] = {
    "elasticity-fusion": ElastographyOptions(),
    "elasticity-fusion-easy": _EASY,
    "elasticity-fusion-patients": replace(_EASY, one_image_each=True),
    "elasticity-fusion-machines": ElastographyOptions(all_machines=True, jpeg_share=0.3),
}
"""Ready-made options: as in the paper; for small networks and few images; the same with one image of each nodule, so
that intervals over patients are narrow; and with machines of every kind."""


def elastography_options_like(name: str) -> ElastographyOptions:
    """Ready-made options by name.

    Raises:
        OutputError: the name is unknown.

    >>> elastography_options_like("elasticity-fusion-easy").easy
    True
    """
    if name not in LIKE:
        raise OutputError(f"There are no elastography phantoms like {name!r}; choose from {', '.join(LIKE)}.")
    return LIKE[name]
