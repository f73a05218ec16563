"""The output of frozen layers for each image, computed once and kept on disk for every epoch, fold and trial.

It is stored under a hash of the frozen weights, the normalisation, the device and precision of the computation, and the
prepared pixels themselves; the preparation, fold or flip that the pixels come from makes no difference.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from thyrosight.errors import NetworkError
from thyrosight.files import sha256_of_bytes, sha256_of_json, write_atomically
from thyrosight.networks import Cut, ModelSpec, cut_frozen, to_input
from thyrosight.training.augmentation import Augmentation
from thyrosight.training.options import FitOptions

_NAME = 32
"""Digits of a hash in a name."""


@dataclass(frozen=True, eq=False)
class Activations:
    """The output of a network's frozen first layers for any image, computed where it is not in `folder` yet.

    Attributes:
        folder: folder of all caches, with one folder for each set of frozen layers and in it one file for each image.
        spec: spec of the network.
        cut: the network in two parts, frozen and trained.
        device: device of the computation and of its results.
        precision: "32" or "bf16"; stored values are float32 in either case.
    """

    folder: Path
    spec: ModelSpec
    cut: Cut
    device: torch.device
    precision: str
    _places: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        places = tuple(self.folder / self._name_of(start) for start in self.cut.starts)
        object.__setattr__(self, "_places", places)

    def of(self, pixels: torch.Tensor) -> torch.Tensor:
        """Activations of prepared images, `(n, channels, rows, columns)`; of pairs those of both images, NaN if absent.

        Raises:
            OutputError: the folder cannot be written.
        """
        if self.spec.fusion == "none":
            names = _names(pixels if pixels.ndim == 4 else pixels.unsqueeze(-1))
            found = self._found(names, to_input(pixels, self.spec), 0)
        else:
            parts = zip((pixels[..., :1], pixels[..., 1:]), to_input(pixels, self.spec).chunk(2, dim=1), strict=True)
            both = [self._found(_names(part), images, number) for number, (part, images) in enumerate(parts)]
            found = [_side_by_side(one, two) for one, two in zip(*both, strict=True)]
        batch = torch.from_numpy(np.stack([array for array in found if array is not None]))
        return batch.to(self.device).permute(0, 3, 1, 2)

    def logits(self, stored: NDArray[np.uint8], *, batch_size: int) -> torch.Tensor:
        """Logits of prepared images of one shape, from the rest of the network in evaluation mode.

        Raises:
            NetworkError: they are not finite.
        """
        rest, found = self.cut.rest.eval(), [torch.zeros(0, len(self.spec.classes))]
        with torch.inference_mode(), self._autocast():
            for start in range(0, len(stored), batch_size):
                images = torch.from_numpy(np.array(stored[start : start + batch_size])).to(self.device)
                found.append(rest(self.of(images)).float().cpu())
        logits = torch.cat(found)
        if not torch.isfinite(logits).all():
            raise NetworkError("The network gives values that are not finite; train again with a lower learning rate.")
        return logits

    def _found(self, names: list[str | None], images: torch.Tensor, number: int) -> list[NDArray[np.float32] | None]:
        """Activations `(rows, columns, channels)` by the names of the images; None where there is no image."""
        number = min(number, len(self._places) - 1)  # a mixed fusion has one extractor for both kinds
        paths = [None if name is None else self._places[number] / name[:2] / f"{name}.npy" for name in names]
        found = [None if path is None else _read(path) for path in paths]
        missing = [place for place, path in enumerate(paths) if path is not None and found[place] is None]
        for start in range(0, len(missing), 2):
            two = missing[start : start + 2]
            for place, array in zip(two, self._made(images[two * (3 - len(two))], number), strict=False):
                found[place] = _kept(paths[place], array)
        return found

    def _made(self, two: torch.Tensor, number: int) -> NDArray[np.float32]:
        """Compute the activations of two images.

        Always two, because the last bit of a convolution can depend on the batch size: the cache would then depend on
        which images were missing, and an interrupted training would not end with the same bytes. Larger even batches,
        as in training, were found to give the same bits as two images; a single image was not.
        """
        with torch.no_grad(), self._autocast():
            made = self.cut.starts[number](two.contiguous(memory_format=torch.channels_last))
        arrays: NDArray[np.float32] = made.float().permute(0, 2, 3, 1).cpu().contiguous().numpy()
        return arrays

    def _autocast(self) -> Any:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bf16")

    def _name_of(self, start: nn.Module) -> str:
        """A hash over everything that the activations depend on, except the image."""
        weights = sha256_of_bytes(
            value.detach().cpu().contiguous().numpy().tobytes() for value in start.state_dict().values()
        )
        made_by = [torch.__version__, self.device.type, self.precision, self.spec.mean, self.spec.std]
        return sha256_of_json([str(start), weights, *made_by])[:_NAME]


def cut_for_cache(
    network: nn.Module, spec: ModelSpec, options: FitOptions, *, folder: Path | None, device: torch.device
) -> tuple[nn.Module, Activations | None]:
    """The network to train: all of it, or its layers after the frozen ones and the cache of their input."""
    cut = None if folder is None else _cut(network, spec, options)
    if folder is None or not isinstance(cut, Cut):
        return network, None
    network.to(device)
    return cut.rest, Activations(folder, spec, cut, device, options.precision)


def why_not_cached(network: nn.Module, spec: ModelSpec, options: FitOptions) -> str | None:
    """One sentence that says why the output of a network's frozen layers cannot be cached; None if it can."""
    cut = _cut(network, spec, options)
    return f"The output of frozen layers was not cached: {cut}." if isinstance(cut, str) else None


def _cut(network: nn.Module, spec: ModelSpec, options: FitOptions) -> Cut | str:
    if options.augmentation != Augmentation.none().model_copy(
        update={"horizontal_flip": options.augmentation.horizontal_flip}
    ):
        return "the augmentation shows other images in each epoch; only horizontal flips repeat themselves"
    return cut_frozen(network, spec)


def _names(images: torch.Tensor) -> list[str | None]:
    """A hash of each image of uint8 `(n, rows, columns, channels)`; None for an image that is all black."""
    arrays = images.cpu().contiguous().numpy()
    shape = str(arrays.shape[1:]).encode("ascii")
    return [sha256_of_bytes([shape, array.tobytes()])[:_NAME] if array.any() else None for array in arrays]


def _kept(path: Path | None, array: NDArray[np.float32]) -> NDArray[np.float32]:
    assert path is not None
    with write_atomically(path) as temporary:
        np.save(temporary, array)
    return array


def _read(path: Path) -> NDArray[np.float32] | None:
    """The array in a file, or None if the file is missing or damaged."""
    try:
        array: NDArray[np.float32] = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return array


def _side_by_side(one: NDArray[np.float32] | None, two: NDArray[np.float32] | None) -> NDArray[np.float32]:
    there = one if one is not None else two
    if there is None:
        raise NetworkError("A pair has neither of its two images; give at least one of them.")
    absent = np.full_like(there, np.nan)
    return np.concatenate([absent if one is None else one, absent if two is None else two], axis=2)
