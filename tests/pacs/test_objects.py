"""Contents of our DICOM objects, as we write them and as other people's validators and readers see them."""

import io
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import pytest
from pydicom import Dataset
from pydicom.sr._concepts_dict import concepts

from tests.pacs.conftest import COLUMNS, ROWS, make_assessment, speckle, tool, ultrasound
from thyrosight.imaging import Frame
from thyrosight.inference import RESEARCH_USE, Assessment
from thyrosight.pacs import DicomError, Findings, as_source, codes, contour_of, make_objects, read_source, write_object
from thyrosight.pacs.node.classes import IMAGE_CLASSES
from thyrosight.pacs.uids import derived_uid, is_uid

Make = Callable[..., Assessment]
FINDINGS = Findings(
    system="ACR TI-RADS 2017",
    category="TR4",
    descriptors={"echogenicity": "hypoechoic", "composition": "solid"},
    origin="radiologist",
    laterality="L",
    nodule="nodule A",
)
NOW = datetime(2026, 11, 21, 10, 30)


def objects_of(path: Path, assessments: list[Assessment], frame: Frame, **options: object) -> dict[str, list[Dataset]]:
    made, _ = make_objects(assessments, read_source(path), [frame] * len(assessments), made=NOW, **options)
    found: dict[str, list[Dataset]] = {}
    for item in made:  # as a reader gets them: through a file
        stream = io.BytesIO()
        item.dataset.save_as(stream, enforce_file_format=True)
        found.setdefault(item.kind, []).append(pydicom.dcmread(io.BytesIO(stream.getvalue())))
    return found


@pytest.fixture(params=["still", "loop"], scope="module")
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """The objects of a still image, and of two frames of a loop."""
    frames, numbers = (None, [0]) if request.param == "still" else (5, [3, 1])
    path = tmp_path_factory.mktemp("written") / "us.dcm"
    ultrasound(frames=frames).save_as(path, enforce_file_format=True)
    frame = Frame(speckle(1), "scan.dcm")
    return path, objects_of(path, [make_assessment(number) for number in numbers], frame, findings=FINDINGS)


def comments(report: Dataset) -> list[str]:
    """Every text of a report, at any depth."""
    found = [report.TextValue] if "TextValue" in report else []
    return found + [text for item in report.get("ContentSequence", []) for text in comments(item)]


def test_every_kind_is_made_and_names_patient_study_and_image(written) -> None:
    path, objects = written
    source = pydicom.dcmread(path)
    loop = "NumberOfFrames" in source
    assert {kind: len(found) for kind, found in objects.items()} == {
        "report": 1, "outline": 1, "heat-map": 2 if loop else 1, "document": 1,
    }  # fmt: skip
    for found in objects.values():
        for item in found:
            for keyword in ("PatientID", "PatientName", "PatientBirthDate", "StudyInstanceUID", "AccessionNumber"):
                assert item[keyword].value == source[keyword].value, keyword
            assert source.SOPInstanceUID in str(item)
            assert item.SeriesInstanceUID != source.SeriesInstanceUID
            assert "research use only" in item.SeriesDescription and item.Manufacturer == "ThyroSight"


def test_each_object_states_the_research_use_inside(written) -> None:
    _, objects = written
    assert RESEARCH_USE in comments(objects["report"][0])
    assert RESEARCH_USE in objects["outline"][0].SegmentSequence[0].SegmentDescription
    assert objects["outline"][0].ContentQualification == "RESEARCH"
    assert all(item.ImageComments == RESEARCH_USE for item in objects["heat-map"])
    assert "research use only" in objects["document"][0].DocumentTitle


def test_report_is_read_back_by_highdicom(written) -> None:
    path, objects = written
    report = hd.sr.EnhancedSR.from_dataset(objects["report"][0])
    groups = report.content.get_planar_roi_measurement_groups()
    source = pydicom.dcmread(path)
    assert len(groups) == (2 if "NumberOfFrames" in source else 1)
    values = {item.name.meaning: (item.value, item.unit.value) for item in groups[0].get_measurements()}
    assert values["Probability of cancer"] == (41.25, "%")
    assert values["Network output for malignant, not calibrated"] == (30, "%")
    # Spacing 0.1 mm per row and 0.2 per column; the ellipse has half axes of 20 columns and 10 rows.
    assert values["Long Axis"] == (pytest.approx(8.0, abs=0.02), "mm")
    assert values["Short Axis"] == (pytest.approx(2.0, abs=0.02), "mm")
    assert values["Depth"] == (pytest.approx(2.0, abs=0.02), "mm")
    said = {item.name.meaning: item.value.meaning for item in groups[0].get_qualitative_evaluations()}
    assert said["Impression"] == "Malignant" and said["TI-RADS category"] == "TR4"
    assert said["TI-RADS system"] == "ACR TI-RADS 2017" and said["Echogenicity"] == "Hypoechoic"
    assert groups[0].tracking_identifier == "nodule A"
    # Viewers merge groups that share an identifier: the nodule's own is that of the first frame and of the whole loop.
    assert len({group.tracking_uid for group in groups}) == len(groups)
    shared = [
        one.tracking_uid for one in report.content.get_image_measurement_groups(tracking_uid=groups[0].tracking_uid)
    ]
    assert len(shared) == ("NumberOfFrames" in source)
    region = groups[0].roi
    assert np.allclose(region.value.max(axis=0), (80, 50), atol=0.1)
    item = region.ContentSequence[0].ReferencedSOPSequence[0]
    assert item.ReferencedSOPInstanceUID == source.SOPInstanceUID
    assert item.get("ReferencedFrameNumber") == (4 if "NumberOfFrames" in source else None)


def test_comments_are_put_into_a_language_and_codes_stay(write_ultrasound, assessment: Make, frame: Frame) -> None:
    path = write_ultrasound(frames=None)
    english = objects_of(path, [assessment()], frame, kinds=["report"], findings=FINDINGS)["report"][0]
    spanish = FINDINGS.model_copy(update={"language": "es"})
    said = objects_of(path, [assessment()], frame, kinds=["report"], findings=spanish, put=str.upper)["report"][0]
    language = next(item for item in said.ContentSequence if item.ConceptNameCodeSequence[0].CodeValue == "121049")
    assert language.ConceptCodeSequence[0].CodeValue == "es"
    # What viewers and archives read stays: identifiers, names of programmes, codes with their meanings.
    assert [one for one in comments(said) if one == one.upper() and one.count(" ") > 3] != []
    assert "nodule A" in comments(said)
    codes_of = [{str(item.value) for item in one.iterall() if item.keyword == "CodeMeaning"} for one in (english, said)]
    assert codes_of[1] - codes_of[0] == {"Spanish"}
    assert said.SOPInstanceUID != english.SOPInstanceUID
    assert "language" not in FINDINGS.model_dump(mode="json")  # so that objects made before keep their identifiers


def test_report_of_a_loop_holds_the_mean_over_its_frames(write_ultrasound, assessment: Make, frame: Frame) -> None:
    frames = [assessment(1, calibrated_risk=0.2, label="benign"), assessment(4, calibrated_risk=0.7)]
    report = objects_of(write_ultrasound(frames=6), frames, frame)["report"][0]
    content = hd.sr.EnhancedSR.from_dataset(report).content
    (over,) = (one for one in content.get_image_measurement_groups() if "over the loop" in one.tracking_identifier)
    found = over.get_measurements()
    risks = {item.derivation.meaning: item.value for item in found if item.derivation is not None
             and "robability of cancer" in item.name.meaning}  # fmt: skip
    # The mean of 0.2 and 0.7 is 0.45, their standard deviation 0.5 / sqrt(2).
    assert risks == {"Mean": 45, "Minimum": 20, "Maximum": 70, "Standard Deviation": pytest.approx(35.355)}
    # Viewers show names without derivations, and the groups of single frames beside this one.
    names = [item.name.meaning for item in found]
    alone = {item.name.meaning for item in content.get_planar_roi_measurement_groups()[0].get_measurements()}
    assert len(set(names)) == len(names) == 6 and not alone & set(names)
    assert {"Lowest probability of cancer of a frame", "Highest probability of cancer of a frame"} < set(names)
    assert [item.value.meaning for item in over.get_qualitative_evaluations()] == ["Malignant"]  # 0.45 reaches 0.4
    labels = [
        group.get_qualitative_evaluations()[0].value.meaning for group in content.get_planar_roi_measurement_groups()
    ]
    assert labels == ["Benign", "Malignant"]
    assert any("not on loops" in text for text in comments(report))


def test_segmentation_is_read_back_by_highdicom_with_the_pixels_inside_the_contour(written) -> None:
    path, objects = written
    outline = hd.seg.Segmentation.from_dataset(objects["outline"][0])
    loop = "NumberOfFrames" in pydicom.dcmread(path)
    pixels = outline.pixel_array.reshape(-1, ROWS, COLUMNS)
    rows, columns = np.mgrid[:ROWS, :COLUMNS] + 0.5
    inside = ((columns - 60) / 20) ** 2 + ((rows - 40) / 10) ** 2 < 1
    assert len(pixels) == (2 if loop else 1)
    assert all((plane.astype(bool) ^ inside).sum() < 0.02 * inside.sum() for plane in pixels)
    references = [
        group.DerivationImageSequence[0].SourceImageSequence[0]
        for group in outline.PerFrameFunctionalGroupsSequence
    ]  # fmt: skip
    assert [item.get("ReferencedFrameNumber") for item in references] == ([2, 4] if loop else [None])
    # The plane of the image, made for it: the same for every object of this image, and for no other image.
    assert outline.FrameOfReferenceUID == read_source(path).frame_of_reference != objects["outline"][0].SOPInstanceUID
    spacing = outline.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing
    assert list(map(float, spacing)) == pytest.approx([0.1, 0.2])
    assert {item.ReferencedSOPClassUID for item in references} == {pydicom.dcmread(path).SOPClassUID}


@pytest.mark.parametrize("contour", [True, False])
@pytest.mark.parametrize("calibrated", [True, False])
def test_axes_are_lines_of_the_stated_length_that_cross_at_right_angles(
    write_ultrasound, frame: Frame, contour: bool, calibrated: bool
) -> None:
    changes: dict[str, object] = {} if contour else {"contour": None}
    if not calibrated:
        changes |= {"size_mm": None, "size_reason": "the file has no calibrated region"}
    report = objects_of(write_ultrasound(frames=3), [make_assessment(1, **changes)], frame)["report"][0]
    content = hd.sr.EnhancedSR.from_dataset(report).content
    (axes,) = (one for one in content.get_image_measurement_groups() if "Bidirectional" in one.tracking_identifier)
    lines, spacing = [], (0.2, 0.1) if calibrated else (1, 1)  # mm per column and row
    for name, pixels in (("Long Axis", 40), ("Short Axis", 20)):
        (item,) = (one for one in axes.get_measurements() if one.name.meaning == name)
        (coordinates,) = item[0].ContentSequence
        assert coordinates.ContentSequence[0].ReferencedSOPSequence[0].ReferencedFrameNumber == 2
        line = np.reshape(coordinates.GraphicData, (2, 2))
        lines.append((line[1] - line[0]) * spacing)
        assert item.unit.value == ("mm" if calibrated else "{pixels}")
        assert item.value == pytest.approx(np.hypot(*lines[-1]), abs=0.01)
        length = {40: 8.0, 20: 2.0}[pixels] if calibrated else pixels
        assert item.value == pytest.approx(length, rel=0.01)
    assert lines[0] @ lines[1] == pytest.approx(0, abs=1e-3)


def test_segmentation_without_calibration_states_that_the_pixel_size_is_unknown(write_ultrasound, frame: Frame) -> None:
    one = make_assessment(size_mm=None, size_reason="the file has no calibrated region")
    outline = objects_of(write_ultrasound(), [one], frame)["outline"][0]
    measures = outline.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    assert measures.PixelSpacing == [1, 1] and "unknown" in measures.PixelSpacingCalibrationDescription
    assert "Pixel size unknown" in outline.SegmentSequence[0].SegmentDescription
    assert hd.seg.Segmentation.from_dataset(outline).number_of_frames == 1


def test_segmentation_says_who_drew_the_outline(write_ultrasound, assessment: Make, frame: Frame, tmp_path) -> None:
    program = tool("dciodvfy", "dicom3tools")
    for by_person, kind in ((True, "MANUAL"), (False, "AUTOMATIC")):
        options = {"kinds": ["outline"], "drawn_by_person": by_person}
        outline = objects_of(write_ultrasound(), [assessment()], frame, **options)["outline"][0]
        segment = outline.SegmentSequence[0]
        assert segment.SegmentAlgorithmType == kind
        assert ("Tiny trained on phantoms" in str(segment)) is not by_person
        outline.save_as(tmp_path / "outline.dcm")
        result = subprocess.run([program, tmp_path / "outline.dcm"], capture_output=True, text=True, check=False)
        assert "Error" not in result.stderr and "Warning" not in result.stderr


def test_what_people_read_is_in_their_language_and_identifiers_stay(
    write_ultrasound, assessment: Make, frame: Frame, tmp_path
) -> None:
    program, path = tool("dciodvfy", "dicom3tools"), write_ultrasound()
    kinds, one = ["report", "outline", "heat-map"], assessment(size_mm=None)
    english = objects_of(path, [one], frame, kinds=kinds, findings=Findings(nodule="nodule 1"))
    findings = Findings(nodule="nodule 1", language="zh-CN")
    put = objects_of(path, [one], frame, kinds=kinds, findings=findings, put=lambda text: f"中：{text}")
    for kind in kinds:
        first, second = english[kind][0], put[kind][0]
        assert second.SeriesDescription == f"中：{first.SeriesDescription}"
        assert second.SeriesInstanceUID != first.SeriesInstanceUID  # a series has one name
        second.save_as(tmp_path / "own.dcm")
        result = subprocess.run([program, tmp_path / "own.dcm"], capture_output=True, text=True, check=False)
        assert "Error" not in result.stderr, result.stderr
    first, second = english["outline"][0], put["outline"][0]
    was, own = first.SegmentSequence[0], second.SegmentSequence[0]
    assert own.SegmentLabel == f"中：{was.SegmentLabel}"
    assert own.SegmentDescription.count("中：") == 2
    assert (own.TrackingUID, own.TrackingID, second.ContentLabel) == (was.TrackingUID, "nodule 1", "NODULE")
    assert own.SegmentedPropertyTypeCodeSequence[0].CodeMeaning == "Nodule"
    assert english["heat-map"][0].pixel_array.tobytes() != put["heat-map"][0].pixel_array.tobytes()


def test_heat_map_picture_is_colour_only_where_there_is_heat(written, frame: Frame) -> None:
    _, objects = written
    picture = objects["heat-map"][0]
    pixels = picture.pixel_array.astype(int)
    assert pixels.shape[2] == 3 and picture.BurnedInAnnotation == "YES"
    coloured = np.ptp(pixels, axis=2) > 8
    left, right = coloured[:, :504], coloured[:, 512:992]
    assert not left[20:370].any() and right.any()  # the frame itself stays grey


def test_pdf_says_what_must_be_said(written, tmp_path: Path) -> None:
    _, objects = written
    document = objects["document"][0]
    content = document.EncapsulatedDocument[: document.EncapsulatedDocumentLength]
    assert content.startswith(b"%PDF") and content.rstrip().endswith(b"%%EOF")
    (tmp_path / "report.pdf").write_bytes(content)
    program = tool("pdftotext", "poppler-utils")
    text = subprocess.run([program, tmp_path / "report.pdf", "-"], capture_output=True, text=True, check=True).stdout
    for said in (RESEARCH_USE, "Muster, Anna", "0.412", "8.0 x 2.0 mm", "TR4", "simulated", "patient-level"):
        assert said in text, said


def test_dicom3tools_finds_no_error(written, tmp_path: Path) -> None:
    program = tool("dciodvfy", "dicom3tools")
    _, objects = written
    for kind, found in objects.items():
        for item in found:
            path = tmp_path / f"{kind}.dcm"
            item.save_as(path)
            result = subprocess.run([program, path], capture_output=True, text=True, check=False)
            said = [line for line in result.stderr.splitlines() if line.startswith(("Error", "Warning"))]
            # A private coding scheme cannot be in the validator's list; the document names who is responsible for it.
            assert all("defined term <99THYROSIGHT>" in line for line in said), (kind, said)


@pytest.mark.parametrize("frames", [None, 3])
@pytest.mark.parametrize("sop_class", IMAGE_CLASSES)
def test_every_class_that_the_node_takes_gives_every_result(write_ultrasound, frame: Frame, sop_class, frames) -> None:
    """Retired classes too, to which the results refer by their own name."""
    path = write_ultrasound(frames=frames, SOPClassUID=sop_class)
    objects = objects_of(path, [make_assessment(1 if frames else 0)], frame)
    assert sorted(objects) == ["document", "heat-map", "outline", "report"]
    for found in objects.values():
        assert f'"{sop_class}"' in found[0].to_json(), sop_class


def test_dcmtk_reads_the_report_and_the_picture(written, tmp_path: Path) -> None:
    program = tool("dsrdump", "dcmtk")
    _, objects = written
    objects["report"][0].save_as(tmp_path / "report.dcm")
    command = [program, "+Pl", tmp_path / "report.dcm"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    said = [line for line in result.stderr.splitlines() if "VR checker does not support" not in line]  # UTF-8
    assert result.returncode == 0 and not said
    assert '"Probability of cancer")="41.25"' in result.stdout and RESEARCH_USE in result.stdout


def test_no_spacing_gives_no_size_but_the_reason(write_ultrasound, assessment: Make, frame: Frame) -> None:
    reason = "the file has no calibrated region"
    one = assessment(size_mm=None, size_reason=reason)
    report = objects_of(write_ultrasound(), [one], frame)["report"][0]
    group = hd.sr.EnhancedSR.from_dataset(report).content.get_planar_roi_measurement_groups()[0]
    assert not {"Long Axis", "Short Axis", "Depth"} & {item.name.meaning for item in group.get_measurements()}
    assert f"No size in mm: {reason}." in comments(report)


def test_whole_image_without_a_box(write_ultrasound, assessment: Make, frame: Frame) -> None:
    one = assessment(box=None, contour=None, size_mm=None, size_reason="no nodule box was given", heat_map=None)
    made, left_out = make_objects([one], read_source(write_ultrasound()), [frame])
    assert [item.kind for item in made] == ["report", "document"]
    assert {item.kind: item.reason for item in left_out} == {
        "outline": "no contour was drawn; a box is not an outline",
        "heat-map": "no heat map was computed",
    }
    report = hd.sr.EnhancedSR.from_dataset(made[0].dataset)
    (group,) = report.content.get_planar_roi_measurement_groups()  # the region is the whole image; it has no axes
    assert group.roi.value.max(axis=0).tolist() == [COLUMNS, ROWS] and group.finding_type is None
    assert not report.content.get_image_measurement_groups()


def test_same_input_same_identifiers_and_any_difference_other_ones(write_ultrasound, assessment, frame) -> None:
    path = write_ultrasound()

    def uids(one: Assessment, **options: object) -> list[str]:
        options = {"kinds": ["report", "outline"]} | options
        made, _ = make_objects([one], read_source(path), [frame], **options)
        return [item.uid for item in made]

    first = uids(assessment())
    assert first == uids(assessment(image="elsewhere/scan.dcm"))
    assert first == uids(assessment(), made=datetime(2031, 1, 1))
    assert all(is_uid(uid) for uid in first) and len(set(first)) == 2
    for other in (
        uids(assessment(calibrated_risk=0.4126)),
        uids(assessment(model_hash="cd" * 32)),
        uids(assessment(), findings=FINDINGS),
    ):
        assert not set(first) & set(other)


def test_mask_becomes_a_contour_that_covers_the_same_pixels() -> None:
    from thyrosight.pacs.measuring import mask_of

    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    mask = ((columns - 50) / 17) ** 2 + ((rows - 40) / 9) ** 2 < 1
    mask[5, 5] = True  # a speck
    largest = mask.copy()
    largest[5, 5] = False
    assert np.array_equal(mask_of(contour_of(mask), mask.shape), largest)


@pytest.mark.filterwarnings("ignore:Invalid value for VR:UserWarning")
def test_wrong_input_is_refused_with_one_sentence(write_ultrasound, assessment, frame, tmp_path) -> None:
    source = read_source(write_ultrasound())
    with pytest.raises(DicomError, match=r"has 1 frame\(s\), but the assessment is of frame 3"):
        make_objects([assessment(2)], source, [frame])
    with pytest.raises(DicomError, match="no kind of DICOM object called 'sr'"):
        make_objects([assessment()], source, [frame], kinds=["sr"])
    with pytest.raises(DicomError, match="there is no assessment"):
        make_objects([], source, [])
    with pytest.raises(
        DicomError, match=r"SOPInstanceUID is '\.\./\.\./etc/cron\.d/x', which is not a DICOM identifier"
    ):
        data = Dataset()
        data.SOPClassUID, data.Rows, data.Columns = "1.2.3", 10, 10
        with pydicom.config.disable_value_validation():
            data.SOPInstanceUID = "../../etc/cron.d/x"
        as_source(data, "evil.dcm")


def test_odd_headers_do_not_break_the_objects(write_ultrasound, assessment, frame) -> None:
    """Dates and sexes as some scanners write them become empty; letters outside ASCII survive."""
    with pydicom.config.disable_value_validation():
        path = write_ultrasound(
            PatientBirthDate="01.02.1970", StudyTime="noon", PatientSex="W", SpecificCharacterSet="ISO_IR 192",
            PatientName="Müller^Åsa", InstanceNumber=0, StudyID=None,
        )  # fmt: skip
    objects = objects_of(path, [assessment()], frame)
    for found in objects.values():
        assert found[0].PatientBirthDate == "" and found[0].PatientSex == ""
        assert str(found[0].PatientName) == "Müller^Åsa"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("keyword", "stored", "value"),
    [
        ("LossyImageCompressionRatio", "12,5", 12.5),
        ("LossyImageCompressionRatio", "12,5\\3", [12.5, 3]),
        ("LossyImageCompressionRatio", "1.234,5", None),
        ("NumberOfFrames", "3,0", 3),
        ("NumberOfFrames", "3.0", 3),
        ("InstanceNumber", "7,0", 7),
        ("InstanceNumber", "A7", None),
        ("PatientAge", "45 J", "45 J"),
    ],
)
def test_numbers_as_some_countries_write_them(write_ultrasound, tmp_path, keyword: str, stored: str, value) -> None:
    data = pydicom.dcmread(write_ultrasound())
    word = stored.encode() + b" " * (len(stored) % 2)
    tag = pydicom.tag.Tag(keyword)
    data[tag] = pydicom.dataelem.RawDataElement(
        tag, pydicom.datadict.dictionary_VR(keyword), len(word), word, 0, False, True, True
    )
    path = tmp_path / "comma.dcm"
    data.save_as(path)
    assert read_source(path).header.get(keyword) == value


def test_written_files_are_named_by_kind_and_identifier(write_ultrasound, assessment, frame, tmp_path) -> None:
    made, _ = make_objects([assessment()], read_source(write_ultrasound()), [frame], kinds=["report"])
    path = write_object(made[0], tmp_path / "out")
    assert path.name == f"report.{made[0].uid}.dcm" and pydicom.dcmread(path).SOPInstanceUID == made[0].uid
    assert [item.name for item in (tmp_path / "out").iterdir()] == [path.name]


def test_every_public_code_stands_in_the_standard() -> None:
    terms = [value for value in vars(codes).values() if isinstance(value, codes.Term)]
    terms += [*codes.FEATURES.values(), *codes.DESCRIPTORS.values(), *codes.LOBES.values()]
    public = [term for term in terms if term.scheme != codes.SCHEME]
    assert len(public) > 20
    known: dict[tuple[str, str], set[str]] = {}
    for scheme, names in concepts.items():
        for entries in names.values():
            for value, (meaning, _) in entries.items():
                known.setdefault((scheme, value), set()).add(meaning.lower())
    for term in public:
        if term == codes.PIXELS:  # an annotation of UCUM, as in TID 1602; it stands in no context group
            continue
        assert term.meaning.lower() in known[term.scheme, term.value], term


def test_identifiers_are_well_formed() -> None:
    assert all(is_uid(derived_uid("a", number)) for number in range(200))
    for wrong in ("1..2", ".1", "1.", "1.2.a", "1" * 65, "1/2", "1.2\n", None, 12):
        assert not is_uid(wrong)
    assert is_uid("1.01")  # against the standard, but written by scanners and kept by archives
