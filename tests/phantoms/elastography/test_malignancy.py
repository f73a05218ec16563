"""How features and stiffness bear on malignancy: the exact AUCs against nodules drawn at random."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from thyrosight.phantoms import best_possible_auc, prevalence
from thyrosight.phantoms.elastography import LIKE, MalignancyModel
from thyrosight.phantoms.elastography.malignancy import MIDDLE_KPA


@pytest.fixture(scope="module")
def drawn() -> tuple[MalignancyModel, list[tuple[float, float, float, bool, bool]]]:
    """Risk given B-mode, given stiffness and given both, shape and label of 20,000 nodules."""
    model = LIKE["elasticity-fusion"].model
    random = np.random.default_rng(0)
    risk_of = {features: model.risk_b_mode(features) for features, _ in model.frequencies}
    shares = np.array([share for _, share in model.frequencies])
    found = []
    for place in random.choice(len(shares), p=shares / shares.sum(), size=20_000):
        features = model.frequencies[place][0]
        malignant = bool(random.random() < risk_of[features])
        kpa = model.draw_stiffness(random, malignant=malignant)
        tall = features.shape == "taller than wide"
        found.append((risk_of[features], model.risk_elastogram(kpa), model.risk(features, kpa), tall, malignant))
    return model, found


def test_exact_aucs_are_those_of_nodules_drawn_at_random(
    drawn: tuple[MalignancyModel, list[tuple[float, float, float, bool, bool]]],
) -> None:
    model, nodules = drawn
    b_mode, stiffness, both, _, truth = (np.array(column) for column in zip(*nodules, strict=True))
    exact = model.best_possible_auc()
    for name, score in (("b_mode", b_mode), ("stiffness", stiffness), ("both", both)):
        assert roc_auc_score(truth, score) == pytest.approx(exact[name], abs=0.01)  # above 3 standard errors


def test_risk_given_both_is_calibrated_and_the_two_do_not_interact(
    drawn: tuple[MalignancyModel, list[tuple[float, float, float, bool, bool]]],
) -> None:
    _, nodules = drawn
    b_mode, stiffness, both, _, truth = (np.array(column) for column in zip(*nodules, strict=True))
    for risk in (b_mode, stiffness, both):
        for low, high in ((0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1)):
            part = (risk >= low) & (risk < high)
            error = 4 * np.sqrt((risk * (1 - risk))[part].sum()) / part.sum()
            assert abs(truth[part].mean() - risk[part].mean()) < error
    for label in (0, 1):
        chosen = truth == label
        assert abs(np.corrcoef(b_mode[chosen], stiffness[chosen])[0, 1]) < 4 / np.sqrt(chosen.sum())


def test_shape_adds_what_colours_tell_of_it(
    drawn: tuple[MalignancyModel, list[tuple[float, float, float, bool, bool]]],
) -> None:
    model, nodules = drawn
    _, stiffness, _, tall, truth = (np.array(column) for column in zip(*nodules, strict=True))
    ratio = np.log(tall[truth == 1].mean() / tall[truth == 0].mean())
    other = np.log((1 - tall[truth == 1].mean()) / (1 - tall[truth == 0].mean()))
    score = np.log(stiffness / (1 - stiffness)) + np.where(tall, ratio, other)
    assert roc_auc_score(truth, score) == pytest.approx(model.best_possible_auc()["stiffness_and_shape"], abs=0.01)


def test_documented_numbers() -> None:
    usual, easy = (LIKE[name].model.best_possible_auc() for name in ("elasticity-fusion", "elasticity-fusion-easy"))
    assert {name: round(value, 3) for name, value in usual.items()} == {
        "b_mode": 0.812, "stiffness": 0.812, "stiffness_and_shape": 0.830, "both": 0.895,
    }  # fmt: skip
    assert {name: round(value, 3) for name, value in easy.items()} == {
        "b_mode": 0.807, "stiffness": 0.812, "stiffness_and_shape": 0.812, "both": 0.898,
    }  # fmt: skip


def test_full_strength_and_the_usual_prevalence_give_the_usual_phantoms() -> None:
    from thyrosight.phantoms import INTERCEPT

    model = MalignancyModel(1.0, 0.0, prevalence())
    assert model.intercept == pytest.approx(INTERCEPT, abs=1e-6)
    assert model.best_possible_auc()["b_mode"] == pytest.approx(best_possible_auc())
    assert model.best_possible_auc()["both"] == pytest.approx(best_possible_auc())
    assert model.best_possible_auc()["stiffness"] == pytest.approx(0.5)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.0, 1.5), st.floats(0.1, 3.0), st.floats(0.1, 0.9), st.booleans())
def test_more_knowledge_is_never_worse(strength: float, separation: float, share: float, easy: bool) -> None:
    model = MalignancyModel(strength, separation, share, easy)
    best = model.best_possible_auc()
    assert best["stiffness"] == pytest.approx(float(ndtr(separation / np.sqrt(2))))
    assert 0.5 - 1e-9 <= best["b_mode"] <= best["both"] + 1e-9
    assert best["stiffness"] <= best["stiffness_and_shape"] + 1e-9 <= best["both"] + 2e-9
    mean = sum(frequency * model.risk_b_mode(features) for features, frequency in model.frequencies)
    assert mean == pytest.approx(share, abs=1e-6)


def test_stiffness_is_the_likelihood_ratio_of_its_two_distributions() -> None:
    model = MalignancyModel(0.45, 1.25, 0.5)
    for kpa in (10.0, 41.0, 90.0):
        z = np.log(kpa / MIDDLE_KPA) / 0.6
        assert model.elastography_part(kpa) == pytest.approx(norm.logpdf(z, 0.625) - norm.logpdf(z, -0.625))
    drawn = [model.draw_stiffness(np.random.default_rng(seed), malignant=False) for seed in range(800)]
    assert np.median(drawn) == pytest.approx(28.2, rel=0.1)
