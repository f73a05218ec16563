"""Lymph node cohorts on disk."""

from dataclasses import asdict
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from thyrosight.phantoms.cohort_folder import CohortStamp, require_own_folder, save_png, write_cohort
from thyrosight.phantoms.lymph_nodes.description import FORMAT, KIND, describe_lymph_nodes
from thyrosight.phantoms.lymph_nodes.options import LymphNodeOptions
from thyrosight.phantoms.lymph_nodes.patients import LymphNodeImage, lymph_node_images
from thyrosight.progress import Progress


def make_lymph_node_cohort(
    folder: Path | str,
    *,
    n: int,
    seed: int,
    options: LymphNodeOptions | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Path:
    """Write `n` simulated long-axis sections of cervical lymph nodes with masks and reports.

    The design follows Zhao et al., Front Oncol 2023: one image of each node, mostly one node of each patient. The
    folder then holds `images/`, `masks/`, `cohort.csv` (readable by `thyrosight.cohort.open_cohort`) and
    `phantom.json` (how malignancy was drawn, the best AUC that is possible, and the reporter's sensitivity and
    specificity). Images that an interrupted run wrote are kept; the same seed and options give the same images
    whatever `n` is.

    Args:
        folder: a folder that is new or empty, or holds lymph node phantoms of the same seed and options.
        n: number of images, at least 1.
        seed: a whole number of at least 0.
        options: the reporter, and the frequency of a second node in the picture.
        workers: number of processes that draw; the files are the same for any number. A script that asks for several
            needs `if __name__ == "__main__":` around what it does.
        progress: called with ("phantom images", done, n).

    Returns:
        The path of `cohort.csv`.

    Raises:
        OutputError: the folder holds other files, or cannot be written.
    """
    folder = Path(folder)
    options = options or LymphNodeOptions()
    require_own_folder(folder, CohortStamp(FORMAT, seed, options.as_dict(), kind=KIND), n=n)
    images = list(islice(lymph_node_images(seed), n))
    return write_cohort(
        folder,
        images=images,
        description=describe_lymph_nodes(images, seed, options),
        write_image=partial(_write_image, folder=folder, seed=seed, options=options),
        workers=workers,
        progress=progress,
    )


def _write_image(image: LymphNodeImage, *, folder: Path, seed: int, options: LymphNodeOptions) -> dict[str, Any]:
    """Write image and mask unless both are there, and return the row of the table."""
    scene = image.scene(seed, options)
    node = scene.layout.node
    picture_path, mask_path = folder / "images" / f"{image.key}.png", folder / "masks" / f"{image.key}.png"
    if not (picture_path.exists() and mask_path.exists()):
        save_png(mask_path, scene.mask().astype(np.uint8) * 255)
        save_png(picture_path, scene.draw(image.random(seed, 1)))
    meant, text = image.report(seed, options, axes_mm=(node.long_mm, node.short_mm))
    return {
        "key": image.key,
        "image": f"images/{image.key}.png",
        "patient_id": f"p{image.patient:05d}",
        "nodule_id": f"p{image.patient:05d}_n{image.node}",
        "label": image.label,
        "label_source": "simulated",
        "size_mm": f"{node.long_mm:.1f}",
        "short_axis_mm": f"{node.short_mm:.1f}",
        "box": scene.box().to_text(),
        "mask": f"masks/{image.key}.png",
        "site": image.site.name,
        "age": image.age,
        "sex": image.sex,
        "neck_level": image.neck_level,
        "neck_side": image.neck_side,
        **asdict(image.features),
        "view": image.view,
        "pixel_mm": f"{scene.pixel_mm:.6f}",
        "neighbours": "; ".join(neighbour.kind for neighbour in scene.layout.neighbours),
        "true_risk": f"{image.risk:.6f}",
        "report_meant": meant,
        "report_text": text,
    }
