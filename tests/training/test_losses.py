"""Losses against arithmetic and against torch's own cross-entropy."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional
from torchvision.models.googlenet import GoogLeNetOutputs
from torchvision.models.inception import InceptionOutputs

from thyrosight.errors import NetworkError
from thyrosight.training import LossOptions, focal_loss
from thyrosight.training.losses import class_weights, training_loss

CLASSES = ("benign", "malignant")


def _batch(seed: int, classes: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    logits = 4 * torch.randn(50, classes, generator=generator)
    return logits, torch.randint(0, classes, (50,), generator=generator)


@given(st.integers(0, 1000), st.integers(2, 5))
def test_gamma_zero_is_cross_entropy_to_the_bit(seed: int, classes: int) -> None:
    logits, labels = _batch(seed, classes)
    assert torch.equal(
        focal_loss(logits, labels, gamma=0.0), functional.cross_entropy(logits, labels, reduction="none")
    )


def test_figures_of_the_paper() -> None:
    """Lin et al., section 3.2: with gamma 2 an example at p = 0.9 has a 100 times lower loss than cross-entropy, at
    p = 0.968 about 1000 times."""
    for probability, factor in ((0.9, 100), (0.968, 1000)):
        logits = torch.tensor([[0.0, math.log(probability / (1 - probability))]], dtype=torch.float64)
        ratio = -math.log(probability) / focal_loss(logits, torch.tensor([1]), gamma=2.0).item()
        assert ratio == pytest.approx(factor, rel=0.03)


@given(st.integers(0, 1000), st.floats(0.1, 5), st.floats(0.05, 0.95))
def test_the_definition_in_double_precision(seed: int, gamma: float, alpha: float) -> None:
    logits, labels = _batch(seed)
    weights = class_weights(LossOptions(alpha=alpha), np.array([0, 1]), classes=CLASSES)
    p = logits.double().softmax(dim=1)[range(50), labels]
    at = torch.where(labels == 1, alpha, 1 - alpha)
    expected = -at * (1 - p) ** gamma * p.log()
    assert torch.allclose(
        focal_loss(logits, labels, gamma=gamma, weights=weights).double(), expected, rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0, 5.0])
@pytest.mark.parametrize("certain", [100.0, -100.0, 0.0])
def test_gradients_are_finite_at_the_extremes(gamma: float, certain: float) -> None:
    logits = torch.tensor([[-certain, certain]], requires_grad=True)
    focal_loss(logits, torch.tensor([1]), gamma=gamma).sum().backward()
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


def test_balanced_weights_give_both_classes_the_same_say() -> None:
    labels = np.array([0] * 415 + [1] * 93)  # the paper's benign and malignant images
    weights = class_weights(LossOptions(alpha="balanced"), labels, classes=CLASSES)
    assert weights is not None
    assert weights.tolist() == pytest.approx([508 / (2 * 415), 508 / (2 * 93)])
    assert float(weights[labels].mean()) == pytest.approx(1)
    assert float(weights[0] * 415) == pytest.approx(float(weights[1] * 93), rel=1e-5)


def test_cross_entropy_ignores_gamma_and_no_alpha_means_no_weights() -> None:
    logits, labels = _batch(0)
    plain = training_loss(logits, labels, LossOptions(name="cross-entropy", gamma=3.0), weights=None)
    assert torch.equal(plain, functional.cross_entropy(logits, labels, reduction="none"))
    assert class_weights(LossOptions(), np.array([0, 1]), classes=CLASSES) is None


def test_the_auxiliary_output_counts_by_its_weight() -> None:
    (main, labels), (auxiliary, _) = _batch(1), _batch(2)
    options = LossOptions(gamma=2.0, auxiliary_weight=0.4)
    both = training_loss(InceptionOutputs(main, auxiliary), labels, options, weights=None)
    parts = [training_loss(logits, labels, options, weights=None) for logits in (main, auxiliary)]
    assert torch.allclose(both, parts[0] + 0.4 * parts[1])


def test_each_auxiliary_output_of_googlenet_counts_by_its_authors_weight() -> None:
    (main, labels), (one, _), (two, _) = _batch(1), _batch(2), _batch(3)
    options = LossOptions(gamma=2.0, auxiliary_weight=0.9)
    found = training_loss(GoogLeNetOutputs(main, two, one), labels, options, weights=None)
    parts = [training_loss(logits, labels, options, weights=None) for logits in (main, one, two)]
    assert torch.allclose(found, parts[0] + 0.3 * parts[1] + 0.3 * parts[2])


def test_alpha_is_the_weight_of_malignant_wherever_it_stands() -> None:
    labels = np.array([0, 1])
    for classes, expected in ((CLASSES, [0.25, 0.75]), (("malignant", "benign"), [0.75, 0.25])):
        weights = class_weights(LossOptions(alpha=0.75), labels, classes=classes)
        assert weights is not None and weights.tolist() == expected


@pytest.mark.parametrize(
    ("alpha", "classes"), [(0.3, (*CLASSES, "normal")), (1.5, CLASSES), (0.0, CLASSES), (0.3, ("cat", "dog"))]
)
def test_an_alpha_without_meaning_is_refused(alpha: float, classes: tuple[str, ...]) -> None:
    with pytest.raises(NetworkError, match="weight of malignant beside one other class"):
        class_weights(LossOptions(alpha=alpha), np.array([0, 1]), classes=classes)


def test_balance_without_images_of_a_class_is_refused() -> None:
    with pytest.raises(NetworkError, match="no training image"):
        class_weights(LossOptions(alpha="balanced"), np.array([1, 1]), classes=CLASSES)
