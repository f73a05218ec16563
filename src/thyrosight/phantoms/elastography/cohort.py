"""Cohorts of simulated B-mode with elastograms on disk, with the whole screens and their truth."""

from dataclasses import asdict
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from thyrosight.files import make_folder, write_atomically
from thyrosight.imaging import Box
from thyrosight.phantoms.cohort_folder import CohortStamp, require_own_folder, save_png, write_cohort
from thyrosight.phantoms.elastography.description import FORMAT, KIND, describe_cohort
from thyrosight.phantoms.elastography.malignancy import MalignancyModel
from thyrosight.phantoms.elastography.options import ElastographyOptions
from thyrosight.phantoms.elastography.patients import ElastographyImage, elastography_images
from thyrosight.progress import Progress


def make_elastography_cohort(
    folder: Path | str,
    *,
    n: int,
    seed: int,
    options: ElastographyOptions | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Path:
    """Write `n` simulated images with elastograms, masks and whole screens, and the table that describes them.

    The folder then holds `images/` (B-mode panels), `elastograms/` (colour panels of the same size, pixel on pixel),
    `masks/`, `frames/` (screens), `cohort.csv` (readable by `thyrosight.cohort.open_cohort`) and `phantom.json` (how
    malignancy was drawn, and the best AUC of either picture and of both). Images that an interrupted run wrote are
    kept; the same seed and options give the same images whatever `n` is.

    Args:
        folder: a folder that is new or empty, or holds phantoms of the same seed and options.
        n: number of images, at least 1.
        seed: a whole number of at least 0.
        options: information in either picture, and their variety; see `ElastographyOptions`.
        workers: number of processes that draw; the files are the same for any number. A script that asks for several
            needs `if __name__ == "__main__":` around what it does.
        progress: called with ("phantom images", done, n).

    Returns:
        The path of `cohort.csv`.

    Raises:
        OutputError: the folder holds other files, or cannot be written.
    """
    folder = Path(folder)
    options = options or ElastographyOptions()
    require_own_folder(folder, CohortStamp(FORMAT, seed, options.as_dict(), KIND), n=n)
    images = list(islice(elastography_images(seed, options), n))
    for name in ("elastograms", "frames"):
        make_folder(folder / name)
    return write_cohort(
        folder,
        images=images,
        description=describe_cohort(images, seed, options),
        write_image=partial(_write_image, folder=folder, seed=seed, model=options.model),
        workers=workers,
        progress=progress,
    )


def _write_image(image: ElastographyImage, *, folder: Path, seed: int, model: MalignancyModel) -> dict[str, Any]:
    """Write the four pictures of an image unless all are there, and return the row of the table."""
    plan = image.plan(seed)
    names = {part: f"{part}/{image.key}.png" for part in ("images", "elastograms", "masks")}
    names["frames"] = f"frames/{image.key}.{'jpg' if image.look.jpeg_quality else 'png'}"
    if not all((folder / name).exists() for name in names.values()):
        frame = plan.draw()
        save_png(folder / names["masks"], frame.mask().astype(np.uint8) * 255)
        save_png(folder / names["elastograms"], frame.elastogram)
        if image.look.jpeg_quality:
            _save_jpeg(folder / names["frames"], frame.screen, image.look.jpeg_quality)
        else:
            save_png(folder / names["frames"], frame.screen)
        save_png(folder / names["images"], frame.b_mode)
    subject = image.subject
    return {
        "key": image.key,
        "image": names["images"],
        "patient_id": f"p{image.patient:05d}",
        "nodule_id": f"p{image.patient:05d}_n{image.nodule}",
        "label": image.label,
        "label_source": "simulated",
        "size_mm": f"{plan.section.outline.longest_diameter_mm():.1f}",
        "box": plan.section.box().to_text(),
        "mask": names["masks"],
        "elastogram": names["elastograms"],
        "site": f"site {image.look.machine.name}",
        "age": image.age,
        "sex": image.sex,
        **asdict(subject.features),
        "view": subject.view,
        "pixel_mm": f"{plan.section.probe.pixel_mm:.6f}",
        "frame": names["frames"],
        "elastography_style": image.look.machine.style,
        "layout": image.look.layout,
        "colour_table": image.look.machine.table,
        "stiffness_range": image.look.scale.text,
        "frame_b_mode_box": _text(plan.b_mode_box),
        "frame_elastogram_box": _text(plan.elastogram_box),
        "frame_colour_box": _text(plan.colour_box),
        "frame_bar_box": _text(plan.bar_box),
        "stiffness_kpa": f"{subject.stiffness_kpa:.2f}",
        "true_risk": f"{model.risk(subject.features, subject.stiffness_kpa):.6f}",
        "risk_b_mode": f"{model.risk_b_mode(subject.features):.6f}",
        "risk_elastogram": f"{model.risk_elastogram(subject.stiffness_kpa):.6f}",
    }


def _text(box: Box | None) -> str:
    return "" if box is None else box.to_text()


def _save_jpeg(path: Path, pixels: np.ndarray[Any, np.dtype[np.uint8]], quality: int) -> None:
    with write_atomically(path) as temporary:
        Image.fromarray(pixels).save(temporary, format="JPEG", quality=quality)
