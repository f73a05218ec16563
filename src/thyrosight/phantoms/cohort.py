"""Phantom cohorts on disk: simulated patients whose nodules, masks and risk of malignancy are known."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from thyrosight import __version__
from thyrosight.errors import OutputError
from thyrosight.files import make_folder, write_atomically, write_json, write_text
from thyrosight.phantoms.features import (
    EFFECTS,
    EFFECTS_SOURCE,
    INTERCEPT,
    NoduleFeatures,
    best_possible_auc,
    draw_features,
    prevalence,
)
from thyrosight.phantoms.picture import SITES, Scene, Site, draw_scene

FORMAT = 1
"""Raised whenever the same seed would give other images."""

MANIFEST = "cohort.csv"
DESCRIPTION = "phantom.json"

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class PhantomImage:
    """One image of a phantom cohort before it is drawn.

    Attributes:
        patient, nodule, number: counted from 1; `number` counts the patient's images.
        features, size_mm: of the nodule; a section may be a little smaller than the nodule.
        label, risk: drawn label and the probability it was drawn with.
        age, sex, site, view: of the patient and the section. None of them bears on the label.
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

    @property
    def key(self) -> str:
        """Unique name of the image."""
        return f"p{self.patient:05d}_{self.number}"

    def scene(self, seed: int) -> Scene:
        """The section that the image shows."""
        random = np.random.default_rng([seed, self.patient, self.number, 0])
        return draw_scene(random, features=self.features, size_mm=self.size_mm, site=self.site, view=self.view)


def phantom_images(seed: int) -> Iterator[PhantomImage]:
    """Give images without end, patient by patient; image i depends on `seed` alone.

    >>> first = next(phantom_images(3)); again = next(phantom_images(3))
    >>> first == again, first.label in ("benign", "malignant")
    (True, True)
    """
    patient = 0
    while True:
        patient += 1
        yield from _patient_images(seed, patient)


def _patient_images(seed: int, patient: int) -> Iterator[PhantomImage]:
    """The one to three images of one patient, who has one or two nodules."""
    random = np.random.default_rng([seed, patient])
    images = int(random.choice([1, 2, 3], p=[0.4, 0.35, 0.25]))
    nodules = 2 if images > 1 and random.random() < 0.3 else 1
    site = SITES[int(random.integers(len(SITES)))]
    sex = "F" if random.random() < 0.75 else "M"
    age = int(np.clip(np.rint(random.normal(50, 14)), 18, 88))
    drawn = [_draw_nodule(random) for _ in range(nodules)]
    for number in range(1, images + 1):
        features, size, risk, label = drawn[(number - 1) % nodules]
        shrink = 1.0 if number <= nodules else random.uniform(0.85, 1.0)
        view = "transverse" if random.random() < 0.6 else "longitudinal"
        yield PhantomImage(
            patient, (number - 1) % nodules + 1, number, features, size * shrink, label, risk, age, sex, site, view
        )


def _draw_nodule(random: np.random.Generator) -> tuple[NoduleFeatures, float, float, str]:
    """Features, size in mm, true risk and drawn label of a nodule."""
    features = draw_features(random)
    size = float(np.clip(np.exp(random.normal(np.log(14.0), 0.40)), 5.5, 28.0))
    risk = features.malignancy_risk()
    return features, size, risk, "malignant" if random.random() < risk else "benign"


def make_phantom_cohort(folder: Path | str, *, n: int, seed: int, progress: Progress | None = None) -> Path:
    """Write `n` simulated ultrasound images with masks, and the table that describes them.

    The folder then holds `images/`, `masks/`, `cohort.csv` (readable by `thyrosight.cohort.open_cohort`) and
    `phantom.json` (how malignancy was drawn, and the best AUC that is possible). Images that an interrupted run wrote
    are kept; the same seed gives the same images whatever `n` is.

    Args:
        folder: where to write; must be new, empty or hold phantoms of the same seed.
        n: number of images, at least 1.
        seed: a whole number of at least 0.
        progress: called with ("phantom images", done, n).

    Returns:
        The path of `cohort.csv`.

    Raises:
        OutputError: the folder holds something else, or cannot be written.
    """
    folder = Path(folder)
    if n < 1 or seed < 0:
        raise OutputError(f"A phantom cohort needs n of at least 1 and seed of at least 0, got n {n} and seed {seed}.")
    _require_own_folder(folder, seed)
    images = list(islice(phantom_images(seed), n))
    make_folder(folder / "images")
    make_folder(folder / "masks")
    write_json(folder / DESCRIPTION, _describe(images, seed))
    rows = []
    for done, image in enumerate(images):
        if progress:
            progress("phantom images", done, n)
        rows.append(_write_image(folder, image, seed))
    write_text(folder / MANIFEST, _as_csv(rows))
    if progress:
        progress("phantom images", n, n)
    return folder / MANIFEST


def _require_own_folder(folder: Path, seed: int) -> None:
    """Refuse a folder that holds anything but phantoms of this seed and format."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise OutputError(f"Could not write phantoms to {folder}: it is a file; choose a folder.")
    if not any(folder.iterdir()):
        return
    try:
        found = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        stamp = (found["format"], found["seed"])
    except (OSError, ValueError, KeyError, TypeError):
        raise OutputError(
            f"{folder} is not empty and holds no phantom cohort; choose a new or empty folder, nothing was written."
        ) from None
    if stamp != (FORMAT, seed):
        raise OutputError(
            f"{folder} holds phantoms of seed {stamp[1]} (format {stamp[0]}), not of seed {seed} (format {FORMAT}); "
            "choose another folder or the same seed."
        )


def _write_image(folder: Path, image: PhantomImage, seed: int) -> dict[str, Any]:
    """Write image and mask unless both are there, and return the row of the table."""
    scene = image.scene(seed)
    picture_path, mask_path = folder / "images" / f"{image.key}.png", folder / "masks" / f"{image.key}.png"
    if not (picture_path.exists() and mask_path.exists()):
        random = np.random.default_rng([seed, image.patient, image.number, 1])
        _save_png(mask_path, scene.mask().astype(np.uint8) * 255)
        _save_png(picture_path, scene.draw(random))
    return {
        "key": image.key,
        "image": f"images/{image.key}.png",
        "patient_id": f"p{image.patient:05d}",
        "nodule_id": f"p{image.patient:05d}_n{image.nodule}",
        "label": image.label,
        "label_source": "simulated",
        "size_mm": f"{scene.size_mm():.1f}",
        "box": scene.box().to_text(),
        "mask": f"masks/{image.key}.png",
        "site": image.site.name,
        "age": image.age,
        "sex": image.sex,
        **asdict(image.features),
        "view": image.view,
        "pixel_mm": f"{scene.pixel_mm:.6f}",
        "true_risk": f"{image.risk:.6f}",
    }


def _save_png(path: Path, pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> None:
    with write_atomically(path) as temporary:
        Image.fromarray(pixels).save(temporary, format="PNG", compress_level=3)


def _as_csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _describe(images: list[PhantomImage], seed: int) -> dict[str, Any]:
    """The content of `phantom.json`."""
    malignant = sum(image.label == "malignant" for image in images)
    return {
        "format": FORMAT,
        "thyrosight": __version__,
        "what": "simulated B-mode ultrasound of thyroid nodules; no patient, not for diagnosis",
        "seed": seed,
        "images": len(images),
        "patients": len({image.patient for image in images}),
        "nodules": len({(image.patient, image.nodule) for image in images}),
        "malignant_images": malignant,
        "benign_images": len(images) - malignant,
        "malignancy_model": {
            "kind": "logistic: log odds = intercept + the effect of each feature",
            "source": EFFECTS_SOURCE,
            "intercept": INTERCEPT,
            "effects": EFFECTS,
        },
        "best_possible_auc": round(best_possible_auc(), 6),
        "best_possible_auc_of": "all nodules that could be drawn, ranked by their true risk",
        "auc_of_true_risk_in_this_cohort": _cohort_auc(images),
        "prevalence_of_all_nodules": round(prevalence(), 6),
    }


def _cohort_auc(images: list[PhantomImage]) -> float | None:
    """AUC of the true risk against the labels that were drawn, over images; None when a class is absent."""
    from sklearn.metrics import roc_auc_score

    truth = [image.label == "malignant" for image in images]
    if len(set(truth)) < 2:
        return None
    return round(float(roc_auc_score(truth, [image.risk for image in images])), 6)
