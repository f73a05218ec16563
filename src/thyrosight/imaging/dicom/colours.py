"""From stored samples to the 8-bit grey or RGB picture that the scanner showed."""

import sys
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut

from thyrosight.errors import ImageError
from thyrosight.imaging.dicom.elements import number, numbers, raw_bytes, stored_element, text
from thyrosight.imaging.dicom.header import Header
from thyrosight.imaging.dicom.layout import Layout
from thyrosight.imaging.dicom.look_up import UNUSED_BITS, look_up_table

Samples = NDArray[Any]
Painter = Callable[[Samples, str], NDArray[np.uint8]]
"""From samples and their photometric interpretation to 8-bit pixels."""

_YBR: Final = ("YBR_FULL", "YBR_FULL_422")
_RGB: Final = ("RGB", "YBR_ICT", "YBR_RCT", "XYB")  # decoders of JPEG 2000 and XL undo the last three themselves
_PIXELS_AT_ONCE = 2**16


def painter(header: Header, layout: Layout) -> tuple[Painter, tuple[str, ...]]:
    """Make the function that turns the samples of an object into pixels, for all its frames, and notes on it.

    Grey values follow the steps of DICOM PS3.4 N.2: rescale, then the first window or look-up table (without one, the
    whole range of the stored bits), then 8 bits; MONOCHROME1 is inverted. Palettes become RGB, deeper colours are
    divided down. YBR becomes RGB by ITU-R BT.601 (PS3.3 C.7.6.3.1.2).

    Raises:
        ImageError: the photometric interpretation is unknown, or a table is damaged.
    """
    stated = layout.photometric
    if stated in ("MONOCHROME1", "MONOCHROME2"):
        table, notes = _grey_table(header, layout)
        lowest = -(2 ** (layout.bits_stored - 1)) if layout.signed else 0
        if np.array_equal(table, np.arange(256)) and lowest == 0:
            return _unchanged, notes
        # Bits above the stored ones may hold an overlay: they are masked away.
        return _by_rows(lambda part, _: table[(part.astype(np.int32) - lowest) & (len(table) - 1)]), notes
    if stated == "PALETTE COLOR":
        palette = _palette(header, layout)
        return _by_rows(lambda part, _: palette[part.astype(np.int32) & (len(palette) - 1)]), ()
    if stated not in _YBR + _RGB:
        raise ImageError(
            f"{header.source}: pixels in {stated} cannot be shown in their right colours; have them sent as RGB."
        )
    highest = 2**layout.bits_stored - 1
    notes = (_depth_note(layout),) if layout.bits_stored > 8 else ()
    convert = _by_rows(lambda part, photometric: _colour(part, photometric, highest))

    def paint(samples: Samples, photometric: str) -> NDArray[np.uint8]:
        plain = highest == 255 and photometric not in _YBR
        return _unchanged(samples, photometric) if plain else convert(samples, photometric)

    return paint, notes


def _by_rows(paint: Painter) -> Painter:
    """Paint some rows at a time, so that intermediate arrays stay small and in the processor's cache."""

    def paint_all(samples: Samples, photometric: str) -> NDArray[np.uint8]:
        step = max(_PIXELS_AT_ONCE // samples.shape[1], 1)
        parts = [paint(samples[start : start + step], photometric) for start in range(0, samples.shape[0], step)]
        return np.ascontiguousarray(parts[0]) if len(parts) == 1 else np.concatenate(parts)

    return paint_all


def _unchanged(samples: Samples, _: str) -> NDArray[np.uint8]:
    return np.ascontiguousarray(samples, dtype=np.uint8)


def _colour(samples: Samples, photometric: str, highest: int) -> NDArray[np.uint8]:
    pixels = samples if highest == 255 else np.rint(samples.astype(np.float32) * (255 / highest))
    pixels = np.ascontiguousarray(pixels, dtype=np.uint8)
    if photometric not in _YBR:
        return pixels
    return _rgb_of_ybr(pixels)


# What each Cb and Cr adds to red, green and blue, the parts of green in 128ths (DICOM PS3.3 C.7.6.3.1.2).
_CHROMA = np.arange(256) - 128.0
_RED_OF_CR = np.rint(1.402 * _CHROMA).astype(np.int16)
_BLUE_OF_CB = np.rint(1.772 * _CHROMA).astype(np.int16)
_GREEN_OF_CB = np.rint(-0.114 * 1.772 / 0.587 * 128 * _CHROMA).astype(np.int16)
_GREEN_OF_CR = np.rint(-0.299 * 1.402 / 0.587 * 128 * _CHROMA).astype(np.int16)


def _rgb_of_ybr(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB of full-range YCbCr by tables: the rounded formula, several times as fast as in floating point."""
    luma, blue, red = pixels[..., 0].astype(np.int16), pixels[..., 1], pixels[..., 2]
    result = np.empty_like(pixels)
    result[..., 0] = np.clip(luma + _RED_OF_CR[red], 0, 255)
    result[..., 1] = np.clip(luma + ((_GREEN_OF_CB[blue] + _GREEN_OF_CR[red] + 64) >> 7), 0, 255)
    result[..., 2] = np.clip(luma + _BLUE_OF_CB[blue], 0, 255)
    return result


def _depth_note(layout: Layout) -> str:
    return f"{layout.bits_stored} bits were turned to 8"


def _grey_table(header: Header, layout: Layout) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """The grey level of every value that the stored bits can hold."""
    data, notes = header.dataset, []
    size = 2**layout.bits_stored
    lowest = -(size // 2) if layout.signed else 0
    values = np.arange(lowest, lowest + size, dtype=np.float64)
    bottom, top = values[0], values[-1]
    modality = look_up_table(data, "ModalityLUTSequence", header.source, signed=layout.signed)
    if modality is not None:
        values, bottom, top = modality.of(values), modality.lowest, modality.highest
    else:
        slope, intercept = (_stated(header, name) for name in ("RescaleSlope", "RescaleIntercept"))
        if slope is not None and slope != 0 and intercept is not None:
            values = values * slope + intercept
            bottom, top = sorted((float(values[0]), float(values[-1])))
    window = _window(header)
    voi = look_up_table(data, "VOILUTSequence", header.source, signed=float(values.min()) < 0)
    if window is not None:
        shown = _windowed(values, *window, text(data, "VOILUTFunction"))
        notes.append(f"shown in the file's window, centre {window[0]:g} and width {window[1]:g}")
    elif voi is not None:
        shown = (voi.of(values) - voi.lowest) / (voi.highest - voi.lowest)
    else:
        shown = (values - bottom) / (top - bottom)
        notes += [_depth_note(layout)] if layout.bits_stored > 8 else []
    table = np.rint(np.clip(shown, 0, 1) * 255).astype(np.uint8)
    return (255 - table if layout.photometric == "MONOCHROME1" else table), tuple(notes)


def _stated(header: Header, keyword: str) -> float | None:
    """The first number of an element, or None where it states none; one that cannot be read is not left out in silence.

    Raises:
        ImageError: it holds something that is no number.
    """
    found, written = number(header.dataset, keyword), text(header.dataset, keyword)
    if found is None and written is not None and written.strip("\\ "):
        raise ImageError(
            f"{header.source}: its {keyword} is {written[:40]!r}, which is no number, so that its grey levels are not"
            " known; have it sent with a corrected header."
        )
    return found


def _window(header: Header) -> tuple[float, float] | None:
    """The first window, unless it changes nothing that 8 bits show."""
    centre, width = _stated(header, "WindowCenter"), _stated(header, "WindowWidth")
    return None if centre is None or width is None or width < 1 else (centre, width)


def _windowed(values: NDArray[np.float64], centre: float, width: float, function: str | None) -> NDArray[np.float64]:
    """Brightness from 0 to 1 (DICOM PS3.3 C.11.2.1.2 and C.11.2.1.3)."""
    if function == "SIGMOID":
        from scipy.special import expit  # takes a second to import, for the few files with such a window

        return np.asarray(expit(4 * (values - centre) / width))
    if function == "LINEAR_EXACT":
        return (values - centre) / width + 0.5
    return (values - (centre - 0.5)) / max(width - 1, 1e-6) + 0.5


def _palette(header: Header, layout: Layout) -> NDArray[np.uint8]:
    """RGB `(2 to the power of the stored bits, 3)` of every value (DICOM PS3.3 C.7.6.3.1.5 and C.7.6.3.1.6)."""
    data, size = header.dataset, 2**layout.bits_stored
    if raw_bytes(data, "RedPaletteColorLookupTableData"):
        columns = [_palette_column(data, colour, size) for colour in ("Red", "Green", "Blue")]
        whole = [column for column in columns if column is not None]
        if len(whole) < len(columns):
            raise _damaged_palette(header)
        return _palette_bytes(np.stack(whole, axis=1))
    if not raw_bytes(data, "SegmentedRedPaletteColorLookupTableData"):
        raise ImageError(f"{header.source}: its colours are those of a palette, and it holds none; send it again.")
    try:
        entries = apply_color_lut(np.arange(size, dtype=np.uint16), data)[:, :3]
    except Exception as error:  # a damaged table makes it raise what has no common base
        raise _damaged_palette(header) from error
    return _palette_bytes(entries)


def _damaged_palette(header: Header) -> ImageError:
    return ImageError(f"{header.source}: its colour palette is damaged; send it again.")


def _palette_column(data: Dataset, colour: str, size: int) -> Samples | None:
    """The entries of one colour for every value, in their own depth; None where the table is damaged."""
    descriptor = numbers(data, f"{colour}PaletteColorLookupTableDescriptor")
    stored = raw_bytes(data, f"{colour}PaletteColorLookupTableData")
    if len(descriptor) != 3:
        return None
    count, first, bits = (int(part) for part in descriptor)
    count = count if count > 0 else count + 2**16
    if len(stored) < 2 * count and len(stored) not in (count, count + count % 2):
        return None
    element = stored_element(data, f"{colour}PaletteColorLookupTableData")
    order = "<" if getattr(element, "is_little_endian", sys.byteorder == "little") else ">"
    if len(stored) >= 2 * count:
        entries = np.frombuffer(stored, dtype=f"{order}u2", count=count)
        # Some writers put 8-bit entries into 16 bits, in the low byte or in both.
        entries = entries & 0xFF if bits == 8 else entries
    else:
        entries = np.frombuffer(stored, dtype=np.uint8, count=count)
        if order == ">":  # pairs of entries are stored as one 16-bit word
            entries = np.frombuffer(stored[: len(stored) // 2 * 2], dtype=">u2").astype("<u2").view(np.uint8)[:count]
    column: Samples = entries[np.clip(np.arange(size) - first, 0, count - 1)].astype(np.uint16)
    return column


def _palette_bytes(entries: Samples) -> NDArray[np.uint8]:
    """Entries of three colours in 8 bits, from the depth that they use: many palettes of 8 or 12 bits state 16."""
    used = int(entries.max()).bit_length()
    depth = 8 if used <= 8 else 16 if used > 16 - UNUSED_BITS else used
    return (entries >> (depth - 8)).astype(np.uint8)
