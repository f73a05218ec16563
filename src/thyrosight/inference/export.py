"""Exporting the network of a bundle to ONNX, checked against PyTorch on prepared images."""

from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from thyrosight.errors import BundleError, NetworkError
from thyrosight.files import sha256_of_file, write_json
from thyrosight.imaging.pairs import CHANNELS
from thyrosight.inference.bundle import Bundle
from thyrosight.inference.graph_session import GraphSession
from thyrosight.inference.onnx_record import ONNX_FILE, RECORD_FILE, OnnxRecord, spec_hash
from thyrosight.inference.session import Session, malignancy, softmax
from thyrosight.networks.registry import find_architecture

LARGEST_DIFFERENCE, LARGEST_OF_FEATURES = 1e-4, 1e-4
"""The probabilities of classes, and of a lesion at a pixel, may differ by so much between both engines; features, as a
share of the largest one, by the second. The rounding to 32 bits alone reaches 7e-5 in a network trained on TN5000,
whose logits lie up to ten apart: ONNX Runtime lies that far from the same network in 64 bits, PyTorch 3e-6."""
NEAR_THRESHOLD = 1e-4
"""An image whose risk is so near the operating point may be labelled otherwise."""


def export_onnx(bundle: Bundle, folder: Path, *, images: Sequence[NDArray[np.uint8]]) -> OnnxRecord:
    """Write `model.onnx` and its record `onnx.json` into the folder of a bundle.

    Args:
        bundle: whose session runs on PyTorch on the CPU.
        folder: its folder.
        images: prepared for the model: uint8 `(rows, columns)`, or with the channels of colour or of pairs.

    Raises:
        BundleError: the network cannot be exported, or the exported one gives other results.
        OutputError: the files cannot be written.
    """
    from thyrosight.inference.onnx_session import open_onnx
    from thyrosight.inference.torch_session import export_network

    info, can = bundle.info, bundle.session.capabilities
    smallest = find_architecture(info.spec.architecture).smallest_size
    shown = list(_shown(images, bundle.session))
    with TemporaryDirectory(prefix=".onnx-", dir=folder) as temporary:
        file = Path(temporary) / ONNX_FILE
        try:
            opset = export_network(
                bundle.session, file, colour=info.preparation.colour == "rgb", features=info.familiarity is not None
            )
            exported = GraphSession(
                lambda threads: open_onnx(file.read_bytes(), threads=threads),
                info.spec,
                threads=1,
                one_by_one=True,
                capabilities=can,
                smallest=smallest,
                engine="ONNX Runtime",
            )
            differences = [compared(bundle, exported, pixels) for pixels in shown]
        except NetworkError as error:
            raise BundleError(f"Model {bundle.folder} was not exported: {error}") from error
        record = OnnxRecord(
            sha256=sha256_of_file(file),
            weights_sha256=info.weights_sha256,
            spec_sha256=spec_hash(info),
            opset=opset,
            exporter=f"torch {version('torch')}",
            smallest_side=smallest,
            images=len(shown),
            largest_difference=max((one for one, _ in differences), default=0.0),
            largest_difference_of_pixels=max((one for _, one in differences), default=0.0),
        )
        file.replace(folder / ONNX_FILE)
    write_json(folder / RECORD_FILE, record.model_dump(mode="json"))
    return record


def compared(bundle: Bundle, exported: Session, pixels: NDArray[np.uint8]) -> tuple[float, float]:
    """The largest differences between a bundle's session and an exported one on one image.

    Returns:
        Those of the probabilities of classes, and of a lesion at each pixel; 0 where there are none.

    Raises:
        BundleError: one is larger than it may be.
    """
    ours, theirs = (session.run(pixels[None]) for session in (bundle.session, exported))
    found = (
        _difference(softmax, ours.logits, theirs.logits),
        _difference(_chances, ours.mask_logits, theirs.mask_logits),
    )
    for what, difference in zip(("classes", "pixels"), found, strict=True):
        if not difference <= LARGEST_DIFFERENCE:
            raise BundleError(
                f"Model {bundle.folder} was not exported: its probabilities of {what} in ONNX Runtime differ from "
                f"those in PyTorch by {difference:.1e}, and at most {LARGEST_DIFFERENCE:.0e} is allowed."
            )
    _require_same_features(bundle, ours.features, theirs.features)
    if ours.logits is not None and theirs.logits is not None:
        _require_same_label(bundle, ours.logits, theirs.logits)
    return found


def _require_same_features(
    bundle: Bundle, ours: NDArray[np.float32] | None, theirs: NDArray[np.float32] | None
) -> None:
    if ours is None and theirs is None:
        return
    if ours is None or theirs is None or ours.shape != theirs.shape:
        raise BundleError(f"Model {bundle.folder} was not exported: its features in ONNX Runtime have another shape.")
    difference = float(np.abs(ours - theirs).max() / max(float(np.abs(ours).max()), 1.0))
    if not difference <= LARGEST_OF_FEATURES:
        raise BundleError(
            f"Model {bundle.folder} was not exported: its features in ONNX Runtime differ from those in PyTorch by "
            f"{difference:.1e} of the largest, and at most {LARGEST_OF_FEATURES:.0e} is allowed."
        )


def _require_same_label(bundle: Bundle, ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> None:
    """Refuse an image that the exported network labels otherwise.

    A risk at the operating point itself, which was often chosen as the risk of such an image, may fall on either side.
    """
    point = bundle.info.operating_point
    own, other = (bundle.calibrator.apply(malignancy(logits, bundle.info.spec))[0] for logits in (ours, theirs))
    if point.label(own) != point.label(other) and abs(own - point.threshold) > NEAR_THRESHOLD:
        raise BundleError(
            f"Model {bundle.folder} was not exported: it labels an image {point.label(own)} in PyTorch and "
            f"{point.label(other)} in ONNX Runtime."
        )


def _difference(
    probabilities: Callable[[NDArray[np.float32]], NDArray[np.float64]],
    ours: NDArray[np.float32] | None,
    theirs: NDArray[np.float32] | None,
) -> float:
    if ours is None or theirs is None:
        return 0.0
    return float(np.abs(probabilities(ours) - probabilities(theirs)).max())


def _chances(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Probabilities of a lesion at each pixel."""
    from scipy.special import expit  # takes longer to import than a server to begin

    return np.asarray(expit(logits.astype(np.float64)))


def _shown(images: Sequence[NDArray[np.uint8]], session: Session) -> Iterator[NDArray[np.uint8]]:
    """The images, and pairs also with either image hidden where the network takes such pairs."""
    for pixels in images:
        yield pixels
        if not session.capabilities.pairs or session.capabilities.absent_image == "refused":
            continue
        for part in CHANNELS.values():
            hidden = pixels.copy()
            hidden[..., part] = 0
            if hidden.any():
                yield hidden
