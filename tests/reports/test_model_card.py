"""The model card says what the bundle says."""

import pytest

from thyrosight.imaging import PairPreparation, Preparation
from thyrosight.inference import BundleInfo, MaskPoint, OperatingPoint
from thyrosight.inference.bundle import NO_CLASSES
from thyrosight.inference.familiarity import Familiarity, LinearMeasure
from thyrosight.networks import create
from thyrosight.reports import model_card
from thyrosight.statistics import fit_calibrator


def test_card_names_origin_measures_and_limits() -> None:
    _, spec = create("tiny", weights="none", input_size=64)
    calibrator = fit_calibrator([0, 1, 0, 1, 1, 0], [0.2, 0.7, 0.6, 0.4, 0.9, 0.1], method="platt")
    info = BundleInfo(
        spec=spec,
        preparation=Preparation(size=64),
        calibration=calibrator.to_dict(),
        operating_point=OperatingPoint(threshold=0.41, rule="youden", chosen_on="validation part of division-01"),
        cohort={
            "name": "ddti",
            "digest": "ab12",
            "label_source": "TI-RADS",
            "split_kind": "image-level",
            "images": {"train": 348, "validation": 62, "test": 179},
        },
        metrics={
            "auc": {"value": 0.71, "low": 0.64, "high": 0.78, "n": 179},
            "precision": {"value": None, "low": None, "high": None, "n": 0},
        },
        created="2025-11-21T08:30:00+00:00",
        weights_sha256="0" * 64,
    )
    card = model_card(info, model_hash="ef34")
    assert card.startswith("# tiny trained on ddti")
    assert "not for diagnosis" in card
    for fact in (
        "| AUC | 0.710 | 0.640 to 0.780 | 179 |",
        "| Precision (PPV) | undefined | - | 0 |",
        "Label source: TI-RADS",
        "Split: image-level",
        "train 348, validation 62, test 179",
        "Calibration: Platt scaling, fitted to Platt's smoothed targets",
        "calibrated risk of 0.4100 (youden)",
        "Model hash: `ef34`",
        "Initial weights: random",
    ):
        assert fact in card, fact


@pytest.mark.parametrize(
    ("fusion", "second_from", "seen", "joined"),
    [
        ("late", "elastogram", "a B-mode ultrasound image and its elastogram", "two extractors, joined before"),
        ("early", "elastogram", "one still image and its elastogram", "both must be there"),
        ("mixed", "image", "no elastography", "a second view of the image itself, one network for both"),
    ],
)
def test_card_says_which_images_a_network_of_pairs_reads(fusion: str, second_from: str, seen: str, joined: str) -> None:
    _, spec = create("tiny", input_size=64, fusion=fusion)
    pair = PairPreparation(
        first=Preparation(size=64), second=Preparation(size=64, colour="rgb"), second_from=second_from
    )
    info = BundleInfo(
        spec=spec,
        preparation=pair.first,
        pair=pair,
        calibration={"method": "none"},
        operating_point=OperatingPoint(threshold=0.5, rule="fixed", chosen_on="nothing"),
        cohort={"name": "phantoms", "digest": "0", "label_source": "simulated", "split_kind": "patient-level"},
        created="2025-11-21T08:30:00+00:00",
        weights_sha256="0" * 64,
    )
    card = model_card(info, model_hash="ef34")
    assert seen in card and joined in card
    assert ("no elastography" in card) == (second_from == "image")


def test_card_says_how_an_image_unlike_the_training_is_told() -> None:
    _, spec = create("unet", input_size=64, task="segmentation")
    measure = LinearMeasure(name="no thyroid tissue", weights=(1.0,), offset=0.0, cells=12, limit=0.5)
    rule = "at least 95% of the frames left out are familiar"
    info = BundleInfo(
        spec=spec,
        preparation=Preparation(size=64, crop="scan area"),
        calibration={"method": "none"},
        operating_point=NO_CLASSES,
        masks=MaskPoint(chosen_on="frames left out"),
        familiarity=Familiarity(measures=(measure,), rule=rule, fitted_on="600 frames", images=423, groups=172),
        cohort={"name": "ddti", "digest": "ab12", "label_source": "outlines", "split_kind": "group-level"},
        created="2025-11-21T08:30:00+00:00",
        weights_sha256="0" * 64,
    )
    card = model_card(info, model_hash="ef34")
    assert f"Tells images unlike its training: no thyroid tissue; {rule} (423 images in 172 groups)" in card
