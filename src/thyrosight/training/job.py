"""The description of one training: everything that the loop needs beside the network."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thyrosight.networks import ModelSpec
from thyrosight.training.balance import BalancedSet
from thyrosight.training.options import FitOptions
from thyrosight.training.prepared import PreparedSet


@dataclass(frozen=True, eq=False)
class Job:
    """Images, options and folder of a training; it can be sent to another process.

    Attributes:
        spec: spec of the network.
        train, validation: prepared images.
        options: options of the training.
        folder: folder of checkpoints and results.
        configuration: everything that the result depends on, as JSON.
        activations: folder that caches the output of frozen layers, or None.
    """

    spec: ModelSpec
    train: PreparedSet | BalancedSet
    validation: PreparedSet
    options: FitOptions
    folder: Path
    configuration: dict[str, Any]
    activations: Path | None = None
