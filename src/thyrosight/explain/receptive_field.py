"""Receptive fields: the pixels of the input that a unit of a convolution layer can see."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from thyrosight.errors import NetworkError
from thyrosight.explain.unit_activations import RECTIFICATIONS

Window = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels, right and bottom outside."""


class _ReachedError(Exception):
    """Raised when the layer has run, so that the rest of the network does not."""


class _Plain(TorchFunctionMode):
    """While active, all filters are means over their window and all channels, and nothing else changes a value.

    The gradient of a unit is then positive at every pixel that a path leads to, and 0 elsewhere, whatever the weights.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        options = dict(kwargs or {})
        if func is torch.conv2d:
            return _mean_filter(*args, **options)
        if func in (functional.max_pool2d, torch.max_pool2d):
            return _mean_pool(*args, **options)
        if func is functional.linear:
            # Fully connected layers before a convolution are gates on whole maps (attention): taken as constants.
            return args[0].new_zeros((*args[0].shape[:-1], args[1].shape[0]))
        if func in RECTIFICATIONS or func in (functional.batch_norm, torch.batch_norm):
            return args[0]
        return func(*args, **options)


def receptive_fields(
    network: nn.Module, layer: nn.Module, positions: Sequence[tuple[int, int]], *, shape: tuple[int, int]
) -> list[Window]:
    """The pixels that units of a convolution layer can see, inside an image of `shape`.

    Found by one gradient for each unit through the network with its filters replaced by means, so that it holds for
    any network of convolutions, poolings, sums and concatenations, whatever its weights. The gates of attention blocks
    are left out: they see the whole image, and only scale whole maps.

    Args:
        network: any mode; nothing in it is changed.
        layer: one of its convolutions.
        positions: row and column of each unit in the layer's maps.
        shape: rows and columns of the input.

    Raises:
        NetworkError: the network does not use the layer.
    """
    # On the CPU wherever the network lies: of its weights only the shapes are used.
    image = torch.ones((1, 3, *shape), dtype=torch.float64, requires_grad=True)
    answer: list[torch.Tensor] = []

    def stop(_module: nn.Module, _inputs: Any, output: torch.Tensor) -> None:
        answer.append(output)
        raise _ReachedError

    hook = layer.register_forward_hook(stop)
    try:
        with _Plain():
            network(image)
    except _ReachedError:
        pass
    finally:
        hook.remove()
    if not answer:
        raise NetworkError("The network does not use this layer here (a head for training only); choose another.")
    return [_window(answer[0], image, position) for position in positions]


def _window(answer: torch.Tensor, image: torch.Tensor, position: tuple[int, int]) -> Window:
    row, column = position
    (gradient,) = torch.autograd.grad(answer[0, 0, row, column], image, retain_graph=True)
    rows, columns = torch.nonzero(gradient[0].amax(dim=0), as_tuple=True)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def _mean_filter(
    values: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None, *geometry: Any, **named: Any
) -> torch.Tensor:
    """As `conv2d`, by one filter that is the mean over all channels, whatever their groups."""
    named.pop("groups", None)
    mean = torch.full((1, 1, *weight.shape[2:]), 1 / weight[0, 0].numel(), dtype=values.dtype, device=values.device)
    one = functional.conv2d(values.mean(dim=1, keepdim=True), mean, None, *geometry[:3], **named)
    return one.expand(-1, weight.shape[0], -1, -1).contiguous()


def _mean_pool(values: torch.Tensor, *geometry: Any, **named: Any) -> torch.Tensor:
    """As `max_pool2d`, by the mean."""
    places = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
    options = dict(zip(places, geometry, strict=False)) | named
    kept = {key: value for key, value in options.items() if key not in ("dilation", "return_indices")}
    return functional.avg_pool2d(values, **kept)
