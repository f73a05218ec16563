"""Sessions of exported networks, whatever engine runs the graph."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from thyrosight.errors import NetworkError
from thyrosight.imaging.pairs import CHANNELS
from thyrosight.inference.session import Capabilities, Lane, Outputs
from thyrosight.networks.spec import ModelSpec, require_fit


@dataclass(frozen=True, eq=False)
class Graph:
    """An exported network that an engine has opened; see `thyrosight.networks.onnx_file`.

    Attributes:
        run: from prepared pixels to the outputs in the order of `outputs`.
        outputs: their names.
        channels: of the pixels: `()` for grey, `(3,)` for colour, `(4,)` for pairs.
    """

    run: Callable[[NDArray[np.uint8]], list[NDArray[np.float32]]]
    outputs: tuple[str, ...]
    channels: tuple[int, ...]


class GraphSession:
    """A network that was exported with its normalisation.

    Args:
        open_graph: opens it for a number of threads that work on one image.
        threads: of the processor that it may use.
        one_by_one: images are run one after the other, which is fastest on a processor, and makes the result of an
            image independent of the others in its batch.
        spec: description of the network.
        capabilities: of the model.
        smallest: the shortest side of an image that the network can take.
        engine: its name, for messages.
    """

    def __init__(
        self,
        open_graph: Callable[[int], Graph],
        spec: ModelSpec,
        *,
        threads: int,
        one_by_one: bool,
        capabilities: Capabilities,
        smallest: int,
        engine: str,
    ) -> None:
        self.engine, self.spec, self.capabilities = engine, spec, capabilities
        self._open, self._threads, self._one_by_one, self._smallest = cache(open_graph), threads, one_by_one, smallest

    def run(self, pixels: NDArray[np.uint8]) -> Outputs:
        """Run the network over prepared images, all threads on one; see `Session.run`."""
        return self._run(self._open(self._threads), pixels)

    def lane(self) -> Lane | None:
        """On a processor one image per thread, which wastes none on waiting for the others; see `Session.lane`."""
        if not self._one_by_one:
            return None
        graph = self._open(1)
        return Lane(lambda pixels: self._run(graph, pixels), self._threads)

    def _run(self, graph: Graph, pixels: NDArray[np.uint8]) -> Outputs:
        self._check(pixels)
        pixels = _in_channels(pixels, graph.channels)
        can, count = self.capabilities, len(pixels)
        if count == 0:
            logits = np.zeros((0, len(self.spec.classes)), dtype=np.float32)
            masks = np.zeros(pixels.shape[:3], dtype=np.float32)
            return Outputs(logits if can.classes else None, masks if can.outlines else None)
        size = 1 if self._one_by_one else count
        parts = [graph.run(pixels[start : start + size]) for start in range(0, count, size)]
        found = {name: np.concatenate(part) for name, part in zip(graph.outputs, zip(*parts, strict=True), strict=True)}
        for values in found.values():
            require_finite(values)
        return Outputs(found.get("logits"), found.get("mask_logits"), found.get("heat"), found.get("features"))

    def _check(self, pixels: NDArray[np.uint8]) -> None:
        require_fit(str(pixels.dtype), pixels.shape, self.spec)
        if min(pixels.shape[1:3]) < self._smallest:
            raise NetworkError(
                f"This network needs images of at least {self._smallest} x {self._smallest} pixels, got "
                f"{pixels.shape[1]} x {pixels.shape[2]}; prepare larger images or choose another network."
            )
        if not self.capabilities.pairs:
            return
        there = np.array([pixels[..., part].any(axis=(1, 2, 3)) for part in CHANNELS.values()])
        if self.capabilities.absent_image == "refused" and not there.all():
            raise NetworkError(
                "Early fusion needs both images of a pair, and one is absent; give both, or use late or mixed fusion."
            )
        if not there.any(axis=0).all():
            raise NetworkError("A pair has neither of its two images; give at least one of them.")


def _in_channels(pixels: NDArray[np.uint8], channels: tuple[int, ...]) -> NDArray[np.uint8]:
    """Grey images for a network that was exported for colour."""
    if pixels.shape[3:] == channels:
        return np.ascontiguousarray(pixels)
    if pixels.ndim == 3:
        return np.repeat(pixels[..., None], 3, axis=3)
    raise NetworkError(
        "The model was exported for grey images, and these are in colour; prepare them as the model states."
    )


def require_finite(values: NDArray[np.float32]) -> None:
    """Refuse outputs that are not finite; the first axis counts images.

    Raises:
        NetworkError: names the first image that has such values.
    """
    wrong = np.flatnonzero(~np.isfinite(values.reshape(len(values), -1)).all(axis=1))
    if len(wrong):
        raise NetworkError(not_finite(int(wrong[0]) + 1))


def not_finite(number: int) -> str:
    """The message on outputs that are not finite."""
    return (
        f"The network gives values that are not finite for image {number}; its weights are damaged or its training "
        "diverged (train again with a smaller learning rate)."
    )
