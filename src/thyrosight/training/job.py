"""One training, described: what the loop needs to know beside the network."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thyrosight.networks import ModelSpec
from thyrosight.training.balance import BalancedSet
from thyrosight.training.options import FitOptions
from thyrosight.training.prepared import PreparedSet


@dataclass(frozen=True, eq=False)
class Job:
    """On what to train, how, and where files go; it can be sent to another process.

    Attributes:
        spec: of the network.
        train, validation: prepared images.
        options: how to train.
        folder: of checkpoints and results.
        configuration: everything that the result depends on, as JSON.
        activations: folder of what frozen layers make of images, or None.
    """

    spec: ModelSpec
    train: PreparedSet | BalancedSet
    validation: PreparedSet
    options: FitOptions
    folder: Path
    configuration: dict[str, Any]
    activations: Path | None = None
