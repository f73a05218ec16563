"""The model card says what the bundle says."""

import pytest

from tests.languages.reading import english_left_in_card
from thyrosight.imaging import PairPreparation, Preparation
from thyrosight.inference import BundleInfo, MaskPoint, OperatingPoint, read_info
from thyrosight.inference.bundle import NO_CLASSES
from thyrosight.inference.familiarity import Familiarity, LinearMeasure
from thyrosight.inference.shipped import SHIPPED
from thyrosight.networks import create
from thyrosight.reports import model_card
from thyrosight.statistics import fit_calibrator


@pytest.fixture
def classifier() -> BundleInfo:
    _, spec = create("tiny", weights="none", input_size=64)
    calibrator = fit_calibrator([0, 1, 0, 1, 1, 0], [0.2, 0.7, 0.6, 0.4, 0.9, 0.1], method="platt")
    return BundleInfo(
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


def test_card_names_origin_measures_and_limits(classifier: BundleInfo) -> None:
    card = model_card(classifier, model_hash="ef34")
    assert card.startswith("# tiny trained on ddti")
    assert "not for diagnosis" in card
    for fact in (
        "| AUC | 0.710 | 0.640 to 0.780 | 179 |",
        "| Precision (PPV) | undefined | - | 0 |",
        "Label source: TI-RADS",
        "Split: image-level",
        "train 348, validation 62, test 179",
        "Calibration: Platt scaling, fitted to Platt's smoothed targets",
        "calibrated risk of 0.4100 (Youden's index)",
        "Model hash: `ef34`",
        "Initial weights: random",
    ):
        assert fact in card, fact


COLLECTIONS = ("(ddti|busi|phantoms|tiny)( .*)?",)


@pytest.mark.parametrize("language", ["zh", "es"])
@pytest.mark.parametrize("model", SHIPPED)
def test_no_text_of_the_cards_that_come_along_is_left_in_english(model: str, language: str) -> None:
    info, own_hash = read_info(model)
    assert english_left_in_card(info, own_hash, language, names=COLLECTIONS) == []


@pytest.mark.parametrize("language", ["zh", "es"])
def test_a_model_calibrated_anew_has_no_text_left_in_english(classifier: BundleInfo, language: str) -> None:
    measures = {name: {"value": 0.1, "low": 0.0, "high": 0.2} for name in ("ece", "slope", "intercept")}
    record = {
        "cohort": "ddti", "digest": "0", "parent": "1", "label_source": "pathology", "split_kind": "patient-level",
        "images": 100, "malignant": 50, "groups": 90, "before": measures, "after": measures,
    }  # fmt: skip
    point = OperatingPoint(
        threshold=0.2,
        rule="sensitivity>=0.95",
        chosen_on="cases of ddti that also fitted the calibration (100 images)",
    )
    new = classifier.model_copy(update={"recalibration": record, "operating_point": point})
    assert english_left_in_card(new, "ef34", language, names=COLLECTIONS) == []


def test_a_card_in_spanish_and_in_chinese_says_what_the_english_one_does(classifier: BundleInfo) -> None:
    spanish, chinese = (model_card(classifier, model_hash="ef34", language=language) for language in ("es", "zh"))
    assert spanish.startswith("# tiny entrenada con ddti\n\n**Solo para investigación.")
    assert chinese.startswith("# tiny：以ddti训练\n\n**仅供研究使用。")
    for fact in (
        "| Precisión (VPP) | no definido | - | 0 |",
        "- Origen de la etiqueta: TI-RADS",
        "maligno desde un riesgo calibrado de 0.4100 (índice de Youden)",
    ):
        assert fact in spanish, fact
    for fact in ("| AUC | 0.710 | 0.640至0.780 | 179 |", "- 图像：训练348，验证62，测试179"):
        assert fact in chinese, fact


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
    assert all(english_left_in_card(info, "ef34", language, names=COLLECTIONS) == [] for language in ("es", "zh"))
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
    assert english_left_in_card(info, "ef34", "es", names=COLLECTIONS) == []
    assert f"Tells images unlike its training: no thyroid tissue; {rule} (423 images in 172 groups)" in card
