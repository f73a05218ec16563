"""One image of a phantom cohort before it is drawn."""

from dataclasses import dataclass

import numpy as np

from thyrosight.phantoms.features import NoduleFeatures
from thyrosight.phantoms.picture import Scene, Site, draw_scene


@dataclass(frozen=True)
class PhantomImage:
    """One image of a phantom cohort before it is drawn.

    Attributes:
        patient, nodule, number: counted from 1; `number` counts the patient's images.
        features, size_mm: features and size of the nodule; a section may be a little smaller than the nodule.
        label, risk: drawn label and its probability.
        age, sex, site, view: facts of the patient and the section, without effect on the label.
        recorded: further columns of the table with their cells.
    """

    patient: int
    nodule: int
    number: int
    features: NoduleFeatures
    size_mm: float
    label: str
    risk: float
    age: int
    sex: str
    site: Site
    view: str
    recorded: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """Unique name of the image."""
        return f"p{self.patient:05d}_{self.number}"

    def scene(self, seed: int) -> Scene:
        """The section that the image shows."""
        random = np.random.default_rng([seed, self.patient, self.number, 0])
        return draw_scene(random, features=self.features, size_mm=self.size_mm, site=self.site, view=self.view)
