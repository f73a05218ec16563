"""Heat maps of a model: by gradients where PyTorch is installed, else by class activation."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thyrosight.errors import BundleError
from thyrosight.inference import Bundle, Explainer, Session, load_bundle
from thyrosight.inference.assessment import CAM, GRAD_CAM
from thyrosight.inference.engines import TORCH_MISSING, has_torch


def explainer_of(bundle: Bundle) -> tuple[Explainer, str]:
    """Choose the method of a model's heat maps, and name it.

    It is Grad-CAM where PyTorch is installed; a model that runs in another engine is opened again for it. Elsewhere it
    is the class activation map, for networks that end in a global average and linear layers: there both maps are equal.
    """
    if not has_torch():
        return class_activation, CAM

    @cache
    def with_gradients() -> Session:
        if bundle.session.engine == "PyTorch":
            return bundle.session
        return load_bundle(bundle.folder, backend="torch").session

    return lambda _, pixels: grad_cam(with_gradients(), pixels), GRAD_CAM


def class_activation(session: Session, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Heat maps of the malignant class by class activation (Zhou et al. 2016), of a network that was exported.

    Args:
        session: of an exported network that ends in a global average and linear layers.
        pixels: as for `Session.run`.

    Raises:
        BundleError: the network has no such map.
    """
    coarse = session.run(pixels).heat
    if coarse is None:
        raise BundleError(
            f"Heat maps of {session.spec.architecture} need gradients: it has no class activation map, and "
            f"{TORCH_MISSING}."
        )
    size = (pixels.shape[2], pixels.shape[1])
    fine = [Image.fromarray(heat).resize(size, Image.Resampling.BILINEAR) for heat in coarse]
    return np.stack([np.asarray(heat, dtype=np.float32) for heat in fine])


def grad_cam(session: Session, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Heat maps of the malignant class by Grad-CAM; see `thyrosight.explain.heat_maps`.

    Args:
        session: of a network that runs in torch, which gradients need.
        pixels: as for `Session.run`.

    Raises:
        BundleError: the session runs on another engine.
        NetworkError: no map can be made for this network and these pixels.
    """
    # Both bring torch, which assessing without heat maps does not need.
    from thyrosight.explain import heat_maps
    from thyrosight.inference import network_of

    return heat_maps(network_of(session), session.spec, pixels)
