"""The outline lies on its frames, and the report's nodule is drawn and taken over, in a viewer that others wrote."""

from itertools import islice
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import generate_uid

from tests.pacs.conftest import Archive, make_assessment, ultrasound
from tests.pacs.viewer.conftest import Viewer
from thyrosight.imaging import Box, Frame
from thyrosight.inference import Assessment
from thyrosight.pacs import DicomWeb, make_objects, read_source, write_object
from thyrosight.pacs.measuring import mask_of, size

LENGTH, FRAMES = 8, [1, 3, 6]


def nodule(frame: int, shape: tuple[int, int], size_mm: tuple[float, float] | None, **changes: object) -> Assessment:
    """An assessment with an elliptic contour in the middle of the picture."""
    rows, columns = shape
    across, down = columns // 8, rows // 10
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    contour = tuple((columns / 2 + across * float(np.cos(one)), rows / 2 + down * float(np.sin(one))) for one in angle)
    box = Box(columns // 2 - across, rows // 2 - down, columns // 2 + across, rows // 2 + down)
    given = {"box": box, "contour": contour, "size_mm": size_mm, "heat_map": None} | changes
    return make_assessment(frame, **given)


def shortened(loop: pydicom.Dataset, length: int) -> pydicom.Dataset:
    """The first frames of a loop, which the viewer draws several times each."""
    frames = generate_frames(loop.PixelData, number_of_frames=loop.NumberOfFrames)
    loop.PixelData = encapsulate(list(islice(frames, length)))
    loop.NumberOfFrames = length
    return loop


def store(archive: Archive, folder: Path, kind: str) -> tuple[str, list[Assessment], tuple[int, int]]:
    """Put a loop or a still image and its results into the archive; its study and its assessments."""
    found = get_testdata_file("examples_ybr_color.dcm", download=False)
    if kind == "still":
        data = ultrasound(1)
    elif found is None:
        pytest.skip("pydicom has no loop in colour here")
    else:
        data = shortened(pydicom.dcmread(found), LENGTH)
    data.StudyInstanceUID, data.SeriesInstanceUID, data.SOPInstanceUID = (generate_uid() for _ in range(3))
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    if kind == "loop without calibration":
        del data.SequenceOfUltrasoundRegions
    path = folder / "source.dcm"
    data.save_as(path, enforce_file_format=True)
    source = read_source(path)
    size_mm = None if "without" in kind else (4.0, 9.0)
    made_of = [nodule(frame, source.shape, size_mm) for frame in ([0] if kind == "still" else FRAMES)]
    pictures = [Frame(np.zeros(source.shape, np.uint8), "scan.dcm")] * len(made_of)
    made, _ = make_objects(made_of, source, pictures)
    stored = DicomWeb(archive.dicomweb).store([path, *(write_object(item, folder / "results") for item in made)])
    assert not stored.refused
    return str(data.StudyInstanceUID), made_of, source.shape


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", ["still", "loop", "loop without calibration"])
def test_results_in_ohif(viewer: Viewer, archive: Archive, tmp_path: Path, kind: str) -> None:
    study, assessed, shape = store(archive, tmp_path, kind)
    # The outline: loaded, opened, and on the assessed frames only, with as many pixels as its mask.
    viewer.ask(study, "SEG")
    viewer.say_yes()
    first = "services.segmentationService.getSegmentations()[0].representationData.Labelmap.imageIds"
    counts = viewer.wait_for(
        f"(() => {{ const found = {first}.map(id => cornerstone.cache.getImage(id).getPixelData()"
        ".reduce((sum, value) => sum + (value > 0), 0)); return found.some(one => one) && found; })()"
    )
    expected = [0] * (LENGTH if "loop" in kind else 1)
    for one in assessed:
        assert one.contour is not None
        expected[one.frame_number] = int(mask_of(one.contour, shape).sum())
    assert counts == expected, viewer.problems
    # The report: its region and axes are drawn on each frame, with lengths.
    viewer.ask(study, "SR", opened=True)
    drawn = viewer.wait_for(
        "shown.isLoaded && JSON.parse(JSON.stringify([shown.isRehydratable, shown.measurements.map(one =>"
        " [one.loaded, one.frameNumber, one.coords[0].GraphicData.length / 2,"
        " Object.fromEntries(one.labels.map(label => [label.label, label.value]))])]))"
    )
    assert drawn is not None, viewer.problems
    rehydratable, measurements = drawn
    numbers = [one.frame_number + 1 for one in assessed]
    assert rehydratable and [one[:3] for one in measurements] == (
        [[True, number, 61] for number in numbers] + [[True, number, 2] for number in numbers]
    )
    measured = size(assessed[0])
    if measured is not None:
        for one in measurements:
            assert one[3]["Long Axis"] == f"{measured.long_axis_mm:.2f} mm"
            assert one[3]["Short Axis"] == f"{measured.short_axis_mm:.2f} mm"
    # Taken over: the axes become measurements of the viewer's own, on their frames.
    viewer.say_yes()
    taken = viewer.wait_for(
        f"(() => {{ const found = services.measurementService.getMeasurements(); return found.length >= {len(assessed)}"
        " && found.map(one => [one.toolName, one.points.length, one.referencedImageId.split('/frames/')[1]]); })()"
    )
    assert taken == [["Bidirectional", 4, str(number)] for number in numbers], viewer.problems
    # The document opens in the viewer's own view of PDF files.
    viewer.show("DOC")
    assert viewer.wait_for("document.querySelector('object[type=\"application/pdf\"]')?.data"), viewer.problems
    assert not [said for said in viewer.problems if "Cannot destructure" in said]
