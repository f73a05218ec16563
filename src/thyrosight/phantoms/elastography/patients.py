"""The patients of a simulated elastography cohort: nodules seen in pairs of transverse and longitudinal images."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from thyrosight.phantoms.elastography.frame_plan import FramePlan, Look, draw_look, plan_frame
from thyrosight.phantoms.elastography.malignancy import MalignancyModel
from thyrosight.phantoms.elastography.options import ElastographyOptions
from thyrosight.phantoms.elastography.section import Subject

_PAIRS = (0.25, 0.30, 0.23, 0.16, 0.06)
"""Share of patients with 1 to 5 pairs of images: 2.48 on average, the paper's 578 pairs of 233 patients."""
_TWO_NODULES = 0.15


@dataclass(frozen=True)
class ElastographyImage:
    """One image of a simulated cohort before it is drawn.

    Attributes:
        patient, nodule, number: counted from 1; `number` counts the patient's images.
        subject: features, size and stiffness of the nodule in this image, and the view.
        label: drawn label.
        look: machine, scale and layout.
        age, sex: age and sex of the patient, without effect on the label.
    """

    patient: int
    nodule: int
    number: int
    subject: Subject
    label: str
    look: Look
    age: int
    sex: str

    @property
    def key(self) -> str:
        """Unique name of the image."""
        return f"p{self.patient:05d}_{self.number:02d}"

    def plan(self, seed: int) -> FramePlan:
        """The screen before it is drawn."""
        return plan_frame(self.subject, self.look, seeds=(seed, self.patient, self.number, 42))


def elastography_images(seed: int, options: ElastographyOptions | None = None) -> Iterator[ElastographyImage]:
    """Yield images without end, patient by patient; image i depends on `seed` and `options` alone.

    Every second image is transverse, the one after it a longitudinal one of the same nodule.

    >>> images = elastography_images(3); first, second = next(images), next(images)
    >>> first.subject.view, second.subject.view, first.label == second.label
    ('transverse', 'longitudinal', True)
    """
    options = options or ElastographyOptions()
    patient = 0
    while True:
        patient += 1
        yield from _patient_images(seed, patient, options)


def _patient_images(seed: int, patient: int, options: ElastographyOptions) -> Iterator[ElastographyImage]:
    random = np.random.default_rng([seed, patient, 40])
    pairs = int(random.choice(len(_PAIRS), p=_PAIRS)) + 1
    nodules = 2 if pairs > 1 and random.random() < _TWO_NODULES else 1
    sex = "F" if random.random() < 0.75 else "M"
    age = int(np.clip(np.rint(random.normal(48, 13)), 18, 85))
    machine = options.machines[int(random.integers(len(options.machines)))]
    drawn = [_draw_nodule(random, options) for _ in range(nodules)]
    for pair in range(nodules if options.one_image_each else pairs):
        nodule = pair % nodules
        subject, label = drawn[nodule]
        for place, view in enumerate(("transverse",) if options.one_image_each else ("transverse", "longitudinal")):
            number = 2 * pair + place + 1
            chance = np.random.default_rng([seed, patient, number, 41])
            shrink = 1.0 if pair < nodules else float(chance.uniform(0.88, 1.0))
            look = draw_look(chance, machine)
            if options.easy:
                look = replace(look, scale=machine.scales[0], layout=machine.usual_layout)
            quality = 88 if chance.random() < options.jpeg_share else 0
            yield ElastographyImage(
                patient, nodule + 1, number,
                replace(subject, view=view, size_mm=subject.size_mm * shrink), label,
                replace(look, jpeg_quality=quality, nuisance=options.nuisance, opacity=options.opacity), age, sex,
            )  # fmt: skip


def _draw_nodule(random: np.random.Generator, options: ElastographyOptions) -> tuple[Subject, str]:
    """Features, label, stiffness and size of a nodule; size has no effect on the others."""
    model = _model(options)
    features = model.draw_features(random)
    malignant = bool(random.random() < model.risk_b_mode(features))
    stiffness = model.draw_stiffness(random, malignant=malignant)
    middle, spread, least, most = (13.0, 0.2, 10.0, 17.0) if options.easy else (13.0, 0.38, 5.0, 26.0)
    size = float(np.clip(np.exp(random.normal(np.log(middle), spread)), least, most))
    return Subject(features, size, stiffness, "transverse"), "malignant" if malignant else "benign"


@lru_cache
def _model(options: ElastographyOptions) -> MalignancyModel:
    return options.model  # created once: computing its intercept takes a moment
