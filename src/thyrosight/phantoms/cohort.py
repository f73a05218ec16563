"""Phantom cohorts on disk: simulated patients whose nodules, masks and risk of malignancy are known."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from thyrosight.phantoms.cohort_folder import CohortStamp, require_own_folder, save_png, write_cohort
from thyrosight.phantoms.description import FORMAT, describe_cohort
from thyrosight.phantoms.features import NoduleFeatures, draw_features
from thyrosight.phantoms.image import PhantomImage
from thyrosight.phantoms.options import PhantomOptions
from thyrosight.phantoms.picture import SITES
from thyrosight.phantoms.recording import other_site, other_size, recorded_columns
from thyrosight.progress import Progress


def phantom_images(seed: int, options: PhantomOptions | None = None) -> Iterator[PhantomImage]:
    """Yield images without end, patient by patient; image i depends on `seed` and `options` alone.

    >>> first = next(phantom_images(3)); again = next(phantom_images(3))
    >>> first == again, first.label in ("benign", "malignant")
    (True, True)
    """
    patient = 0
    while True:
        patient += 1
        yield from _patient_images(seed, patient, options or PhantomOptions())


def _patient_images(seed: int, patient: int, options: PhantomOptions) -> Iterator[PhantomImage]:
    """The one to three images of one patient, who has one or two nodules."""
    random = np.random.default_rng([seed, patient])
    images = int(random.choice([1, 2, 3], p=[0.4, 0.35, 0.25]))
    nodules = 2 if images > 1 and random.random() < 0.3 else 1
    site = SITES[int(random.integers(len(SITES)))]
    sex = "F" if random.random() < 0.75 else "M"
    age = int(np.clip(np.rint(random.normal(50, 14)), 18, 88))
    drawn = [_draw_nodule(random) for _ in range(nodules)]
    # Changes by options are drawn separately, so that patients, features and labels depend on the seed alone.
    site = other_site(seed, patient, site, options)
    for number in range(1, (nodules if options.one_image_each else images) + 1):
        nodule = (number - 1) % nodules + 1
        features, size, risk, label = drawn[nodule - 1]
        size = other_size(seed, patient, nodule, size, options)
        shrink = 1.0 if number <= nodules else random.uniform(0.85, 1.0)
        view = "transverse" if random.random() < 0.6 else "longitudinal"
        image = PhantomImage(
            patient, nodule, number, features, size * shrink, label, risk, age, sex, site, view
        )  # fmt: skip
        yield replace(image, recorded=recorded_columns(seed, image, options))


def _draw_nodule(random: np.random.Generator) -> tuple[NoduleFeatures, float, float, str]:
    """Features, size in mm, true risk and drawn label of a nodule."""
    features = draw_features(random)
    size = float(np.clip(np.exp(random.normal(np.log(14.0), 0.40)), 5.5, 28.0))
    risk = features.malignancy_risk()
    return features, size, risk, "malignant" if random.random() < risk else "benign"


def make_phantom_cohort(
    folder: Path | str,
    *,
    n: int,
    seed: int,
    options: PhantomOptions | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Path:
    """Write `n` simulated ultrasound images with masks, and the table that describes them.

    The folder then holds `images/`, `masks/`, `cohort.csv` (readable by `thyrosight.cohort.open_cohort`) and
    `phantom.json` (how malignancy was drawn, and the best AUC that is possible). Images that an interrupted run wrote
    are kept; the same seed and options give the same images whatever `n` is.

    Args:
        folder: a folder that is new or empty, or holds phantoms of the same seed and options.
        n: number of images, at least 1.
        seed: a whole number of at least 0.
        options: sizes, sites, reference standards, readers and a network to add; None adds nothing.
        workers: number of processes that draw; the files are the same for any number. A script that asks for several
            needs `if __name__ == "__main__":` around what it does.
        progress: called with ("phantom images", done, n).

    Returns:
        The path of `cohort.csv`.

    Raises:
        OutputError: the folder holds other files, or cannot be written.
    """
    folder = Path(folder)
    options = options or PhantomOptions()
    require_own_folder(folder, CohortStamp(FORMAT, seed, options.as_dict()), n=n)
    images = list(islice(phantom_images(seed, options), n))
    return write_cohort(
        folder,
        images=images,
        description=describe_cohort(images, seed, options),
        write_image=partial(_write_image, folder=folder, seed=seed),
        workers=workers,
        progress=progress,
    )


def _write_image(image: PhantomImage, *, folder: Path, seed: int) -> dict[str, Any]:
    """Write image and mask unless both are there, and return the row of the table."""
    scene = image.scene(seed)
    picture_path, mask_path = folder / "images" / f"{image.key}.png", folder / "masks" / f"{image.key}.png"
    if not (picture_path.exists() and mask_path.exists()):
        random = np.random.default_rng([seed, image.patient, image.number, 1])
        save_png(mask_path, scene.mask().astype(np.uint8) * 255)
        save_png(picture_path, scene.draw(random))
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
    } | dict(image.recorded)
