"""Networks in the form that ONNX can hold: prepared pixels in, all outputs out, with nothing decided image by image."""

import torch
from torch import nn

from thyrosight.errors import NetworkError
from thyrosight.networks.branches import TwoBranches
from thyrosight.networks.encoder_maps import captured, encoder_of, joined_features
from thyrosight.networks.factory import heat_map_layer
from thyrosight.networks.fusion import EarlyFusion, LateFusion, MixedFusion, is_there
from thyrosight.networks.inputs import planes
from thyrosight.networks.spec import MALIGNANT, ModelSpec

LOGITS, MASK_LOGITS, HEAT, FEATURES = "logits", "mask_logits", "heat", "features"
"""Names of the outputs."""
_PROBES = 4
_EVEN = 1e-4


class OnnxForm(nn.Module):
    """Takes prepared pixels and gives all outputs of a network by name: `logits`, `mask_logits`, `heat`, `features`.

    The outputs are those of the network. An image of a pair that is absent is run as one of zeros, and its logits or
    features are left out of the result.

    `heat` `(n, rows, columns)` of the last map is the class activation map of the malignant class (Zhou et al. 2016),
    rectified and divided by the number of the map's places: Grad-CAM gives the same where both exist.

    Args:
        network: in evaluation mode.
        spec: its description.
        features: give what the encoder has of an image too; see `joined_features`.
    """

    def __init__(self, network: nn.Module, spec: ModelSpec, *, features: bool = False) -> None:
        super().__init__()
        self.network, self.spec, self.features = network, spec, features
        self.map_weights: torch.Tensor | None
        self.register_buffer("map_weights", activation_weights(network, spec), persistent=False)

    def forward(self, pixels: torch.Tensor) -> dict[str, torch.Tensor]:
        images = planes(pixels, self.spec)
        if self.map_weights is None:
            return self._outputs(images)
        with captured(_stage(self.network, self.spec)) as maps:
            outputs = self._outputs(images)
        last, weights = maps[0][: pixels.shape[0]], self.map_weights[None, :, None, None]
        heat = nn.functional.conv2d(last, weights)[:, 0].relu()
        if self.spec.fusion != "none":
            first, second = (is_there(image).float() for image in images.chunk(2, dim=1))
            share = first / (first + second) if self.spec.fusion == "mixed" else first
            heat = heat * share[:, None, None]
        return outputs | {HEAT: heat}

    def _outputs(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        if not self.features:
            return self._answers(images)
        with captured(encoder_of(self.network)) as maps:
            answers = self._answers(images)
        return answers | {FEATURES: joined_features(maps[0])}

    def _answers(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        network = self.network
        if isinstance(network, TwoBranches):
            found = network.branches(images)
            masks = None if found.mask_logits is None else found.mask_logits[:, 0]
            named = {LOGITS: found.logits, MASK_LOGITS: masks}
            return {name: values for name, values in named.items() if values is not None}
        if isinstance(network, MixedFusion | EarlyFusion | LateFusion):
            return {LOGITS: _logits_of_pairs(network, images)}
        return {LOGITS: network(images)}


def _logits_of_pairs(network: MixedFusion | EarlyFusion | LateFusion, pairs: torch.Tensor) -> torch.Tensor:
    images = pairs.chunk(2, dim=1)
    there = [is_there(image)[:, None] for image in images]
    shown = [torch.where(here[..., None, None], image, 0.0) for here, image in zip(there, images, strict=True)]
    logits: torch.Tensor
    if isinstance(network, EarlyFusion):  # sessions refuse pairs with a gap
        logits = network.backbone(network.join(torch.cat(shown, dim=1)))
        return logits
    if isinstance(network, MixedFusion):
        both, count = network.backbone(torch.cat(shown)), pairs.shape[0]
        parts = both[:count], both[count:]
        weighed = [torch.where(here, part, 0.0) for here, part in zip(there, parts, strict=True)]
        return (weighed[0] + weighed[1]) / (there[0].float() + there[1].float())
    features = [
        torch.where(here, extractor(image), instead)
        for here, extractor, image, instead in zip(
            there, (network.first, network.second), shown, network.absent, strict=True
        )
    ]
    logits = network.classifier(torch.cat(features, dim=1))
    return logits


def activation_weights(network: nn.Module, spec: ModelSpec) -> torch.Tensor | None:
    """Weights `(channels,)` with which the last map's means make the malignant logit; None for networks without them.

    They exist where the network ends in a global average and linear layers alone. Whether it does is tried: the logit's
    gradient with respect to the map is then the same at every place, whatever the map holds.
    """
    if spec.task == "segmentation" or spec.fusion == "early":
        return None
    extractor = network.backbone if isinstance(network, MixedFusion) else network
    try:
        stage = _stage(network, spec)
    except NetworkError:
        return None
    generator = torch.Generator().manual_seed(0)
    probes: list[torch.Tensor] = []

    def replace(_: nn.Module, __: object, output: torch.Tensor) -> torch.Tensor:
        probe = 3 * torch.randn(output.shape, generator=generator)
        probes.append(probe.requires_grad_())
        return probe

    side = spec.input_size
    channels = 6 if spec.fusion == "late" else 3
    handle = stage.register_forward_hook(replace)
    try:
        with torch.enable_grad():
            logits = extractor(torch.zeros(_PROBES, channels, side, side))[:, spec.column(MALIGNANT)].sum()
    finally:
        handle.remove()
    if len(probes) != 1:
        return None
    (gradient,) = torch.autograd.grad(logits, probes[0])
    weights = gradient.mean(dim=(0, 2, 3))
    uneven = (gradient - weights[:, None, None]).abs().max()
    return None if uneven > _EVEN * weights.abs().max() else weights


def _stage(network: nn.Module, spec: ModelSpec) -> nn.Module:
    return heat_map_layer(network, spec.architecture, image="first" if spec.fusion == "late" else None)
