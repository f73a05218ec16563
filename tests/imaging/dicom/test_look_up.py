"""Look-up tables of grey values as writers write them, right and wrong."""

import struct

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from thyrosight.errors import ImageError
from thyrosight.imaging import read_frame

GREY = np.arange(40 * 52, dtype=np.uint32).reshape(40, 52).astype(np.uint8)
STEEP = [min(2 * value, 255) for value in range(256)]


def _item(descriptor: list[int] | None = None, data: bytes | list[int] | None = None, vr: str = "OW") -> Dataset:
    item = Dataset()
    if descriptor is not None:
        item.add_new("LUTDescriptor", "US", descriptor)
    if data is not None:
        packed = struct.pack(f"<{len(data)}H", *data) if isinstance(data, list) else data
        item.add_new("LUTData", vr, packed)
    return item


def _shown(shop, keyword: str, item: Dataset | None, **changes: object) -> np.ndarray:
    data = shop.make([GREY], **{keyword: Sequence([] if item is None else [item]), **changes})
    return read_frame(shop.store(data)).pixels


@pytest.mark.parametrize("keyword", ["ModalityLUTSequence", "VOILUTSequence"])
@pytest.mark.parametrize(
    "item",
    [None, _item(), _item([256, 0, 16]), _item(None, [1] * 256), _item([256, 0, 16], b"")],
    ids=["no item", "empty item", "no data", "no descriptor", "empty data"],
)
def test_a_table_that_is_not_there_changes_nothing(shop, keyword: str, item: Dataset | None) -> None:
    assert np.array_equal(_shown(shop, keyword, item), GREY)


@pytest.mark.parametrize("keyword", ["ModalityLUTSequence", "VOILUTSequence"])
@pytest.mark.parametrize(
    "item",
    [
        _item([256, 0, 8], STEEP),
        _item([256, 0, 8], bytes(STEEP)),
        _item([256, 0, 16], [257 * value for value in STEEP]),
        _item([256, 0, 8], [257 * value for value in STEEP]),
        _item([128, 0, 8], bytes(STEEP[:128])),
    ],
    ids=["8 bits in words", "packed bytes", "16 bits", "states 8 bits and holds 16", "half as long"],
)
def test_every_form_of_one_table_shows_one_picture(shop, keyword: str, item: Dataset) -> None:
    steep = np.array(STEEP, np.uint8)[GREY]
    assert np.abs(_shown(shop, keyword, item).astype(int) - steep).max() <= 1


@pytest.mark.parametrize("descriptor", [[256], [256, 0], [256, 0, 16, 0]])
def test_a_table_that_is_half_described_is_refused(shop, descriptor: list[int]) -> None:
    with pytest.raises(ImageError, match=f"described by {len(descriptor)} numbers and not by 3; have it sent again"):
        _shown(shop, "VOILUTSequence", _item(descriptor, [1] * 256))


def test_a_table_begins_where_it_says(shop) -> None:
    shown = _shown(shop, "VOILUTSequence", _item([2, 100, 8], [0, 255]))
    assert set(shown[GREY <= 100]) == {0} and set(shown[GREY > 100]) == {255}
    signed = GREY.view(np.int8)
    item = _item([2, 65536 - 3, 8], [0, 255])
    shown = _shown(shop, "VOILUTSequence", item, PixelRepresentation=1)
    assert set(shown[signed <= -3]) == {0} and set(shown[signed > -3]) == {255}


def test_a_table_that_is_cut_short_is_refused_in_plain_words(shop) -> None:
    with pytest.raises(ImageError, match="its grey look-up table states 256 entries and holds 10; have it sent again"):
        _shown(shop, "VOILUTSequence", _item([256, 0, 8], bytes(10)))


@pytest.mark.parametrize("keyword", ["ModalityLUTSequence", "VOILUTSequence"])
@pytest.mark.parametrize("bits", [8, 10, 12])
def test_a_table_that_states_more_bits_than_it_uses_is_not_dark(shop, keyword: str, bits: int) -> None:
    steep = np.array(STEEP, np.uint8)[GREY]
    shown = _shown(shop, keyword, _item([256, 0, 16], [round(value * (2**bits - 1) / 255) for value in STEEP]))
    assert np.abs(shown.astype(int) - steep).max() <= 1


@pytest.mark.parametrize("keyword", ["ModalityLUTSequence", "VOILUTSequence"])
@pytest.mark.parametrize(
    ("data", "says"),
    [
        (struct.pack("<150H", *range(150)), "states 256 entries and holds 150; have it sent again"),
        (bytes(2 * 256), "makes all values 0; have it sent again"),
        ([255] * 256, "makes all values 255; have it sent again"),
    ],
)
def test_a_table_that_would_show_nothing_is_refused(shop, keyword: str, data, says: str) -> None:
    with pytest.raises(ImageError, match=says):
        _shown(shop, keyword, _item([256, 0, 8], data))


def test_tables_from_the_field(case) -> None:
    folder = case("06-empty-lut")
    right = read_frame(folder / "voi-lut-right.dcm").pixels
    files = sorted(folder.glob("*.dcm"))
    assert len(files) == 10
    for path in files:
        assert np.abs(read_frame(path).pixels.astype(int) - right).max() <= 1, path.name


@pytest.mark.parametrize(("slope", "intercept"), [("0,5", "0"), ("0.5", "-10,5"), (" 5,0E-1", "0,0")])
def test_a_decimal_comma_is_read(shop, slope: str, intercept: str) -> None:
    data = shop.make([GREY], WindowCenter="63.5", WindowWidth="127")
    data.RescaleSlope, data.RescaleIntercept = "1", "0"
    path = shop.store(data)
    content = path.read_bytes()
    # pydicom writes no such number, so that it is put into the bytes.
    for tag, word in ((b"\x28\x00\x53\x10DS", slope), (b"\x28\x00\x52\x10DS", intercept)):
        start = content.index(tag)
        length = struct.unpack_from("<H", content, start + 6)[0]
        padded = word.encode() + b" " * (len(word) % 2)
        content = content[: start + 6] + struct.pack("<H", len(padded)) + padded + content[start + 8 + length :]
    path.write_bytes(content)
    expected = shop.store(
        shop.make(
            [GREY],
            WindowCenter="63.5",
            WindowWidth="127",
            RescaleSlope=slope.replace(",", ".").strip(),
            RescaleIntercept=intercept.replace(",", "."),
        ),
        "right.dcm",
    )
    assert np.array_equal(read_frame(path).pixels, read_frame(expected).pixels)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("keyword", ["RescaleSlope", "RescaleIntercept", "WindowCenter", "WindowWidth"])
def test_what_is_no_number_is_refused_and_not_left_out(shop, keyword: str) -> None:
    numbers = {"RescaleSlope": "1", "RescaleIntercept": "0", "WindowCenter": "99", "WindowWidth": "50"}
    path = shop.store(shop.make([GREY], **(numbers | {keyword: "77"})))
    content = path.read_bytes()
    assert content.count(b"77") >= 1
    tags = {"RescaleSlope": b"S", "RescaleIntercept": b"R", "WindowCenter": b"P", "WindowWidth": b"Q"}
    tag = tags[keyword] + b"\x10"
    start = content.index(b"\x28\x00" + tag + b"DS") + 8
    path.write_bytes(content[:start] + b"x7" + content[start + 2 :])
    with pytest.raises(ImageError, match=f"its {keyword} is 'x7', which is no number"):
        read_frame(path)
