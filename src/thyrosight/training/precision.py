"""Which numbers a training computes with: decided once for a machine, and never slower than 32 bits."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Literal

from thyrosight.errors import ThyroSightWarning

if TYPE_CHECKING:
    import torch
    from torch import nn

Precision = Literal["32", "bf16"]
Accelerator = Literal["auto", "cpu", "gpu"]
_UNITS = ("avx512_bf16", "amx_bf16", "bf16")
"""Names of processor units for bf16 as torch has them: two of x86, one of ARM."""


@cache
def fastest_precision(accelerator: Accelerator) -> Precision:
    """`bf16` where this machine trains faster with it, else `32`; asks the machine once."""
    import torch

    if accelerator != "cpu" and torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "32"
    return "bf16" if processor_has_bf16() and not _has_slow_units() else "32"


@cache
def processor_has_bf16() -> bool:
    """Whether the processor has units for bf16 and torch a library that uses them.

    Versions of torch that do not tell count as without.
    """
    import torch

    capabilities: Mapping[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    library: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return library and any(capabilities.get(unit, False) for unit in _UNITS)


def _has_slow_units() -> bool:
    """Whether a training gains nothing from the processor's units: Intel's, where there is no AMX.

    Measured on an Xeon with AVX-512 bf16 and AMX hidden: 0.6 to 0.96 of the images per second of 32 bits; AMD's
    processors with the same instructions reached 1.3 to 2.2.
    """
    import torch

    capabilities: Mapping[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return str(capabilities.get("cpu_name", "")).startswith("Intel") and not capabilities.get("amx_bf16", False)


def warn_if_slow(precision: str, accelerator: Accelerator) -> None:
    """Warn where bf16 was asked for on a machine that trains more slowly with it."""
    if precision == "bf16" and fastest_precision(accelerator) == "32":
        import torch

        on_gpu = accelerator != "cpu" and torch.cuda.is_available()
        imitated = on_gpu or not processor_has_bf16()
        much, why = ("about 13 times", "no units for bf16") if imitated else ("up to 1.6 times", "slow units for bf16")
        warnings.warn(
            f"Training with precision bf16 on this machine takes {much} as long as with 32, because it has {why}; "
            "choose training.precision=auto or 32.",
            ThyroSightWarning,
            stacklevel=1,
        )


@contextmanager
def depthwise_in_float32(network: "nn.Module", device: "torch.device", precision: str) -> Iterator[None]:
    """Let depthwise convolutions compute with 32 bits while a processor trains with bf16.

    With strides or kernels above 3 x 3, their bf16 gradients take a processor four to seven times as long, so that
    networks made of them (EfficientNet) would train more slowly with bf16 than without. All others gain from bf16.
    """
    from torch import nn

    concerned = precision == "bf16" and device.type == "cpu"
    slow = [module for module in network.modules() if concerned and isinstance(module, nn.Conv2d) and _is_slow(module)]
    for module in slow:
        vars(module)["forward"] = partial(_in_float32, module)
    try:
        yield
    finally:
        for module in slow:
            del vars(module)["forward"]


def _is_slow(convolution: "nn.Conv2d") -> bool:
    """Whether its gradients take longer with bf16 than with 32 bits."""
    depthwise = 1 < convolution.groups == convolution.in_channels
    return depthwise and (max(convolution.stride) > 1 or max(convolution.kernel_size) > 3)


def _in_float32(module: "nn.Module", images: "torch.Tensor") -> "torch.Tensor":
    import torch

    with torch.autocast("cpu", enabled=False):
        output: torch.Tensor = type(module).forward(module, images.float())
    return output
