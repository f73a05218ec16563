"""Activations of a convolution layer, read out of any network, with its own gradient or that of a deconvnet."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import torch
from torch import nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from thyrosight.errors import NetworkError

_NORMALISATIONS = frozenset({functional.batch_norm, torch.batch_norm})
RECTIFICATIONS: Mapping[Any, Callable[..., torch.Tensor]] = {
    functional.relu: functional.relu,
    torch.relu: torch.relu,
    torch.relu_: torch.relu,
    torch.Tensor.relu: torch.relu,
    torch.Tensor.relu_: torch.relu,
    functional.relu6: functional.relu6,
    functional.hardtanh: functional.hardtanh,
    functional.leaky_relu: functional.leaky_relu,
    functional.elu: functional.elu,
    functional.silu: functional.silu,
    functional.gelu: functional.gelu,
    functional.hardswish: functional.hardswish,
    functional.mish: functional.mish,
}
"""Rectifications by the functions that networks call, each with a form that keeps its input tensor."""


class _ReachedError(Exception):
    """Raised when the activation is known, so that the rest of the network does not run."""


class _DeconvnetRectification(torch.autograd.Function):
    """Identity forwards; backwards the positive part of the gradient (Zeiler and Fergus 2014, section 2.1)."""

    @staticmethod
    def forward(context: Any, rectify: Callable[[torch.Tensor], torch.Tensor], values: torch.Tensor) -> torch.Tensor:
        return rectify(values)

    @staticmethod
    def backward(context: Any, *gradients: torch.Tensor) -> tuple[None, torch.Tensor]:
        return None, gradients[0].clamp(min=0)


class _Reader(TorchFunctionMode):
    """While active, notes the activation of one layer, and may replace the gradient of every rectification.

    A mode of PyTorch sees also the rectifications that a network calls as functions (Inception, GoogLeNet), which
    hooks on modules, and with them the deconvolution of captum, miss.
    """

    def __init__(self, *, deconvolution: bool) -> None:
        super().__init__()
        self.activation: torch.Tensor | None = None
        self._deconvolution = deconvolution
        self._followed: torch.Tensor | None = None

    def __torch_function__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        options = dict(kwargs or {})
        followed = bool(args) and args[0] is self._followed
        if func in RECTIFICATIONS:
            if followed:
                raise _ReachedError
            options.pop("inplace", None)
            return self._rectified(RECTIFICATIONS[func], args, options)
        result = func(*args, **options)
        if followed and func in _NORMALISATIONS:
            self.note(result)
        return result

    def _rectified(
        self, rectify: Callable[..., torch.Tensor], args: Sequence[Any], options: Mapping[str, Any]
    ) -> torch.Tensor:
        def whole(values: torch.Tensor) -> torch.Tensor:
            return rectify(values, *args[1:], **options)

        if not self._deconvolution:
            return whole(args[0])
        return cast(torch.Tensor, _DeconvnetRectification.apply(whole, args[0]))

    def note(self, values: torch.Tensor) -> None:
        """Take this as the layer's activation, and look for the operation that follows."""
        self._followed = values
        # A copy: networks may add to the tensor in place (the shortcut of a residual block).
        self.activation = values.clone()


def read_activation(
    network: nn.Module, layer: nn.Module, images: torch.Tensor, *, deconvolution: bool = False
) -> torch.Tensor:
    """The activation `(n, maps, rows, columns)` of a convolution layer for images `(n, 3, rows, columns)`.

    It is the output of the layer, or of the batch norm that follows it directly, before the rectification. Unlike the
    output of a ReLU6 it has no upper limit, at which the strongest units would all be equal. Where a rectification
    follows directly, the network stops there. Gradients reach `images` that require them.

    Args:
        network: as it is, in its mode.
        layer: one of its convolutions.
        images: from `to_input`.
        deconvolution: on the way back, every rectification passes the positive part of the gradient, whatever the sign
            of its own input, as in a deconvnet. ReLU6, SiLU and other smooth forms are treated in the same way.

    Raises:
        NetworkError: the network does not use the layer for these images.
    """
    reader = _Reader(deconvolution=deconvolution)
    hook = layer.register_forward_hook(lambda _module, _inputs, output: reader.note(output))
    try:
        with reader:
            network(images)
    except _ReachedError:
        pass
    finally:
        hook.remove()
    if reader.activation is None:
        raise NetworkError("The network does not use this layer here (a head for training only); choose another.")
    return reader.activation
