"""The malignancy model: its population, its direction and the best AUC it allows."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from thyrosight.phantoms import NoduleFeatures, best_possible_auc, draw_features, prevalence
from thyrosight.phantoms.features import CALCIFICATION, COMPOSITION, EFFECTS, MARGIN

PLAIN = NoduleFeatures("solid", "isoechoic", "smooth", "none", "wider than tall")


def test_exact_auc_and_prevalence_agree_with_sampling() -> None:
    random = np.random.default_rng(0)
    risk = np.array([draw_features(random).malignancy_risk() for _ in range(12_000)])
    truth = random.random(risk.size) < risk
    assert abs(roc_auc_score(truth, risk) - best_possible_auc()) < 0.01  # about 4 standard errors
    assert abs(truth.mean() - prevalence()) < 0.018
    assert 0.85 < best_possible_auc() < 0.97  # neither hopeless nor trivial


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("echogenicity", "hypoechoic"),
        ("echogenicity", "markedly hypoechoic"),
        ("margin", "lobulated"),
        ("margin", "irregular"),
        ("calcification", "microcalcification"),
        ("calcification", "macrocalcification"),
        ("shape", "taller than wide"),
    ],
)
def test_features_with_tirads_points_raise_the_risk(name: str, value: str) -> None:
    assert replace(PLAIN, **{name: value}).malignancy_risk() > PLAIN.malignancy_risk()


def test_fluid_and_colloid_lower_the_risk() -> None:
    risks = [replace(PLAIN, composition=value).malignancy_risk() for value in COMPOSITION]
    assert risks == sorted(risks, reverse=True)
    assert replace(PLAIN, calcification="comet-tail").malignancy_risk() < PLAIN.malignancy_risk()


def test_odds_ratio_is_the_exponential_of_the_effect() -> None:
    odds = [
        risk / (1 - risk) for risk in (PLAIN.malignancy_risk(), replace(PLAIN, margin="irregular").malignancy_risk())
    ]
    assert odds[1] / odds[0] == pytest.approx(np.exp(EFFECTS["margin"]["irregular"]))


def test_impossible_combinations_are_never_drawn() -> None:
    random = np.random.default_rng(1)
    drawn = [draw_features(random) for _ in range(3000)]
    assert all((item.composition == "cystic") == (item.echogenicity == "anechoic") for item in drawn)
    assert not any(item.composition == "solid" and item.calcification == "comet-tail" for item in drawn)
    assert {item.margin for item in drawn} == set(MARGIN)
    assert {item.calcification for item in drawn} == set(CALCIFICATION)
    assert all(item.frequency() > 0 for item in drawn)
