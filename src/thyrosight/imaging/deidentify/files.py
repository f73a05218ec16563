"""De-identifying one file: a DICOM object or a picture. The original is only read."""

import re
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID, ExplicitVRBigEndian

from thyrosight.errors import ImageError, ThyroSightError
from thyrosight.files import make_folder, sha256_of_bytes, sha256_of_file, write_atomically
from thyrosight.imaging.boxes import Box
from thyrosight.imaging.deidentify.attributes import Change, clean_attributes
from thyrosight.imaging.deidentify.blanking import Blanker
from thyrosight.imaging.deidentify.options import DeidentifyOptions
from thyrosight.imaging.deidentify.pixels import digest_of_samples, plan_blanking, rewrite_pixels
from thyrosight.imaging.deidentify.pseudonyms import PseudonymKey
from thyrosight.imaging.dicom.cine import open_cine
from thyrosight.imaging.dicom.header import open_header
from thyrosight.imaging.reading import read_frame

_UID: Final = re.compile(r"[0-9.]{1,64}")
_PNG_WORD: Final = "Deidentification"


@dataclass(frozen=True, eq=False)
class Deidentified:
    """One file that was written.

    Attributes:
        path: where, relative to the output folder.
        changes: every attribute that was changed; none for a picture.
        text: boxes of text that were blanked, in every frame.
        kept: the part around them that stayed, in words; "" where only text was blanked.
        blanked: share of the frame that is black now.
        text_share: share of the part that stayed which text took away.
        frames: how many.
        left_out: frames beyond the number that the original states; they are not copied.
        clean_before: whether this key had cleaned these very pixels before.
    """

    path: Path
    changes: tuple[Change, ...]
    text: tuple[Box, ...]
    kept: str
    blanked: float
    text_share: float
    frames: int
    left_out: int
    clean_before: bool


def deidentify_dicom(
    source: Path, folder: Path, key: PseudonymKey, options: DeidentifyOptions, *, taken: Container[str] = ()
) -> Deidentified:
    """Write a DICOM image without identifiers into a folder named by its patient's pseudonym.

    Pixels that this key has cleaned before with the same choice, and that are unchanged since, stay as they are.

    Args:
        source: the original; it is only read.
        folder: where the copy goes.
        key: from which pseudonyms, UIDs and date shifts are derived.
        options: of the profile.
        taken: paths in `folder`, as text, that belong to other originals; a number is put behind the name then.

    Raises:
        ImageError: not a DICOM image, damaged, a video, or its decoder is missing.
        OutputError: the place cannot be written.
    """
    with _one_sentence(source), open_cine(source) as cine:
        header = open_header(source)
        try:
            dataset, syntax = header.dataset, header.transfer_syntax
            changes, seals = _clean(dataset, key, options, source=source, big_endian=syntax == ExplicitVRBigEndian)
        finally:
            header.close()
        sealed = bool(seals) and key.pseudonym(_seal_kind(options), digest_of_samples(cine)) in seals
        plan = plan_blanking(cine, "nothing" if sealed else options.blank)
        done = rewrite_pixels(dataset, cine, plan, compress=syntax.is_encapsulated)
        frames, left_out = len(cine), cine.left_out
    if options.blank != "nothing":
        seal = key.pseudonym(_seal_kind(options), done.digest)
        dataset.DeidentificationMethod = [*dataset.DeidentificationMethod, seal]
    path = _place(dataset, key, taken)
    make_folder((folder / path).parent)
    with write_atomically(folder / path) as temporary, _one_sentence(source):
        _write(dataset, temporary, done.syntax)
    return Deidentified(
        path, tuple(changes), plan.text, plan.kept, plan.share, plan.text_share, frames, left_out, sealed
    )


def deidentify_picture(
    source: Path, folder: Path, key: PseudonymKey, options: DeidentifyOptions, *, name: str
) -> Deidentified:
    """Blank a PNG, JPEG, BMP, TIFF or WebP picture and write it as PNG under a pseudonym, without any other content.

    Args:
        source: the original; it is only read.
        folder: where the copy goes.
        key: from which the new name is derived.
        options: of these only `blank` matters.
        name: of the picture among the originals.

    Raises:
        ImageError: it cannot be read, or holds several pictures.
        OutputError: the place cannot be written.
    """
    frame = read_frame(source)
    if any("pictures" in note for note in frame.notes):
        raise ImageError(f"{source} holds several pictures in one file; save each of them as its own PNG.")
    seal_kind = _seal_kind(options)
    sealed = _text_of_png(source) == key.pseudonym(seal_kind, _digest(frame.pixels))
    blanker = Blanker((frame.rows, frame.columns), "nothing" if sealed else options.blank)
    blanker.look_at(frame, scan=True)
    plan = blanker.plan()
    pixels = frame.pixels.copy()
    pixels[plan.mask] = 0
    stem = source.stem if key.made("picture", source.stem) else key.pseudonym("picture", name)
    path = Path("pictures") / f"{stem}.png"
    make_folder((folder / path).parent)
    marks = PngImagePlugin.PngInfo()
    if options.blank != "nothing":
        marks.add_text(_PNG_WORD, key.pseudonym(seal_kind, _digest(pixels)))
    with write_atomically(folder / path) as temporary:
        Image.fromarray(pixels).save(temporary, format="PNG", pnginfo=marks)
    return Deidentified(path, (), plan.text, plan.kept, plan.share, plan.text_share, 1, 0, sealed)


def _clean(
    dataset: Dataset, key: PseudonymKey, options: DeidentifyOptions, *, source: Path, big_endian: bool
) -> tuple[list[Change], list[str]]:
    """Clean the attributes in place; give the changes and the seals that stood in the data set."""
    method = dataset.get("DeidentificationMethod") or []
    seals = [str(part) for part in ([method] if isinstance(method, str) else method)]
    if big_endian:
        _swap_words(dataset)
    if not dataset.get("SOPClassUID"):
        raise ImageError(f"{source}: it does not say what kind of object it is (SOP Class UID); send the file again.")
    if not dataset.get("SOPInstanceUID"):
        dataset.SOPInstanceUID = key.uid(sha256_of_file(source))
    return clean_attributes(dataset, key, options), seals


@contextmanager
def _one_sentence(source: Path) -> Iterator[None]:
    """Turn the errors that pydicom raises for damaged attributes, which have no common base, into one sentence."""
    try:
        yield
    except (ThyroSightError, OSError, MemoryError):
        raise
    except Exception as error:
        said = str(error).strip().splitlines()
        raise ImageError(
            f"{source}: an attribute is damaged ({said[0][:160] if said else type(error).__name__}), so that the file "
            "cannot be cleaned; send it again."
        ) from error


def _swap_words(dataset: Dataset) -> None:
    """Turn 16-bit words of look-up tables from big to little endian, which pydicom leaves to its user."""
    for element in dataset.iterall():
        if element.VR == "OW" and isinstance(element.value, bytes):
            element.value = np.frombuffer(element.value[: len(element.value) // 2 * 2], ">u2").astype("<u2").tobytes()


def _seal_kind(options: DeidentifyOptions) -> str:
    return f"pixels {options.blank}"


def _digest(pixels: NDArray[np.uint8]) -> str:
    return sha256_of_bytes([repr(pixels.shape).encode(), pixels.tobytes()])


def _text_of_png(source: Path) -> str:
    try:
        with Image.open(source) as picture:
            return str(picture.info.get(_PNG_WORD, ""))
    except (OSError, ValueError, SyntaxError):
        return ""


def _place(dataset: Dataset, key: PseudonymKey, taken: Container[str]) -> Path:
    """Where the copy goes: folder of the patient's pseudonym, name of the instance."""
    uid = str(dataset.SOPInstanceUID)
    stem = uid if _UID.fullmatch(uid) else key.uid(uid)
    path, number = Path(str(dataset.PatientID)) / f"{stem}.dcm", 1
    while path.as_posix() in taken:
        number += 1
        path = path.with_name(f"{stem}-{number}.dcm")
    return path


def _write(dataset: Dataset, path: Path, syntax: UID) -> None:
    """Write with a new file header: nothing of the old one stays, and the 128 bytes before it are empty."""
    dataset.preamble = b"\0" * 128
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dcmwrite(path, dataset, enforce_file_format=True)
