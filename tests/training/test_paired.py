"""Sets of pairs: prepared from files, both images together, each alone, one of them hidden."""

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from thyrosight.errors import ImageError
from thyrosight.imaging import Margin, PairPreparation, Preparation, read_frame
from thyrosight.imaging.boxes import Box
from thyrosight.training import PairedSet, prepare_paired_set
from thyrosight.training.balance import BalancedSet

BOX = "10,12,70,58"


def _pair(**fields: object) -> PairPreparation:
    first = Preparation.model_validate({"size": 64, "scan_area": False, **fields})
    return PairPreparation(first=first, second=first.model_copy(update={"colour": "rgb"}))


@pytest.fixture
def rows(tmp_path: Path) -> pd.DataFrame:
    """Four images, the third without an elastogram; two of one shape, the nodules of two shapes."""
    random, found = np.random.default_rng(0), []
    for number in range(4):
        name = tmp_path / f"{number}.png"
        Image.fromarray(random.integers(30, 200, (80, 100), dtype=np.uint8)).save(name)
        Image.fromarray(random.integers(30, 200, (80, 100, 3), dtype=np.uint8)).save(tmp_path / f"{number}-e.png")
        found.append(
            {
                "key": f"k{number}",
                "image": str(name),
                "elastogram": "" if number == 2 else str(tmp_path / f"{number}-e.png"),
                "label": ("benign", "malignant")[number % 2],
                "box": BOX if number < 3 else "5,5,95,45",
            }
        )
    return pd.DataFrame(found)


@pytest.mark.parametrize("shape", ["square", "own"])
@pytest.mark.parametrize("cached", [False, True])
def test_pairs_are_what_their_preparation_makes_of_the_files(
    rows: pd.DataFrame, tmp_path: Path, shape: str, cached: bool
) -> None:
    pair, cache = _pair(shape=shape, size=96), tmp_path / "cache" if cached else None
    prepared = prepare_paired_set(rows, pair, cache=cache)
    assert prepared.shown.tolist() == [[True, True], [True, True], [True, False], [True, True]]
    for index, row in rows.iterrows():
        second = read_frame(row["elastogram"]) if row["elastogram"] else None
        expected = pair.prepare(read_frame(row["image"]), second, box=Box.from_text(row["box"]))
        assert np.array_equal(prepared.batch(np.array([index]))[0], expected.pixels)
        assert tuple(prepared.sides[index]) == expected.pixels.shape[:2]
    again = prepare_paired_set(rows, pair, cache=cache)
    assert again.digest() == prepared.digest()
    sent = pickle.loads(pickle.dumps(prepared))
    assert sent.digest() == prepared.digest()
    assert sent.image("second").digest() == prepared.image("second").digest()


def test_a_changed_elastogram_is_prepared_anew(rows: pd.DataFrame, tmp_path: Path) -> None:
    before = prepare_paired_set(rows, _pair(), cache=tmp_path / "cache")
    Image.fromarray(np.full((80, 100, 3), 77, dtype=np.uint8)).save(rows["elastogram"][1])
    after = prepare_paired_set(rows, _pair(), cache=tmp_path / "cache")
    assert (after.batch(np.array([1]))[0, ..., 1:] == 77).all()
    assert np.array_equal(after.batch(np.array([0])), before.batch(np.array([0])))


def test_the_second_image_can_be_the_first_seen_wider(rows: pd.DataFrame) -> None:
    first = Preparation(size=64, scan_area=False)
    pair = PairPreparation(
        first=first, second=first.model_copy(update={"margin": Margin(value=9)}), second_from="image"
    )
    prepared = prepare_paired_set(rows, pair)
    assert prepared.shown.all()


def test_elastograms_of_another_size_are_named_all_together(rows: pd.DataFrame) -> None:
    for number in (0, 3):
        Image.fromarray(np.ones((80, 90), dtype=np.uint8)).save(rows["elastogram"][number])
    with pytest.raises(ImageError, match=r"2 of 4 images cannot be used(.|\n)*k0: .*0-e\.png has 90 x 80(.|\n)*k3: "):
        prepare_paired_set(rows, _pair())


@pytest.fixture
def pairs() -> PairedSet:
    """Six pairs; the first lacks its second image, the last its first."""
    pixels = np.random.default_rng(0).integers(1, 255, (6, 16, 16, 4), dtype=np.uint8)
    pixels[0, ..., 1:] = 0
    pixels[5, ..., 0] = 0
    return PairedSet.of(pixels, [0, 1, 0, 1, 0, 1], list("abcdef"))


def test_singles_are_every_image_alone_with_the_label_of_its_pair(pairs: PairedSet) -> None:
    singles = pairs.singles()
    assert singles.keys[:3] == ("a#first", "b#first", "b#second")
    assert len(singles) == 10
    assert singles.shown.sum(axis=1).tolist() == [1] * 10
    for index, key in enumerate(singles.keys):
        pixels, pair = singles.batch(np.array([index]))[0], "abcdef".index(key[0])
        whole = pairs.batch(np.array([pair]))[0]
        first = key.endswith("#first")
        assert np.array_equal(pixels[..., 0], whole[..., 0] if first else 0 * whole[..., 0])
        assert np.array_equal(pixels[..., 1:], 0 * whole[..., 1:] if first else whole[..., 1:])
        assert singles.labels[index] == pairs.labels[pair]


def test_one_kind_only_hides_the_other_and_leaves_out_pairs_without_it(pairs: PairedSet) -> None:
    first, second = pairs.only("first"), pairs.only("second")
    assert first.keys == tuple("abcde")
    assert second.keys == tuple("bcdef")
    assert not first.pixels[..., 1:].any()
    assert not second.pixels[..., 0].any()
    assert pairs.pixels[1].all()  # the set itself is as it was


def test_the_images_of_one_kind_are_a_set_for_networks_that_take_one(pairs: PairedSet) -> None:
    first, second = pairs.image("first"), pairs.image("second")
    assert first.pixels.shape == (5, 16, 16)
    assert second.pixels.shape == (5, 16, 16, 3)
    assert np.array_equal(second.select(["c"]).pixels[0], pairs.select(["c"]).pixels[0, ..., 1:])
    assert first.labels.tolist() == [0, 1, 0, 1, 0]
    assert first.digest() != second.digest()


def test_selections_keep_what_is_hidden_and_digests_tell_it(pairs: PairedSet) -> None:
    chosen = pairs.only("first").select(["d", "b"])
    assert not chosen.pixels[..., 1:].any()
    digests = {part.select(["b", "d"]).digest() for part in (pairs, pairs.only("first"), pairs.only("second"))}
    assert len(digests) == 3


def test_mirrored_copies_of_pairs_mirror_both_images() -> None:
    pixels = np.random.default_rng(0).integers(1, 255, (3, 16, 24, 4), dtype=np.uint8)
    balanced = BalancedSet.of(PairedSet.of(pixels, [0, 1, 1]), seed=0)
    assert np.array_equal(balanced.batch(np.array([3]))[0], pixels[0, :, ::-1])
    assert balanced.sides.tolist() == [[16, 24]] * 4
