"""Grad-CAM: where in an image the last convolutional stage finds evidence for a class."""

import numpy as np
import torch
from captum.attr import LayerAttribution, LayerGradCam
from numpy.typing import NDArray
from torch import nn

from thyrosight.errors import NetworkError
from thyrosight.imaging.pairs import CHANNELS
from thyrosight.networks import ModelSpec, heat_map_layer, to_input
from thyrosight.networks.spec import MALIGNANT
from thyrosight.progress import Progress

METHOD = "Grad-CAM (Selvaraju et al. 2017) of the malignant logit, last convolutional stage, rectified, not rescaled"


def heat_maps(
    network: nn.Module,
    spec: ModelSpec,
    pixels: NDArray[np.uint8],
    *,
    layer: nn.Module | None = None,
    target: str = MALIGNANT,
    batch_size: int = 8,
    device: str | torch.device | None = None,
    progress: Progress | None = None,
) -> NDArray[np.float32]:
    """Grad-CAM maps (Selvaraju et al. 2017, equations 1 and 2) of one logit, in raw units.

    The map is the rectified sum over channels of activation times the mean gradient of the logit, enlarged bilinearly
    to the input. Nothing is rescaled: a map without evidence is zero, and maps of one network can be compared.
    The gradient of the logit is taken, not of the probability, which vanishes where the network is sure.

    Args:
        network: a network of `thyrosight.networks`; its training mode is put back after.
        spec: its description.
        pixels: uint8 `(n, rows, columns)` grey, `(n, rows, columns, 3)`, or pairs `(n, rows, columns, 4)`.
        layer: the module whose output is read; the network's registered last convolutional stage if None.
        target: name of the class that is explained.
        batch_size: images at a time.
        device: where to compute, and where the network stays; where it lies already if None.
        progress: called after each batch.

    Returns:
        float32 `(n, rows, columns)`, 0 or more. Of pairs it is the part of the B-mode image in the logit: through its
        own extractor (late fusion), or through the one that both share (mixed); 0 where the B-mode image is absent.

    Raises:
        NetworkError: unfit pixels, a class that does not exist, maps that are not finite, or early fusion, which joins
            both images before its first layer.
    """
    column = spec.column(target)
    stage = _stage(network, spec) if layer is None else layer
    result = np.zeros(pixels.shape[:3], dtype=np.float32)
    shown = _with_first_image(pixels, spec)
    place = place_network(network, device)
    training = network.training
    network.eval()
    explainer = LayerGradCam(network, stage)
    try:
        for start in range(0, len(shown), batch_size):
            part = shown[start : start + batch_size]
            # Frozen parameters give no gradient on their own; the input's keeps the path to the stage alive.
            images = to_input(torch.from_numpy(np.array(pixels[part])).to(place), spec).requires_grad_()
            # A network of mixed fusion runs its stage over the first images of all pairs, then over the second ones.
            coarse = explainer.attribute(images, target=column, relu_attributions=True)[: len(part)]
            fine = LayerAttribution.interpolate(coarse, images.shape[-2:], "bilinear")
            result[part] = fine.detach().float().cpu().numpy()[:, 0]
            if progress is not None:
                progress("Explaining", start + len(part), len(shown))
    finally:
        network.train(training)
    if not np.isfinite(result).all():
        raise NetworkError("The heat maps are not finite; the network's weights are damaged or its training diverged.")
    return result


def _stage(network: nn.Module, spec: ModelSpec) -> nn.Module:
    if spec.fusion == "early":
        raise NetworkError(
            "Early fusion joins both images before its first layer, so that no heat map can be of the B-mode image "
            "alone; leave the maps out, or use a network of late or mixed fusion."
        )
    return heat_map_layer(network, spec.architecture, image="first" if spec.fusion == "late" else None)


def _with_first_image(pixels: NDArray[np.uint8], spec: ModelSpec) -> NDArray[np.intp]:
    """Indices of the images that can be explained: of pairs, those whose first image is there."""
    if spec.fusion == "none":
        return np.arange(len(pixels))
    return np.array([index for index, pair in enumerate(pixels) if pair[..., CHANNELS["first"]].any()], dtype=np.intp)


def place_network(network: nn.Module, device: str | torch.device | None) -> torch.device:
    """Move the network to `device`, if one is named, and return the device on which it is."""
    if device is not None:
        network.to(device)
        return torch.device(device)
    return next((parameter.device for parameter in network.parameters()), torch.device("cpu"))
