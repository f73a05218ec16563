"""Facts about a model that hold on every engine: what it can do, and which column is malignant."""

from pathlib import Path

import numpy as np
import pytest
import torch

from thyrosight.errors import NetworkError
from thyrosight.inference import Capabilities, malignancy
from thyrosight.inference.session import capabilities_of
from thyrosight.networks import create, save_weights


def test_malignancy_is_the_softmax_and_does_not_overflow() -> None:
    _, spec = create("tiny", input_size=32)
    values = malignancy(np.array([[0.0, np.log(3.0)], [1000.0, -1000.0], [-5.0, -5.0]]), spec)
    assert values.tolist() == pytest.approx([0.75, 0.0, 0.5])
    other = spec.model_copy(update={"classes": ("malignant", "benign")})
    assert malignancy(np.array([[0.0, np.log(3.0)]]), other).tolist() == pytest.approx([0.25])
    with pytest.raises(NetworkError, match="none of them is malignant"):
        malignancy(np.zeros((1, 2)), spec.model_copy(update={"classes": ("cat", "dog")}))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, Capabilities(True, False, False, "refused", False)),
        ({"head": "spp", "input_size": 128}, Capabilities(True, False, False, "refused", True)),
        ({"fusion": "early"}, Capabilities(True, False, True, "refused", False)),
        ({"fusion": "mixed"}, Capabilities(True, False, True, "trained", False)),
        ({"fusion": "late"}, Capabilities(True, False, True, "untrained", False)),
    ],
)
def test_a_model_says_what_it_can_do(tmp_path: Path, options: dict[str, object], expected: Capabilities) -> None:
    network, spec = create("tiny", **{"input_size": 64, **options})  # type: ignore[arg-type]
    save_weights(network, tmp_path / "weights.safetensors")
    assert capabilities_of(spec, tmp_path / "weights.safetensors") == expected


def test_a_late_fusion_that_learned_from_gaps_says_so(tmp_path: Path) -> None:
    network, spec = create("tiny", input_size=64, fusion="late")
    with torch.no_grad():
        network.get_parameter("absent")[1, 3] = 0.5
    save_weights(network, tmp_path / "weights.safetensors")
    assert capabilities_of(spec, tmp_path / "weights.safetensors").absent_image == "trained"
