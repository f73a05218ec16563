"""Frames in the file: as many as stated, more, or fewer."""

import numpy as np
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, RLELossless

from thyrosight.errors import ImageError
from thyrosight.imaging import open_cine, read_frame

FRAMES = [np.full((40, 52), 40 * number + 10, np.uint8) for number in range(4)]
ENCODINGS = ["raw", JPEGBaseline8Bit, JPEG2000Lossless, RLELossless, "no offset table"]


def _holding_four(shop, encoding, stated: int | None):
    """Four frames of which the header states another number."""
    if encoding == "raw":
        data = shop.make(FRAMES)
    else:
        data = shop.compress(FRAMES, JPEGBaseline8Bit if encoding == "no offset table" else encoding)
    if encoding == "no offset table":
        from pydicom.encaps import generate_frames

        data.PixelData = encapsulate(list(generate_frames(data.PixelData, number_of_frames=4)), has_bot=False)
    if stated is None:
        del data.NumberOfFrames
    else:
        data.NumberOfFrames = stated
    return shop.store(data)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(("stated", "words"), [(1, "1 frame"), (2, "2 frames"), (None, "no number of frames")])
def test_frames_beyond_the_stated_number_are_told(shop, encoding, stated, words) -> None:
    with open_cine(_holding_four(shop, encoding, stated)) as cine:
        assert (len(cine), cine.left_out) == (stated or 1, 4 - (stated or 1))
        assert f"the file states {words} and holds 4; those beyond were not read" in cine.notes
        for number in range(len(cine)):
            assert np.abs(cine.read(number).pixels.astype(int) - FRAMES[number]).max() <= 3


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_frames_that_are_missing_leave_the_others_usable(shop, encoding) -> None:
    path = _holding_four(shop, encoding, 6)
    with pytest.raises(ImageError, match="states 6 frames, and 4 are there; it was cut short"):
        read_frame(path)
    assert np.abs(read_frame(path, frame=3).pixels.astype(int) - FRAMES[3]).max() <= 3
    with open_cine(path) as cine:
        with pytest.raises(ImageError, match="choose among frames 0 to 3"):
            list(cine)
        assert len(list(cine.frames(range(4)))) == 4


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_no_frame_stated_is_a_still_image(shop, encoding) -> None:
    path = _holding_four(shop, encoding, 0)
    with open_cine(path) as cine:
        assert len(cine) == 1
    assert any("states no number of frames and holds 4" in note for note in read_frame(path).notes)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_as_many_as_stated_need_no_note(shop, encoding) -> None:
    with open_cine(_holding_four(shop, encoding, 4)) as cine:
        assert (cine.left_out, cine.notes) == (0, ())


def test_one_frame_in_several_fragments_is_one_frame(shop) -> None:
    data = shop.compress([shop.colours], JPEGBaseline8Bit, PhotometricInterpretation="YBR_FULL_422")
    from pydicom.encaps import generate_frames

    code = next(generate_frames(data.PixelData, number_of_frames=1))
    data.PixelData = encapsulate([code], fragments_per_frame=3)
    with open_cine(shop.store(data)) as cine:
        assert (cine.left_out, cine.notes, cine.stored(0).rstrip(b"\0")) == (0, (), code.rstrip(b"\0"))


def test_counts_from_the_field(case) -> None:
    folder = case("02-encapsulated-count")
    for name, count in (("claims-1", 1), ("claims-2", 2), ("count-missing", 1)):
        with open_cine(folder / f"{name}-holds-4.dcm") as cine:
            assert len(cine) == count and any("holds 4" in note for note in cine.notes), name
    with pytest.raises(ImageError, match="states 6 frames, and 4 are there"):
        read_frame(folder / "claims-6-holds-4.dcm")
    good = [read_frame(folder / "claims-6-holds-4.dcm", frame=number).pixels for number in range(4)]
    right = [read_frame(folder / "right.dcm", frame=number).pixels for number in range(4)]
    assert all(np.array_equal(one, other) for one, other in zip(good, right, strict=True))
