"""The malignancy model of lymph nodes: its population, its direction, its places and the best AUC it allows."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from thyrosight.phantoms import LymphNodeFeatures, best_possible_node_auc
from thyrosight.phantoms.lymph_nodes.best_auc import Known
from thyrosight.phantoms.lymph_nodes.features import LEVELS, draw_node_features, node_population, node_prevalence
from thyrosight.phantoms.lymph_nodes.neck_level import COUNTS, PLACES, draw_place, place_shares
from thyrosight.phantoms.lymph_nodes.patients import LymphNodeImage, lymph_node_images

PLAIN = LymphNodeFeatures("present", "oval", "absent", "absent", "hypoechoic", "smooth")


def drawn(seed: int, count: int) -> list[LymphNodeImage]:
    images = lymph_node_images(seed)
    return [next(images) for _ in range(count)]


@pytest.mark.parametrize("name", list(LEVELS))
def test_suspicious_features_raise_the_risk_and_so_does_being_a_man(name: str) -> None:
    suspicious = replace(PLAIN, **{name: LEVELS[name][1]})
    assert suspicious.malignancy_risk("F") > PLAIN.malignancy_risk("F")
    assert PLAIN.malignancy_risk("M") > PLAIN.malignancy_risk("F")


def test_frequencies_of_all_combinations_are_those_of_drawing() -> None:
    everyone = node_population()
    assert everyone.frequency.sum() == pytest.approx(1.0)
    random = np.random.default_rng(0)
    sample = [draw_node_features(random) for _ in range(8000)]
    share = {name: np.mean([getattr(one, name) == levels[1] for one in sample]) for name, levels in LEVELS.items()}
    for name, levels in LEVELS.items():
        second = np.array([getattr(one, name) == levels[1] for one in everyone.features])
        assert abs(share[name] - everyone.frequency[second].sum()) < 4 * np.sqrt(0.25 / len(sample))
    assert not any(one.hilum == "present" and one.echogenicity == "hyperechoic" for one in sample)


def test_prevalence_by_sex_is_near_that_of_the_paper() -> None:
    assert node_prevalence() == pytest.approx(1524 / 3059, abs=0.01)
    assert node_prevalence("M") == pytest.approx(519 / 928, abs=0.01)
    assert node_prevalence("F") == pytest.approx(1005 / 2131, abs=0.01)


def test_exact_aucs_agree_with_sampling() -> None:
    images = drawn(2, 9000)
    truth = [image.label == "malignant" for image in images]
    by_picture = dict(zip(node_population().features, _risk_given_features(), strict=True))
    picture = [by_picture[image.features] for image in images]
    assert roc_auc_score(truth, picture) == pytest.approx(best_possible_node_auc("picture"), abs=0.012)
    with_sex = [image.risk for image in images]
    assert roc_auc_score(truth, with_sex) == pytest.approx(best_possible_node_auc("picture and sex"), abs=0.012)
    odds = {
        place: malignant / benign if benign else np.inf
        for place, malignant, benign in zip(PLACES, place_shares("malignant"), place_shares("benign"), strict=True)
    }
    score = [i.risk / (1 - i.risk) * odds[i.neck_level, i.neck_side] for i in images]
    whole = best_possible_node_auc("picture, sex and neck level")
    assert roc_auc_score(truth, score) == pytest.approx(whole, abs=0.012)


def _risk_given_features() -> list[float]:
    everyone = node_population()
    total = everyone.frequency.sum(axis=1)
    joint = (everyone.frequency * everyone.risk).sum(axis=1)
    return list(np.divide(joint, total, out=np.zeros_like(joint), where=total > 0))


def test_knowing_more_allows_more_but_not_everything() -> None:
    levels: tuple[Known, ...] = ("picture", "picture and sex", "picture, sex and neck level")
    aucs = [best_possible_node_auc(known) for known in levels]
    assert 0.85 < aucs[0] < aucs[1] < aucs[2] < 0.97


def test_places_are_those_of_table_2() -> None:
    assert (sum(COUNTS["malignant"]), sum(COUNTS["benign"])) == (1524, 1535)
    by_place = dict(zip(PLACES, COUNTS["malignant"], strict=True))
    assert (by_place["III", "right"], by_place["IV", "left"], by_place["VII", "middle"]) == (285, 273, 26)
    random = np.random.default_rng(0)
    sample = [draw_place(random, label="benign") for _ in range(4000)]
    share = np.mean([place == ("III", "left") for place in sample])
    assert share == pytest.approx(348 / 1535, abs=4 * np.sqrt(0.18 / 4000))
    assert {side for level, side in sample if level == "VII"} <= {"middle"}


def test_labels_follow_the_risk_and_nothing_else_that_the_picture_shows() -> None:
    images = drawn(1, 4000)
    risk = np.array([image.risk for image in images])
    rest = np.array([image.label == "malignant" for image in images]) - risk
    for low, high in ((0, 0.2), (0.2, 0.6), (0.6, 0.95), (0.95, 1)):  # calibrated within four standard errors
        part = (risk >= low) & (risk < high)
        assert abs(rest[part].sum()) < 4 * np.sqrt((risk * (1 - risk))[part].sum())
    for values in (
        [image.age for image in images],
        [image.axes_mm[0] for image in images],
        [image.view == "transverse" for image in images],
        [image.site.name == "machine A" for image in images],
    ):
        assert abs(np.corrcoef(np.array(values, dtype=float), rest)[0, 1]) < 4 / np.sqrt(len(images))
