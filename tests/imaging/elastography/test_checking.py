"""Pairs that are files of their own: what belongs together, and a sentence for each way in which it does not."""

import numpy as np
import pytest

from tests.imaging.elastography.drawing import b_mode, draw, jpeg
from thyrosight.imaging import Frame
from thyrosight.imaging.elastography import RegistrationError, check_registration


@pytest.fixture(scope="module")
def pair() -> tuple[Frame, Frame]:
    true = draw(seed=8, part=0.7)
    plain, colour = true.frame.part(true.b_mode), true.frame.part(true.elastogram)
    return Frame(plain.pixels[:, :, 0], "b.png"), Frame(colour.pixels, "e.png")


def test_a_pair_is_registered_also_after_compression(pair: tuple[Frame, Frame]) -> None:
    plain, colour = pair
    found = check_registration(plain, colour)
    assert found.score is not None and found.score > 0.8
    assert (found.columns, found.rows, found.notes) == (0, 0, ())
    again = check_registration(Frame(jpeg(plain.rgb(), 60), "b.jpg"), Frame(jpeg(colour.pixels, 60), "e.jpg"))
    assert again.score is not None and again.score > 0.6


def test_a_shift_is_measured(pair: tuple[Frame, Frame]) -> None:
    plain, colour = pair
    for columns, rows in ((7, -5), (-4, 12)):
        moved = Frame(np.roll(colour.pixels, (rows, columns), (0, 1)), "e.png")
        with pytest.raises(RegistrationError, match=f"shifted by {columns} columns and {rows} rows"):
            check_registration(plain, moved)
    assert check_registration(plain, Frame(np.roll(colour.pixels, (2, -3), (0, 1)), "e.png")).columns == -3


def test_every_wrong_pair_has_its_sentence(pair: tuple[Frame, Frame]) -> None:
    plain, colour = pair
    with pytest.raises(RegistrationError, match=r"260 x 250 pixels and its B-mode image b\.png 260 x 300"):
        check_registration(plain, Frame(colour.pixels[:250], "e.png"))
    with pytest.raises(RegistrationError, match="seem to be swapped"):
        check_registration(colour, plain)
    with pytest.raises(RegistrationError, match="once more"):
        check_registration(plain, plain)
    with pytest.raises(RegistrationError, match="coloured as well"):
        check_registration(colour, colour)
    with pytest.raises(RegistrationError, match="another nodule"):
        check_registration(Frame(b_mode(60).astype(np.uint8), "other.png"), colour)


def test_what_cannot_be_checked_is_said(pair: tuple[Frame, Frame]) -> None:
    plain, _ = pair
    grey_map = Frame(np.full((plain.rows, plain.columns), 90, dtype=np.uint8), "map.png")
    assert check_registration(plain, grey_map).notes == ("the elastogram is grey; only its size was checked",)
    opaque = draw(seed=8, part=1.0, opacity=1.0)
    found = check_registration(plain, opaque.frame.part(opaque.elastogram))
    assert found.score is None
    assert "opaque" in found.notes[0]
