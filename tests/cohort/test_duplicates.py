"""Near-duplicates: altered copies are found, other frames are not; real archives hold the counts looked at by eye."""

import io
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from thyrosight.cohort import (
    Cohort,
    duplicates,
    find_duplicates,
    find_duplicates_between,
    open_cohort,
    with_groups,
    write_contact_sheet,
)
from thyrosight.cohort.candidates import candidates
from thyrosight.cohort.duplicates import LINK_SHARE, SAME_CLOSENESS, SAME_SHARE
from thyrosight.cohort.fingerprints import fingerprint
from thyrosight.cohort.similarity import similarity
from thyrosight.errors import CohortError, ImageError
from thyrosight.imaging import find_scan_area, read_frame
from thyrosight.phantoms import phantom_images


def again(pixels, **options):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", **options)
    return np.asarray(Image.open(stream))


def resized(pixels, factor):
    size = (round(pixels.shape[1] * factor), round(pixels.shape[0] * factor))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))


def brighter(pixels, factor):
    return np.clip(pixels * factor, 0, 255).astype(np.uint8)


def bordered(pixels):
    framed = np.zeros((pixels.shape[0] + 50, pixels.shape[1] + 120), dtype=np.uint8)
    framed[20:-30, 70:-50] = pixels
    return framed


def with_callipers(pixels):
    marked = pixels.copy()
    for row, column in ((60, 80), (150, 200), (90, 260)):
        marked[row - 1 : row + 1, column - 8 : column + 8] = 255
        marked[row - 8 : row + 8, column - 1 : column + 1] = 255
    return marked


ALTERED = {
    "as it is": lambda pixels: pixels,
    "JPEG quality 60": lambda pixels: again(pixels, quality=60),
    "crop of 1 to 6 pixels": lambda pixels: pixels[4:-2, 6:-1],
    "brightness + 20 %": lambda pixels: brighter(pixels, 1.2),
    "brightness - 20 %": lambda pixels: brighter(pixels, 0.8),
    "gamma 0.7": lambda pixels: (255 * (pixels / 255) ** 0.7).astype(np.uint8),
    "90 % of the size": lambda pixels: resized(pixels, 0.9),
    "black border": bordered,
    "callipers": with_callipers,
    "mirrored": lambda pixels: np.ascontiguousarray(pixels[:, ::-1]),
    "everything at once": lambda pixels: again(brighter(resized(pixels[3:-5, 2:-6], 0.9), 0.8), quality=60),
}


@pytest.fixture(scope="module")
def originals(speckle):
    return [speckle(seed) for seed in range(12)]


@pytest.fixture(scope="module")
def prints(originals):
    return [fingerprint(pixels) for pixels in originals]


@pytest.mark.parametrize("how", ALTERED)
def test_an_altered_copy_is_found_among_other_frames(originals, prints, how):
    copies = [fingerprint(ALTERED[how](pixels)) for pixels in originals]
    frames = [*prints, *copies]
    same, wrong = set(), set()
    for found in candidates(prints, copies):
        one, two = sorted((found.first, found.second))
        alike = similarity(frames[found.first].texture, frames[found.second].texture, found.part(frames))
        if alike.share >= SAME_SHARE and alike.closeness >= SAME_CLOSENESS:
            same.add((one, two - len(prints)))
        elif alike.share >= LINK_SHARE:
            wrong.add((one, two - len(prints)))
    assert same == {(number, number) for number in range(len(prints))}
    assert not wrong


def test_a_crop_of_a_tenth_of_a_side_is_still_linked(originals):
    for pixels in originals[:4]:
        part = pixels[:, : int(0.9 * pixels.shape[1])]
        frames = [fingerprint(pixels), fingerprint(np.ascontiguousarray(part))]
        (found,) = candidates(frames[:1], frames[1:])
        alike = similarity(frames[found.first].texture, frames[found.second].texture, found.part(frames))
        assert alike.share >= SAME_SHARE


@pytest.fixture(scope="module")
def fans():
    """Frames of curved probes, those among 60 phantoms."""
    scenes = [image.scene(11) for image in islice(phantom_images(11), 60)]
    curved = [scene for scene in scenes if scene.probe.kind == "convex"]
    frames = [scene.draw(np.random.default_rng(place)) for place, scene in enumerate(curved)]
    return [pixels for pixels in frames if find_scan_area(pixels).kind in {"convex", "sector"}]


def test_fans_of_one_probe_are_not_alike_by_their_outline(fans):
    assert len(fans) >= 6
    of_fans = [fingerprint(pixels) for pixels in fans]
    found = candidates(of_fans)
    alike = [similarity(of_fans[c.first].texture, of_fans[c.second].texture, c.part(of_fans)) for c in found]
    assert [round(item.share, 2) for item in alike if item.share >= LINK_SHARE] == []


@pytest.mark.parametrize("how", ["JPEG quality 60", "crop of 1 to 6 pixels", "brightness + 20 %", "brightness - 20 %"])
def test_an_altered_copy_of_a_fan_is_found(fans, how):
    for pixels in fans:
        both = [fingerprint(pixels), fingerprint(ALTERED[how](pixels))]
        [found] = candidates(both)
        alike = similarity(both[found.first].texture, both[found.second].texture, found.part(both))
        assert alike.share >= LINK_SHARE


def test_flat_and_tiny_pictures_are_alike_to_nothing():
    flat = [fingerprint(np.full((200, 300), value, dtype=np.uint8)) for value in (0, 0, 90, 255)]
    tiny = [fingerprint(np.full((9, 9), 50, dtype=np.uint8)), fingerprint(np.zeros((1, 1), dtype=np.uint8))]
    assert candidates([*flat, *tiny]) == []
    assert similarity(flat[0].texture, flat[1].texture).share == 0.0


@pytest.fixture
def exported(tmp_path, speckle):
    """Six images of four patients: patient 3 holds a copy of patient 1's frame, with another label."""

    def cohort(name, rows):
        images = []
        for key, (_, _, pixels) in rows.items():
            path = tmp_path / name / f"{key}.png"
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(pixels).save(path)
            images.append(str(path))
        table = pd.DataFrame(
            {
                "key": list(rows),
                "image": images,
                "patient_id": [patient for patient, _, _ in rows.values()],
                "nodule_id": "unknown",
                "label": [label for _, label, _ in rows.values()],
                "label_source": "pathology",
            }
        )
        return Cohort(table=table, name=name, source=name)

    first = cohort(
        "first",
        {
            "1_1": ("1", "benign", speckle(1)),
            "1_2": ("1", "benign", speckle(2)),
            "2_1": ("2", "malignant", speckle(3)),
            "3_1": ("3", "malignant", again(brighter(speckle(1), 0.85), quality=70)),
            "3_2": ("3", "malignant", speckle(4)),
            "4_1": ("4", "benign", speckle(5)),
        },
    )
    second = cohort(
        "second", {"x": ("9", "benign", speckle(6)), "y": ("8", "malignant", resized(speckle(3)[2:, 3:], 0.95))}
    )
    return first, second


def test_cases_that_share_a_frame_are_merged_and_their_contradiction_is_listed(exported):
    found = find_duplicates(exported[0])
    assert [(pair.first, pair.second, pair.kind) for pair in found.pairs] == [("1_1", "3_1", "same frame")]
    assert found.distinct_frames == 5
    assert found.merged_cases == (("1", "3"),)
    assert found.groups == [0, 1, 2, 0, 3, 4]
    (contradiction,) = found.contradictions
    assert contradiction.images == ("1_1", "3_1")
    assert contradiction.labels == ("benign", "malignant")


@pytest.mark.parametrize(
    ("policy", "labels"),
    [
        ("exclude", {"1_2": "benign", "3_2": "malignant"}),
        ("majority", {"1_2": "benign", "3_2": "malignant"}),  # one against one is a tie
        ("worst", {"1_1": "malignant", "1_2": "benign", "3_1": "malignant", "3_2": "malignant"}),
        ("keep", {"1_1": "benign", "1_2": "benign", "3_1": "malignant", "3_2": "malignant"}),
    ],
)
def test_contradictions_are_resolved_by_the_named_policy(exported, policy, labels):
    cohort = with_groups(exported[0], contradictions=policy)
    table = cohort.table.set_index("key")
    merged = table[table["group"] == "1+3"]
    assert merged["label"].to_dict() == labels
    assert table.loc["2_1", "group"] == "2"
    left_out = {image for exclusion in cohort.exclusions for image in exclusion.images}
    assert left_out == ({"1_1", "3_1"} if policy in ("exclude", "majority") else set())
    if policy == "worst":
        assert "1 labels changed" in cohort.notes[-1]
        assert table.loc["1_1", "label_as_given"] == "benign"


def test_an_image_left_out_still_links_two_patients(exported):
    cohort = exported[0]
    unrated = cohort.table["key"] == "3_1"
    bridge = cohort.table[unrated].assign(label="")[["key", "image", "patient_id", "label"]]
    smaller = Cohort(table=cohort.table[~unrated].reset_index(drop=True), name="x", source="x", left_out=bridge)
    groups = with_groups(smaller).table.set_index("key")["group"]
    assert groups["1_1"] == groups["3_2"] == "1+3"


def test_two_nodules_in_one_frame_do_not_contradict_each_other(exported):
    cohort = exported[0]
    boxes = cohort.table["key"].map({"1_1": "10,10,90,90", "3_1": "200,100,280,180"})
    apart = Cohort(table=cohort.table.assign(box=boxes), name="x", source="x")
    assert find_duplicates(apart).contradictions == ()
    boxes = boxes.where(cohort.table["key"] != "3_1", "50,50,120,120")
    overlapping = Cohort(table=cohort.table.assign(box=boxes), name="x", source="x")
    assert [c.images for c in find_duplicates(overlapping).contradictions] == [("1_1", "3_1")]


@pytest.mark.parametrize("column", ["group_as_given", "near_duplicate_group"])
def test_groups_given_by_the_source_are_kept_whole_too(exported, column):
    cohort = exported[0]
    given = cohort.table["key"].map({"2_1": "family", "4_1": "family"})
    groups = with_groups(Cohort(table=cohort.table.assign(**{column: given}), name="x", source="x"))
    table = groups.table.set_index("key")["group"]
    assert table["2_1"] == table["4_1"] == "2+4"


def test_an_unknown_policy_names_those_there_are(exported):
    with pytest.raises(CohortError, match="choose exclude, majority, keep or worst"):
        with_groups(exported[0], contradictions="ignore")


def test_copies_are_found_between_two_cohorts(exported, tmp_path):
    first, second = exported
    (pair,) = find_duplicates_between(first, second)
    assert (pair.first, pair.second, pair.kind) == ("2_1", "y", "same frame")
    assert [(p.first, p.second) for p in find_duplicates_between(second, first)] == [("y", "2_1")]


def test_an_unreadable_image_is_named(exported, tmp_path):
    (tmp_path / "first" / "2_1.png").write_bytes(b"")
    with pytest.raises(ImageError, match=r"2_1\.png is empty"):
        find_duplicates(exported[0])


def test_frames_are_read_once_unless_their_file_changed(exported, monkeypatch):
    cohort, _ = exported
    before = find_duplicates(cohort)
    read = []
    monkeypatch.setattr(duplicates, "read_frame", lambda path: read.append(path) or read_frame(path))
    assert find_duplicates(cohort).pairs == before.pairs
    assert read == [] and [(pair.first, pair.second) for pair in before.pairs] == [("1_1", "3_1")]
    changed = Path(cohort.table["image"][3])
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (240, 320), dtype=np.uint8)).save(changed)
    assert find_duplicates(cohort).pairs == ()
    assert read == [changed]


def test_a_contact_sheet_shows_each_pair(exported, tmp_path):
    first = exported[0]
    found = find_duplicates(first)
    images = dict(zip(first.table["key"], first.table["image"], strict=True))
    assert write_contact_sheet(found.pairs, images, tmp_path / "pairs.png") == 1
    sheet = read_frame(tmp_path / "pairs.png").grey()
    assert sheet[60:200, 20:280].std() > 20  # left image
    assert sheet[60:200, 320:580].std() > 20  # right image
    with pytest.raises(CohortError, match="no near-duplicates to draw"):
        write_contact_sheet((), images, tmp_path / "none.png")
    with pytest.raises(CohortError, match=r"end the name in \.png"):
        write_contact_sheet(found.pairs, images, tmp_path / "pairs.jpg")


def test_the_real_archive_holds_the_frames_counted_by_eye(real_data):
    # Cases 294 and 551 hold the same two frames; 150, 233, 323, 326 and 349 the same one; 560 none of another case.
    cohort = open_cohort(real_data / "ddti", tirads_malignant_from="4a")
    wanted = ["294_2", "294_3", "551_2", "551_3", "233_2", "353_2", "576_2", "560_1", "81_1", "81_2"]
    table = cohort.table[cohort.table["key"].isin(wanted)].reset_index(drop=True)
    bridges = cohort.left_out[cohort.left_out["key"].isin(["150_1", "323_1", "396_1"])].reset_index(drop=True)
    part = Cohort(table=table, name="part", source="part", left_out=bridges)
    groups = with_groups(part).table.set_index("key")["group"]
    assert groups["294_2"] == groups["551_3"]
    assert groups["353_2"] == groups["576_2"]  # through 396_1, which has no TI-RADS
    assert len({groups[key] for key in ("294_2", "233_2", "353_2", "560_1", "81_1")}) == 5
