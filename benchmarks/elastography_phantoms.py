"""Information in simulated elastograms: `python benchmarks/elastography_phantoms.py [IMAGES] [SEED] [NAME]`.

For each ready-made cohort, or that of the given name, IMAGES pairs (default 600) are drawn. The nodule's stiffness is
read back from the colours of the elastogram with the colour table, the mask being known, and its AUC stands beside that
of the true stiffness of the same images. Then a plain model, logistic regression on crops of 24 x 24 pixels around the
nodule, is fitted to B-mode, to the elastogram and to both; its AUC comes from ten-fold cross-validation in which all
images of a patient stay together. It is a floor for what networks can find, not a network.
All labels are simulated. Nothing here says anything about patients.
"""

import sys
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from thyrosight.phantoms.elastography import (
    LIKE,
    STIFFNESS_TABLES,
    ElastographyFrame,
    elastography_images,
    elastography_options_like,
)
from thyrosight.phantoms.elastography.colour_tables import colours_of

_SIDE = 24


def stiffness_in_colours(frame: ElastographyFrame) -> float:
    """Mean place on the colour bar, from 0 (soft) to 1 (hard), of the coloured pixels of the nodule."""
    pixels = frame.elastogram[frame.mask()].astype(np.float64)
    hue = pixels - pixels.min(axis=1, keepdims=True)  # grey that shows through adds to all three alike
    table = colours_of(STIFFNESS_TABLES[frame.table], np.linspace(0, 1, 128)).astype(np.float64)
    table -= table.min(axis=1, keepdims=True)
    strength, strongest = hue.max(axis=1, keepdims=True), table.max(axis=1, keepdims=True)
    coloured = strength[:, 0] > 25
    if not coloured.any():
        return 0.5
    distance = ((hue / np.maximum(strength, 1))[coloured][:, None] - (table / strongest)[None]) ** 2
    return float(distance.sum(axis=2).argmin(axis=1).mean() / 127)


def crop(frame: ElastographyFrame, picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The nodule with a quarter of its size around it, 24 x 24 pixels, flattened."""
    box = frame.section.box()
    half = 0.75 * max(box.width, box.height)
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    part = Image.fromarray(picture).resize(
        (_SIDE, _SIDE), Image.Resampling.BOX, box=_inside((x - half, y - half, x + half, y + half), picture)
    )
    return np.asarray(part, dtype=np.float64).ravel() / 255


def _inside(box: tuple[float, float, float, float], picture: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    return max(box[0], 0), max(box[1], 0), min(box[2], picture.shape[1]), min(box[3], picture.shape[0])


def plain_model(crops: NDArray[np.float64], truth: NDArray[np.bool_], patients: list[int]) -> float:
    model = make_pipeline(StandardScaler(), PCA(20, random_state=0), LogisticRegression(C=0.05, max_iter=2000))
    risk = cross_val_predict(model, crops, truth, groups=patients, cv=GroupKFold(10), method="predict_proba")
    return float(roc_auc_score(truth, risk[:, 1]))


def main(count: int, seed: int, names: list[str]) -> None:
    for name in names:
        options = elastography_options_like(name)
        images = list(islice(elastography_images(seed, options), count))
        truth = np.array([image.label == "malignant" for image in images])
        read, grey, colour = [], [], []
        for image in images:
            frame = image.plan(seed).draw()
            read.append(stiffness_in_colours(frame))
            grey.append(crop(frame, frame.b_mode))
            colour.append(crop(frame, frame.elastogram))
        patients = [image.patient for image in images]
        pictures = {"B-mode": np.array(grey), "elastogram": np.array(colour)}
        pictures["both"] = np.hstack(list(pictures.values()))
        best = {key: round(value, 3) for key, value in options.model.best_possible_auc().items()}
        print(f"{name}: {count} images of {len(set(patients))} patients, {truth.sum()} malignant (labels: simulated)")
        print(f"  best possible AUC of all nodules: {best}")
        true = roc_auc_score(truth, [image.subject.stiffness_kpa for image in images])
        seen = roc_auc_score(truth, read)
        print(f"  AUC of the true stiffness {true:.3f}, of the stiffness read from colours {seen:.3f}")
        found = ", ".join(f"{key} {plain_model(crops, truth, patients):.3f}" for key, crops in pictures.items())
        print(f"  plain model, AUC by ten-fold cross-validation over patients: {found}")


if __name__ == "__main__":
    count, seed, *chosen = [*sys.argv[1:], *("600", "1")[len(sys.argv) - 1 :]]
    main(int(count), int(seed), chosen or list(LIKE))
