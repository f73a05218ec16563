"""Simulated patients with lymph nodes: features, risk, label, place and report of each node, before it is drawn."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

import numpy as np

from thyrosight.phantoms.lymph_nodes.features import MALE_SHARE, LymphNodeFeatures, draw_node_features
from thyrosight.phantoms.lymph_nodes.layout import View
from thyrosight.phantoms.lymph_nodes.lymph_node import draw_axes
from thyrosight.phantoms.lymph_nodes.neck_level import draw_place
from thyrosight.phantoms.lymph_nodes.options import LymphNodeOptions
from thyrosight.phantoms.lymph_nodes.reporter import Meant, Reported
from thyrosight.phantoms.lymph_nodes.scene import NODE_SITES, NodeScene, draw_node_scene
from thyrosight.phantoms.picture import Site

_STREAM = 7003  # keeps these draws apart from those of thyroid nodules with the same seed
TWO_NODES_SHARE = 0.27
"""Share of patients with two nodes; Zhao et al. had 3059 nodes of 2398 patients."""


@dataclass(frozen=True)
class LymphNodeImage:
    """One image of a lymph node cohort before it is drawn; each node has one.

    Attributes:
        patient, node: counted from 1; `node` counts the patient's nodes.
        features, axes_mm: features and axes of the node; the axes of the drawn section differ a little.
        label, risk: drawn label and its probability, which depends on features and sex.
        neck_level, neck_side: place, drawn by label.
        age, sex, site, view: facts of the patient and the section. Only sex has an effect on the label.
    """

    patient: int
    node: int
    features: LymphNodeFeatures
    axes_mm: tuple[float, float]
    label: str
    risk: float
    neck_level: str
    neck_side: str
    age: int
    sex: str
    site: Site
    view: View

    @property
    def key(self) -> str:
        """Unique name of the image."""
        return f"p{self.patient:05d}_{self.node}"

    def scene(self, seed: int, options: LymphNodeOptions) -> NodeScene:
        """The section that the image shows."""
        return draw_node_scene(
            self.random(seed, 0),
            features=self.features,
            axes_mm=self.axes_mm,
            site=self.site,
            view=self.view,
            second_node_share=options.second_node_share,
        )

    def report(self, seed: int, options: LymphNodeOptions, *, axes_mm: tuple[float, float]) -> tuple[Meant, str]:
        """Conclusion and text of the original report; `axes_mm` are the axes measured in the section."""
        about = Reported(self.features, self.neck_level, self.neck_side, axes_mm[0], axes_mm[1], self.label)
        return options.reporter.write(self.random(seed, 2), about)

    def random(self, seed: int, purpose: int) -> np.random.Generator:
        """Random numbers of this image for one purpose: 0 the section, 1 the picture, 2 the report."""
        return np.random.default_rng([_STREAM, seed, self.patient, self.node, purpose])


def lymph_node_images(seed: int) -> Iterator[LymphNodeImage]:
    """Yield images without end, patient by patient; image i depends on `seed` alone.

    >>> first = next(lymph_node_images(3)); again = next(lymph_node_images(3))
    >>> first == again, first.label in ("benign", "malignant")
    (True, True)
    """
    patient = 0
    while True:
        patient += 1
        yield from _nodes_of_patient(seed, patient)


def _nodes_of_patient(seed: int, patient: int) -> Iterator[LymphNodeImage]:
    random = np.random.default_rng([_STREAM, seed, patient])
    nodes = 2 if random.random() < TWO_NODES_SHARE else 1
    site = NODE_SITES[int(random.integers(len(NODE_SITES)))]
    sex = "M" if random.random() < MALE_SHARE else "F"
    age = int(np.clip(np.rint(random.normal(44, 13)), 18, 85))
    for node in range(1, nodes + 1):
        features = draw_node_features(random)
        axes = draw_axes(random, node_shape=features.node_shape)
        risk = features.malignancy_risk(sex)
        label = "malignant" if random.random() < risk else "benign"
        level, side = draw_place(random, label=label)
        view = get_args(View)[int(random.integers(2))]
        yield LymphNodeImage(patient, node, features, axes, label, risk, level, side, age, sex, site, view)
