"""A study's result made up for tests: its numbers are invented, its pictures are phantoms."""

from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from thyrosight.phantoms import phantom_images
from thyrosight.studies import StudyResult
from thyrosight.studies.result import (
    MEASURES,
    Comparison,
    Confusion,
    Curve,
    DivisionResult,
    EpochPoint,
    ErrorCase,
    Example,
    Explanations,
    FlowStep,
    MeanMeasure,
    Measure,
    ModelCard,
    NetworkResult,
    RegionComparison,
    Reliability,
    ReliabilityBin,
)

TITLES = {
    "resnet18": ("ResNet-18", 0.80),
    "alexnet": ("AlexNet", 0.71),
    "inception_v3": ("Inception-v3", 0.76),
    "vgg16": ("VGG16", 0.74),
    "efficientnet_lite0": ("EfficientNet-Lite0", 0.83),
}
RECIPE = """\
name: resnet18-focal
title: Thyroid nodules
preparation: {size: 224, crop: nodule, shape: square, margin: {value: 0.25, unit: fraction}, scan_area: true,
  padding: black, colour: grey, version: 1}
training: {epochs: 20, batch_size: 16, learning_rate: 0.0001, optimiser: adam, schedule: constant, patience: 6,
  keep: best, precision: '32', loss: {name: focal, gamma: 2.0, alpha: balanced},
  augmentation: {horizontal_flip: 0.5, rotation_degrees: 15.0}}
evaluation: {confidence: 0.95, operating_point: youden, calibration: platt}
"""


def _measure(value: float, *, n: int = 179) -> Measure:
    return Measure(
        value=value,
        low=value - 0.07,
        high=min(value + 0.06, 1),
        se=0.03,
        method="bootstrap of groups",
        n=n,
        clusters=104,
    )


def _network(name: str, random: np.random.Generator, *, divisions: int = 10) -> NetworkResult:
    title, auc = TITLES[name]
    level = {"auc": auc, "balanced_accuracy": auc - 0.07, "accuracy": auc - 0.05, "recall": auc, "specificity": 0.66}
    values = {measure: level.get(measure, auc - 0.03) for measure in MEASURES}
    x = np.linspace(0, 1, 60)
    y = x ** (1 / auc - 1) if auc < 1 else x
    benign, malignant = random.beta(2, 4, 600), random.beta(4, 2.5, 1190)
    history = [
        EpochPoint(
            epoch=epoch,
            divisions=10 if epoch < 12 else 4,
            train_loss=0.16 * np.exp(-epoch / 5) + 0.01,
            validation_loss=0.15 * np.exp(-epoch / 4) + 0.05 + 0.002 * epoch,
            validation_auc=auc - 0.3 * np.exp(-epoch / 3),
            train_loss_spread=0.006,
            validation_loss_spread=0.012,
            validation_auc_spread=0.03,
        )
        for epoch in range(1, 16)
    ]
    return NetworkResult(
        architecture=name,
        title=title,
        role="main" if name == "resnet18" else "comparator",
        start="ImageNet weights" if name == "efficientnet_lite0" else "random weights",
        parameters=11_177_538,
        mean={
            measure: MeanMeasure(
                value=value,
                low=value - 0.05,
                high=min(value + 0.04, 1),
                spread=0.031,
                divisions=divisions,
                method="mean of the divisions, bootstrap of groups",
            )
            for measure, value in values.items()
        },
        pooled={measure: _measure(value, n=1790) for measure, value in values.items()},
        divisions=[
            DivisionResult(
                name=f"division-{place + 1:02d}",
                train=348,
                validation=62,
                test=179,
                test_malignant=119,
                epochs=15,
                best_epoch=9,
                threshold=0.52 + 0.02 * place,
                threshold_rule="youden",
                measures={m: _measure(v + random.normal(0, 0.03)) for m, v in values.items()},
            )
            for place in range(divisions)
        ],
        confusion=Confusion(true_positive=941, false_negative=249, false_positive=203, true_negative=397),
        roc=Curve(
            x=x.tolist(),
            y=y.tolist(),
            low=np.clip(y - 0.06, 0, 1).tolist(),
            high=np.clip(y + 0.05, 0, 1).tolist(),
            method="pointwise bootstrap of groups",
        ),
        precision_recall=Curve(x=x.tolist(), y=(1 - 0.33 * x**3).tolist(), method="every threshold"),
        reliability=Reliability(
            bins=[
                ReliabilityBin(predicted=p, observed=o, low=max(o - 0.07, 0), high=min(o + 0.07, 1), n=179)
                for p, o in zip(np.linspace(0.2, 0.92, 10), np.linspace(0.26, 0.9, 10) ** 1.1, strict=True)
            ],
            brier=0.171,
            expected_calibration_error=0.043,
            method="ten bins of about equal numbers; Wilson intervals",
        ),
        score_benign=benign.tolist(),
        score_malignant=malignant.tolist(),
        history=history,
        against_main=None
        if name == "resnet18"
        else Comparison(
            measure="auc",
            difference=auc - 0.80,
            low=auc - 0.84,
            high=auc - 0.76,
            p=0.03,
            p_corrected=0.12 if auc < 0.83 else 0.02,
            method="bootstrap of groups, Holm over 4 comparators",
        ),
        seconds=4213,
    )


def _explanations(keys: list[str], random: np.random.Generator) -> Explanations:
    examples = [
        Example(
            key=key,
            group=key,
            label="benign" if place < 3 else "malignant",
            risk=0.21 if place < 3 else 0.83,
            predicted="benign" if place < 3 else "malignant",
            division="division-01",
            deletion=0.31,
            deletion_random=0.42,
        )
        for place, key in enumerate(keys)
    ]
    features = {
        "area_fraction": "Area (share of the image)",
        "eccentricity": "Eccentricity",
        "solidity": "Solidity",
        "orientation": "Orientation (degrees, mean axis)",
        "distance_to_centre": "Distance to the nodule's centre (image sides)",
        "distance_to_nodule": "Distance to the nodule's box (image sides)",
        "heat_inside": "Share of heat inside the nodule's box",
    }
    regions = []
    for place, (feature, title) in enumerate(features.items()):
        benign, malignant = random.beta(3, 5, 40), random.beta(3, 4, 44)
        regions.append(
            RegionComparison(
                feature=feature,
                title=title,
                benign_median=float(np.median(benign)),
                malignant_median=float(np.median(malignant)),
                benign=benign.tolist(),
                malignant=malignant.tolist(),
                p=0.004 * place + 0.001,
                p_corrected=min(0.028 * place + 0.0004, 1.0),
                method="Mann-Whitney test",
            )
        )
    return Explanations(
        network="resnet18",
        division="division-01",
        method="Grad-CAM of the malignant logit",
        scale=0.84,
        scale_rule="99th percentile of all maps of the study (n = 84)",
        examples=examples,
        regions=regions,
        regions_note="Region: pixels of at least 50 % of the map's own strongest heat.",
        deletion=Measure(
            value=-0.082, low=-0.11, high=-0.05, se=0.015, method="bootstrap of groups", n=84, clusters=84
        ),
        explained=84,
    )


def _pictures(keys: list[str]) -> dict[str, np.ndarray]:
    """Crops of phantoms with made-up heat."""
    arrays = {}
    random = np.random.default_rng(5)
    for key, image in zip(keys, phantom_images(4), strict=False):
        scene = image.scene(4)
        frame, box = scene.draw(random), scene.box()
        side = round(0.7 * max(box.width, box.height))
        middle = (box.top + box.bottom) // 2, (box.left + box.right) // 2
        rows = np.clip(np.linspace(middle[0] - side, middle[0] + side, 128).astype(int), 0, frame.shape[0] - 1)
        columns = np.clip(np.linspace(middle[1] - side, middle[1] + side, 128).astype(int), 0, frame.shape[1] - 1)
        arrays[f"{key}/pixels"] = frame[np.ix_(rows, columns)]
        spot = np.zeros((128, 128), np.float32)
        spot[tuple(random.integers(40, 90, 2))] = 1
        heat = ndimage.gaussian_filter(spot, 18)
        arrays[f"{key}/heat"] = heat / heat.max() * random.uniform(0.1, 1.0)
    return arrays


def make_result(**changes: object) -> StudyResult:
    """The made-up result, with fields replaced."""
    random = np.random.default_rng(0)
    keys = ["12_1", "207_1", "44_2", "310_1", "98_1", "401_3"]
    errors = [
        ErrorCase(key=key, group=key, label=label, risk=risk, division="division-02")
        for key, label, risk in (
            ("12_1", "malignant", 0.06),
            ("207_1", "benign", 0.93),
            ("44_2", "malignant", 0.11),
            ("310_1", "benign", 0.88),
        )
    ]
    fields: dict[str, object] = {
        "recipe": "resnet18-focal",
        "title": "Thyroid nodules with ResNet-18, focal loss and Grad-CAM",
        "paper": "A deep learning framework for thyroid nodules with ResNet-18 and Grad-CAM",
        "created": "2025-11-21T08:30:00+00:00",
        "command": "thyrosight study run resnet18-focal --cohort ddti --out runs/ddti",
        "seed": 20,
        "label_sources": ["TI-RADS"],
        "label_policy": "TI-RADS 2 and 3 benign, 4a and above malignant",
        "split_kind": "image-level",
        "split_method": "hold-out, 10 repeats, 30 % test",
        "cohort": {
            "name": "ddti",
            "by_label_source": {"TI-RADS": {"benign": 196, "malignant": 393}},
            "by_site": {},
            "by_size": {},
        },
        "cohort_digest": "ab" * 32,
        "split_digest": "cd" * 32,
        "images": 589,
        "groups": 344,
        "patients": None,
        "benign": 196,
        "malignant": 393,
        "flow": [
            FlowStep(text="images found in ddti", n=595, excluded=[("near-duplicates whose labels contradict", 6)]),
            FlowStep(text="images analysed, in 344 groups", n=589, excluded=[]),
        ],
        "networks": [_network(name, random) for name in TITLES],
        "explanations": _explanations(keys, random),
        "errors": errors,
        "model": ModelCard(
            folder="runs/ddti/model", hash="ef" * 32, division="division-01", threshold=0.53, calibration="platt"
        ),
        "limitations": [
            "Labels are not pathology: they follow radiologists' TI-RADS categories, so agreement with readers was "
            "measured, not the detection of cancer.",
            "Patients are unknown: different images of one patient may stand on both sides of a division.",
        ],
        "unfinished": [],
        "recipe_yaml": RECIPE,
        "software": {"thyrosight": "0.1.0", "python": "3.11.2", "torch": "2.15"},
    }
    return StudyResult.model_validate({**fields, **changes})


@pytest.fixture(scope="session")
def result() -> StudyResult:
    """A study with five networks and ten divisions."""
    return make_result()


@pytest.fixture(scope="session")
def pictures() -> dict[str, np.ndarray]:
    """What `explanations.npz` of that study would hold."""
    return _pictures(["12_1", "207_1", "44_2", "310_1", "98_1", "401_3"])


@pytest.fixture
def study_folder(tmp_path: Path, pictures: dict[str, np.ndarray]) -> Path:
    """A study's folder with its pictures."""
    np.savez_compressed(tmp_path / "explanations.npz", **pictures)
    return tmp_path
