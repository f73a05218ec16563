"""Phantom cohorts on disk: simulated patients whose nodules, masks and risk of malignancy are known."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from thyrosight.errors import OutputError
from thyrosight.files import make_folder, write_atomically, write_json, write_text
from thyrosight.phantoms.description import FORMAT, describe_cohort
from thyrosight.phantoms.features import NoduleFeatures, draw_features
from thyrosight.phantoms.image import PhantomImage
from thyrosight.phantoms.options import PhantomOptions
from thyrosight.phantoms.picture import SITES
from thyrosight.phantoms.recording import other_site, other_size, recorded_columns

MANIFEST = "cohort.csv"
DESCRIPTION = "phantom.json"

Progress = Callable[[str, int, int], None]


def phantom_images(seed: int, options: PhantomOptions | None = None) -> Iterator[PhantomImage]:
    """Give images without end, patient by patient; image i depends on `seed` and `options` alone.

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
    # What options change is drawn apart, so that patients, features and labels stay those of the seed.
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
    folder: Path | str, *, n: int, seed: int, options: PhantomOptions | None = None, progress: Progress | None = None
) -> Path:
    """Write `n` simulated ultrasound images with masks, and the table that describes them.

    The folder then holds `images/`, `masks/`, `cohort.csv` (readable by `thyrosight.cohort.open_cohort`) and
    `phantom.json` (how malignancy was drawn, and the best AUC that is possible). Images that an interrupted run wrote
    are kept; the same seed and options give the same images whatever `n` is.

    Args:
        folder: where to write; must be new, empty or hold phantoms of the same seed and options.
        n: number of images, at least 1.
        seed: a whole number of at least 0.
        options: sizes, sites, reference standards, readers and a network to add; none if not given.
        progress: called with ("phantom images", done, n).

    Returns:
        The path of `cohort.csv`.

    Raises:
        OutputError: the folder holds something else, or cannot be written.
    """
    folder = Path(folder)
    if n < 1 or seed < 0:
        raise OutputError(f"A phantom cohort needs n of at least 1 and seed of at least 0, got n {n} and seed {seed}.")
    options = options or PhantomOptions()
    _require_own_folder(folder, seed, options)
    images = list(islice(phantom_images(seed, options), n))
    make_folder(folder / "images")
    make_folder(folder / "masks")
    write_json(folder / DESCRIPTION, describe_cohort(images, seed, options))
    rows = []
    for done, image in enumerate(images):
        if progress:
            progress("phantom images", done, n)
        rows.append(_write_image(folder, image, seed))
    write_text(folder / MANIFEST, _as_csv(rows))
    if progress:
        progress("phantom images", n, n)
    return folder / MANIFEST


def _require_own_folder(folder: Path, seed: int, options: PhantomOptions) -> None:
    """Refuse a folder that holds anything but phantoms of this seed, these options and this format."""
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
    if found.get("options", {}) != json.loads(json.dumps(options.as_dict())):
        raise OutputError(f"{folder} holds phantoms of other options; choose another folder or the same options.")


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
    } | dict(image.recorded)


def _save_png(path: Path, pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> None:
    with write_atomically(path) as temporary:
        Image.fromarray(pixels).save(temporary, format="PNG", compress_level=3)


def _as_csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
