"""From files to assessments: the one way for the shell, the DICOM node and a server."""

import numpy as np
from numpy.typing import NDArray

from thyrosight.explain import heat_maps
from thyrosight.inference import Session, network_of


def grad_cam(session: Session, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Heat maps of the malignant class by Grad-CAM; see `thyrosight.explain.heat_maps`.

    Args:
        session: of a network that runs in torch, which gradients need.
        pixels: as for `Session.run`.

    Raises:
        BundleError: the session runs on another engine.
        NetworkError: no map can be made for this network and these pixels.
    """
    return heat_maps(network_of(session), session.spec, pixels)
