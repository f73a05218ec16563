"""Trials: what identifies them, and what their folders are called."""

from typing import Any

import pytest

from thyrosight.imaging import Preparation
from thyrosight.studies.trial import Trial
from thyrosight.training import FitOptions


def _trial(**fields: Any) -> Trial:
    own = {"division": "fold-01", "key": "tiny", "axes": {}, "architecture": "tiny", "preparation": Preparation()}
    return Trial.model_validate({**own, "training": FitOptions(), **fields})


@pytest.mark.parametrize("precision", ["32", "bf16"])
def test_the_precision_that_auto_means_here_identifies_a_trial(monkeypatch: pytest.MonkeyPatch, precision: str) -> None:
    monkeypatch.setattr("thyrosight.training.options.fastest_precision", lambda accelerator: precision)
    trial = _trial()
    assert trial.parameters()["training"]["precision"] == precision
    monkeypatch.setattr("thyrosight.training.options.fastest_precision", lambda accelerator: "32")
    assert Trial.model_validate(trial.parameters()) == trial  # on another machine


def test_a_folder_has_a_name_that_every_system_takes() -> None:
    assert _trial(key="unet_timm:resnet18_joint").name == "fold-01_unet_timm-resnet18_joint"
