"""Blanking the pixels of a DICOM object and writing them again without loss."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders.base import get_encoder
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEGLSLossless

from thyrosight.files import sha256_of_bytes
from thyrosight.imaging.deidentify.blanking import Blanker, BlankPlan
from thyrosight.imaging.deidentify.options import Blank
from thyrosight.imaging.dicom.cine import Cine
from thyrosight.imaging.frame import to_grey

# In a loop, so many frames spread over it are asked for their scan area; text is looked for in every frame.
_SCANS_OF_A_LOOP = 8
_LOSSY: Final = frozenset(f"1.2.840.10008.1.2.4.{end}" for end in (50, 51, 81, 91, 111, 112, 203))


@dataclass(frozen=True, eq=False)
class Rewritten:
    """The result of `rewrite_pixels`.

    Attributes:
        syntax: how the pixels are written now.
        digest: SHA-256 of all samples.
    """

    syntax: UID
    digest: str


def plan_blanking(cine: Cine, blank: Blank) -> BlankPlan:
    """Look for text in all frames of an object; what is found is blanked in every one."""
    count = len(cine)
    asked = {round(place) for place in np.linspace(0, count - 1, min(count, _SCANS_OF_A_LOOP))}
    blanker = Blanker((cine.info.rows, cine.info.columns), blank, frames=count)
    if blank != "nothing":
        for number, frame in enumerate(cine):
            blanker.look_at(frame, scan=number in asked)
    return blanker.plan()


def rewrite_pixels(dataset: Dataset, cine: Cine, plan: BlankPlan, *, compress: bool) -> Rewritten:
    """Put the frames of `cine`, blanked, into `dataset` as its new pixel data.

    Samples that are not blanked keep their value. Compressed pixels are decoded first, and become RGB where their
    compression mixed the colours; after that nothing is lost.

    Args:
        dataset: gets PixelData and the elements that describe it.
        cine: where the frames come from.
        plan: the pixels to blank.
        compress: write JPEG-LS lossless instead of plain samples.

    Raises:
        ImageError: a frame is damaged.
    """
    stored: list[bytes] = []
    digest = hashlib.sha256()
    syntax = JPEGLSLossless if compress else ExplicitVRLittleEndian
    for number, (samples, photometric) in enumerate(_blanked(cine, plan)):
        if number == 0:
            _describe(
                dataset, samples, photometric, lossy=cine.info.is_video or cine.info.transfer_syntax_uid in _LOSSY
            )
        plain = _little_endian(samples)
        digest.update(plain)
        try:
            stored.append(_compressed(plain, dataset) if compress else plain)
        except RuntimeError:  # the encoder has no room for pictures of a few pixels; they need no compression
            return rewrite_pixels(dataset, cine, plan, compress=False)
    if compress:
        dataset.PixelData = encapsulate(stored)
    else:
        joined = b"".join(stored)
        dataset.PixelData = joined + b"\0" * (len(joined) % 2)
    dataset["PixelData"].VR = "OB" if compress or dataset.BitsAllocated <= 8 else "OW"
    dataset["PixelData"].is_undefined_length = compress
    return Rewritten(syntax, digest.hexdigest())


def digest_of_samples(cine: Cine) -> str:
    """SHA-256 of all samples of an object, as `rewrite_pixels` computes it of those it writes."""
    frames = (_without_hidden_bits(cine.samples(number)[0], cine) for number in range(len(cine)))
    return sha256_of_bytes(map(_little_endian, frames))


def _little_endian(samples: NDArray[Any]) -> bytes:
    return samples.astype(samples.dtype.newbyteorder("<")).tobytes()


def _blanked(cine: Cine, plan: BlankPlan) -> Iterator[tuple[NDArray[Any], str]]:
    """The samples of every frame with the plan's pixels made black."""
    black: Any = None
    for number in range(len(cine)):
        samples, photometric = cine.samples(number)
        samples = _without_hidden_bits(samples, cine)
        if black is None:
            black = _black(cine, samples, photometric)
        samples[plan.mask] = black
        yield samples, photometric


def _without_hidden_bits(samples: NDArray[Any], cine: Cine) -> NDArray[Any]:
    """A copy without the bits above the stored ones, in which old files hide overlays."""
    bits, allocated = cine.info.bits_stored, 8 * samples.dtype.itemsize
    if bits is None or bits >= allocated or samples.dtype.kind != "u":
        return samples.copy()
    return np.asarray(samples & samples.dtype.type((1 << bits) - 1))


def _black(cine: Cine, samples: NDArray[Any], photometric: str) -> Any:
    """The stored value that is shown as black, or as the darkest grey."""
    if samples.ndim == 3:
        middle = 1 << ((cine.info.bits_stored or 8) - 1)
        return np.array([0, middle, middle] if photometric.startswith("YBR_FULL") else [0, 0, 0], samples.dtype)
    size = 1 << (cine.info.bits_stored or 8)
    lowest = -(size // 2) if samples.dtype.kind == "i" else 0
    values = np.arange(lowest, lowest + size).astype(samples.dtype)
    shown = to_grey(cine.shown(values[None, :], photometric).pixels)[0]
    return values[int(shown.argmin())]


def _describe(dataset: Dataset, samples: NDArray[Any], photometric: str, *, lossy: bool) -> None:
    dataset.Rows, dataset.Columns = samples.shape[:2]
    dataset.SamplesPerPixel = 3 if samples.ndim == 3 else 1
    dataset.PhotometricInterpretation = photometric
    dataset.BitsAllocated = 8 * samples.dtype.itemsize
    dataset.BitsStored = dataset.get("BitsStored", dataset.BitsAllocated)
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = 1 if samples.dtype.kind == "i" else 0
    if samples.ndim == 3:
        dataset.PlanarConfiguration = 0
    elif "PlanarConfiguration" in dataset:
        del dataset.PlanarConfiguration
    if lossy:
        dataset.LossyImageCompression = "01"


def _compressed(plain: bytes, dataset: Dataset) -> bytes:
    """One frame as JPEG-LS lossless."""
    return get_encoder(JPEGLSLossless).encode(
        plain,
        rows=dataset.Rows,
        columns=dataset.Columns,
        samples_per_pixel=dataset.SamplesPerPixel,
        number_of_frames=1,
        bits_allocated=dataset.BitsAllocated,
        bits_stored=dataset.BitsStored,
        pixel_representation=dataset.PixelRepresentation,
        photometric_interpretation=dataset.PhotometricInterpretation,
        planar_configuration=0,
    )
