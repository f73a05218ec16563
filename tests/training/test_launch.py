"""Several processes: the same images in the same batches, weights that agree with those of one process."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from thyrosight.errors import NetworkError
from thyrosight.networks import create
from thyrosight.training import FitOptions, FitResult, LossOptions, PreparedSet, fit
from thyrosight.training.launch import is_main_process

pytestmark = pytest.mark.timeout(1800)  # new processes import PyTorch, which takes minutes on a machine with other work


def _without_batch_statistics() -> nn.Module:
    """Batch normalisation sees each process's share alone; without it one process and two must agree."""
    network, _ = create("tiny", input_size=16)
    for stage in network.features:
        stage[1] = nn.GroupNorm(1, stage[1].num_features)
    return network


def _train(folder: Path, *, devices: int, learning_rate: float = 0.05) -> tuple[FitResult, list[tuple[int, int]]]:
    generator = np.random.default_rng(0)
    labels = np.arange(27) % 3 % 2
    pixels = generator.integers(0, 256, (27, 16, 16), dtype=np.uint8)
    keys = [str(number) for number in range(27)]
    whole = PreparedSet.of(pixels, labels, keys)
    seen: list[tuple[int, int]] = []
    result = fit(
        _without_batch_statistics(),
        create("tiny", input_size=16)[1],
        train=whole.select(keys[:20]),
        validation=whole.select(keys[20:]),
        options=FitOptions(
            epochs=2,
            batch_size=7,
            optimiser="sgd",
            learning_rate=learning_rate,
            loss=LossOptions(alpha="balanced"),
            accelerator="cpu",
            precision="32",
            devices=devices,
        ),
        folder=folder,
        progress=lambda _, done, total: seen.append((done, total)),
    )
    return result, seen


def test_two_processes_agree_with_one(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """20 images in batches of 7, 7 and 6, split 4 + 3 and 3 + 3: any wrong weighing of the shares would show."""
    one, seen_by_one = _train(tmp_path / "one", devices=1)
    two, seen_by_two = _train(tmp_path / "two", devices=2)
    for epoch, other in zip(one.history, two.history, strict=True):
        assert other["train_loss"] == pytest.approx(epoch["train_loss"], rel=1e-5)
        assert other["validation_loss"] == pytest.approx(epoch["validation_loss"], rel=1e-5)
        assert other["validation_auc"] == epoch["validation_auc"]
    first, weights, others = _without_batch_statistics().state_dict(), load_file(one.weights), load_file(two.weights)
    assert any(not torch.allclose(first[name], weights[name], atol=1e-3) for name in weights)
    for name, tensor in weights.items():
        assert torch.allclose(tensor, others[name], atol=1e-5)
    assert seen_by_two == seen_by_one
    assert capfd.readouterr() == ("", "")


def test_an_error_in_a_process_arrives_as_its_sentence(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match=r"learning rate"):
        _train(tmp_path, devices=2, learning_rate=1e30)
    assert not (tmp_path / "weights.safetensors").exists()


def test_the_main_process_writes_where_a_launcher_started_several(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_main_process()
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "1")
    for rank, main in (("0", True), ("3", False)):
        monkeypatch.setenv("RANK", rank)
        assert is_main_process() is main
