"""Checkpoints: a kill while writing loses nothing; damage, code and foreign configurations are named."""

from pathlib import Path
from typing import Any

import pytest
import torch

from thyrosight.errors import BundleError, OutputError
from thyrosight.training import checkpoints
from thyrosight.training.checkpoints import load_checkpoint, save_checkpoint

HERE = {"training": {"learning_rate": 1e-4, "epochs": 3}, "training images": "abc"}


def _save(path: Path, **content: Any) -> None:
    save_checkpoint(path, {"configuration": HERE, "network": {"weight": torch.arange(1000.0)}, **content})


def test_a_round_trip_keeps_everything(tmp_path: Path) -> None:
    _save(tmp_path / "last.ckpt", history=[{"epoch": 1, "validation_auc": None}])
    found = load_checkpoint(tmp_path / "last.ckpt", HERE)
    assert torch.equal(found["network"]["weight"], torch.arange(1000.0))
    assert found["history"] == [{"epoch": 1, "validation_auc": None}]


def test_a_kill_while_writing_leaves_the_earlier_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "last.ckpt"
    _save(path, epoch=1)
    before = path.read_bytes()

    def half(content: object, stream: Any) -> None:
        stream.write(b"half a file")
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises(KeyboardInterrupt):
        _save(path, epoch=2)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_said_and_leaves_the_earlier_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "last.ckpt"
    _save(path, epoch=1)
    before = path.read_bytes()

    def full(self: object, data: bytes) -> int:
        self.error = OSError(28, "No space left on device")  # type: ignore[attr-defined]
        raise self.error  # type: ignore[attr-defined]

    monkeypatch.setattr(checkpoints._Recorder, "write", full)
    with pytest.raises(OutputError, match=r"last\.ckpt: the disk is full; free some space"):
        _save(path, epoch=2)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("keep", [0, 10, 2000, -1])
def test_a_damaged_checkpoint_is_named(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "last.ckpt"
    _save(path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(BundleError, match=r"last\.ckpt is damaged; delete its folder to train anew"):
        load_checkpoint(path, HERE)


def test_flipped_bytes_among_the_weights_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "last.ckpt"
    _save(path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(BundleError, match=r"last\.ckpt is damaged"):
        load_checkpoint(path, HERE)


class _Harmful:
    def __init__(self, victim: Path) -> None:
        self.victim = victim

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.unlink, (self.victim,)


def test_code_in_a_checkpoint_is_not_run(tmp_path: Path) -> None:
    victim = tmp_path / "patient.txt"
    victim.write_text("here", encoding="utf-8")
    torch.save({"format": 1, "configuration": HERE, "network": _Harmful(victim)}, tmp_path / "last.ckpt")
    with pytest.raises(BundleError, match=r"last\.ckpt"):
        load_checkpoint(tmp_path / "last.ckpt", HERE)
    assert victim.exists()


def test_another_configuration_says_what_differs(tmp_path: Path) -> None:
    _save(tmp_path / "last.ckpt")
    now = {**HERE, "training": {"learning_rate": 1e-3, "epochs": 3}}
    with pytest.raises(
        BundleError, match=r"another configuration \(training\.learning_rate is 0\.0001 there and 0\.001 now\); choose"
    ):
        load_checkpoint(tmp_path / "last.ckpt", now)


def test_another_format_asks_for_its_version(tmp_path: Path) -> None:
    torch.save({"format": 99, "configuration": HERE}, tmp_path / "last.ckpt")
    with pytest.raises(BundleError, match="has format 99, this version reads 1"):
        load_checkpoint(tmp_path / "last.ckpt", HERE)
