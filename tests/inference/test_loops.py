"""From frames of a loop to one result."""

from pathlib import Path
from statistics import fmean, stdev

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from thyrosight.errors import ImageError
from thyrosight.imaging import Box, Frame
from thyrosight.imaging.regions import make_region
from thyrosight.inference import (
    Predictor,
    Refusal,
    Request,
    assess_cine,
    load_bundle,
    open_loops,
    over_frames,
    over_loops,
    read_boxes,
    size_of,
)

COUNT = 12
BOX = Box(20, 20, 70, 60)


def region(deltas: tuple[float, float]) -> Dataset:
    item = Dataset()
    item.RegionSpatialFormat, item.RegionDataType, item.RegionFlags = 1, 1, 0
    item.RegionLocationMinX0, item.RegionLocationMinY0 = 0, 0
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = 119, 89
    item.PhysicalUnitsXDirection = item.PhysicalUnitsYDirection = 3
    item.PhysicalDeltaX, item.PhysicalDeltaY = deltas
    return item


def frame(number: int) -> np.ndarray:
    return np.clip(np.random.default_rng(number).rayleigh(30 + 4 * number, (90, 120)), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.SOPClassUID, data.SOPInstanceUID, data.Modality = UID("1.2.840.10008.5.1.4.1.1.3.1"), UID("1.2.3"), "US"
    data.NumberOfFrames, data.Rows, data.Columns = COUNT, 90, 120
    data.SamplesPerPixel, data.PhotometricInterpretation, data.PixelRepresentation = 1, "MONOCHROME2", 0
    data.BitsAllocated, data.BitsStored, data.HighBit = 8, 8, 7
    data.SequenceOfUltrasoundRegions = [region((0.02, 0.01))]
    data.PixelData = b"".join(frame(number).tobytes() for number in range(COUNT))
    data["PixelData"].VR = "OB"
    path = tmp_path_factory.mktemp("loops") / "loop.dcm"
    pydicom.dcmwrite(path, data, enforce_file_format=True)
    return path


@pytest.fixture(scope="module")
def predictor(saved: Path) -> Predictor:
    return Predictor(load_bundle(saved))


def test_the_loop_is_the_mean_of_its_frames(predictor: Predictor, loop: Path) -> None:
    over, frames = assess_cine(predictor, loop, box=BOX, frames=[1, 4, 9])
    alone = [
        predictor.assess(Frame(frame(number), str(loop), regions=frames_regions()), box=BOX) for number in (1, 4, 9)
    ]
    risks = [one.calibrated_risk for one in alone]
    assert [one.calibrated_risk for one in frames] == pytest.approx(risks, abs=1e-6)
    assert [one.frame_number for one in frames] == [1, 4, 9]
    assert over.frames == (1, 4, 9)
    assert over.frames_in_loop == COUNT
    assert over.calibrated_risk == pytest.approx(fmean(risks), abs=1e-6)
    assert over.risk_sd == pytest.approx(stdev(risks), abs=1e-6)
    assert (over.risk_low, over.risk_high) == pytest.approx((min(risks), max(risks)), abs=1e-6)
    assert over.label == ("malignant" if fmean(risks) >= 0.4 else "benign")
    assert over.frames_malignant == sum(risk >= 0.4 for risk in risks)
    assert "one box was used in all frames; where the nodule moves, give a box for each frame" in over.notes
    assert over.model_hash == frames[0].model_hash
    assert over.model_dump_json()


def frames_regions() -> tuple:
    whole = make_region(
        Box(0, 0, 120, 90), spatial_format=1, data_type=1, units=(3, 3), deltas=(0.02, 0.01), shape=(90, 120)
    )
    return (whole,)


def test_sizes_respect_pixels_that_are_not_square(predictor: Predictor, loop: Path) -> None:
    # 40 rows of 0.1 mm and 50 columns of 0.2 mm.
    over, frames = assess_cine(predictor, loop, box=BOX, frames=[0])
    assert frames[0].size_mm == pytest.approx((4.0, 10.0))
    assert over.size_mm == frames[0].size_mm
    assert over.risk_sd is None
    moved = {2: Box(20, 20, 70, 60), 5: Box(22, 20, 80, 62)}
    over, frames = assess_cine(predictor, loop, box=moved)
    assert [one.frame_number for one in frames] == [2, 5]
    assert over.box is None
    assert over.size_mm == pytest.approx((4.2, 11.6))
    assert over.size_reason.startswith("the largest of the frames; the box times the pixel spacing")


def test_a_size_needs_a_box_inside_a_calibrated_region() -> None:
    codes = {"spatial_format": 1, "data_type": 1, "units": (3, 3), "shape": (90, 120)}
    halves = (
        make_region(Box(0, 0, 60, 90), deltas=(0.01, 0.01), **codes),
        make_region(Box(60, 0, 120, 90), deltas=(0.03, 0.02), **codes),
    )
    picture = Frame(frame(0), "a.dcm", regions=halves)
    assert size_of(picture, Box(10, 10, 30, 40))[0] == pytest.approx((3.0, 2.0))
    assert size_of(picture, Box(70, 10, 90, 40))[0] == pytest.approx((6.0, 6.0))
    size, reason = size_of(picture, Box(45, 10, 75, 40))
    assert size is None
    assert "outside the calibrated regions" in reason


def test_all_frames_and_chosen_frames(predictor: Predictor, loop: Path) -> None:
    assert assess_cine(predictor, loop, box=BOX, frames="all")[0].frames == tuple(range(COUNT))
    chosen = assess_cine(predictor, loop, box=BOX, frames=4)[0].frames
    assert 1 <= len(chosen) <= 4
    assert list(chosen) == sorted(set(chosen))


def test_frames_that_are_not_there_and_boxes_outside(predictor: Predictor, loop: Path) -> None:
    with pytest.raises(ImageError, match=r"loop\.dcm holds frames 0 to 11; there is no frame 12"):
        assess_cine(predictor, loop, frames=[3, 12])
    with pytest.raises(ImageError, match="outside"):
        assess_cine(predictor, loop, box=Box(100, 80, 150, 95), frames=[0])
    with pytest.raises(ImageError, match="No frame of the loop"):
        over_frames([], frames_in_loop=3)


def test_requests_for_loops_become_requests_for_frames(predictor: Predictor, loop: Path, tmp_path: Path) -> None:
    from PIL import Image

    Image.fromarray(frame(0)).save(tmp_path / "a.png")
    (tmp_path / "bad.dcm").write_bytes(bytes(128) + b"DICM" + bytes(40))
    other = Box(30, 30, 60, 50)
    wanted = [Request(tmp_path / "a.png", BOX), Request(loop, BOX), Request(loop, other), Request(loop, BOX, 7)]
    requests, lengths, refusals = open_loops([*wanted, Request(tmp_path / "bad.dcm")], frames=[2, 3])
    assert [(one.name, one.frame) for one in requests] == [
        (str(tmp_path / "a.png"), None), *[(str(loop), number) for number in (2, 3, 2, 3)], (str(loop), 7),
    ]  # fmt: skip
    assert lengths == {str(loop): COUNT}
    assert [Path(one.image).name for one in refusals] == ["bad.dcm"]
    results = [one for one in predictor.assess_many(requests) if not isinstance(one, Refusal)]
    loops = over_loops(results, lengths)
    assert [(one.box, one.frames) for one in loops] == [(BOX, (2, 3, 7)), (other, (2, 3))]


def test_a_table_may_name_frames(loop: Path, tmp_path: Path) -> None:
    table = tmp_path / "boxes.csv"
    table.write_text(f'image,box,frame\n{loop},"1,2,30,40",5\n{loop},"1,2,30,40",\n', encoding="utf-8")
    assert [(one.frame, one.box) for one in read_boxes(table)] == [(5, Box(1, 2, 30, 40)), (None, Box(1, 2, 30, 40))]
    table.write_text(f'image,box,frame\n{loop},"1,2,30,40",first\n', encoding="utf-8")
    with pytest.raises(ImageError, match="row 2: the frame 'first' is not a whole number"):
        read_boxes(table)
