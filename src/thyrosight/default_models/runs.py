"""The folder that one stage of training leaves: the weights and their options."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thyrosight.default_models.fitting import WEIGHTS
from thyrosight.errors import BundleError
from thyrosight.files import sha256_of_file, write_json

OPTIONS = "options.json"


@dataclass(frozen=True)
class Run:
    """Trained weights and how they came about.

    Attributes:
        folder: holds `weights.safetensors` and `options.json`.
        options: of the stage, as they were given.
    """

    folder: Path
    options: dict[str, Any]

    @property
    def weights(self) -> Path:
        """The file of the averaged weights."""
        return self.folder / WEIGHTS

    @property
    def sha256(self) -> str:
        """Hash of the weights."""
        return sha256_of_file(self.weights)

    @property
    def fold(self) -> int:
        """The fold of groups left out; -1 for none."""
        return int(self.options["fold"])

    @property
    def size(self) -> int:
        """Side of the network's square input in pixels; earlier options name rows and columns."""
        size = self.options["size"]
        return int(size[0] if isinstance(size, list) else size)


def write_options(folder: Path, options: dict[str, Any]) -> None:
    """Write the options of a stage into its folder."""
    write_json(folder / OPTIONS, options)


def read_run(folder: Path) -> Run:
    """The run in a folder.

    Raises:
        BundleError: weights or options are missing or damaged.
    """
    for name in (WEIGHTS, OPTIONS):
        if not (folder / name).is_file():
            raise BundleError(f"{folder} holds no {name}; name the folder of a stage that was trained.")
    try:
        options = json.loads((folder / OPTIONS).read_text(encoding="utf-8"))
        run = Run(folder, options)
        _ = run.fold, run.size
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise BundleError(f"{folder / OPTIONS} does not say fold and size ({error}); train the stage again.") from error
    return run
