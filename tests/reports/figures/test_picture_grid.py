"""The grid of pictures: each picture under its own label and lines, and a frame where it has a box."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from thyrosight.documents.drawings import GridPicture, Mark, PictureGrid
from thyrosight.reports.figures import draw

PICTURES = {name: np.full((40, 60), level, dtype=np.uint8) for name, level in (("a/pixels", 10), ("b/pixels", 200))}


def test_each_picture_stands_under_its_own_words() -> None:
    grid = PictureGrid(
        pictures=(
            GridPicture(
                picture="b/pixels",
                label="malignant",
                lines=("b", "risk 90 %"),
                marks=(Mark(colour="yellow", box=(10, 5, 30, 25)),),
                letter="A",
            ),
            GridPicture(picture="a/pixels", label="benign", lines=("a",), letter="B"),
        )
    )
    first, second = draw(grid, PICTURES).axes
    assert [axes.get_title(loc="left") for axes in (first, second)] == ["A  malignant", "B  benign"]
    assert [axes.get_xlabel() for axes in (first, second)] == ["b\nrisk 90 %", "a"]
    assert [int(axes.images[0].get_array().max()) for axes in (first, second)] == [200, 10]  # type: ignore[union-attr]
    (frame,) = first.patches
    assert isinstance(frame, Rectangle)
    assert (*frame.get_xy(), frame.get_width(), frame.get_height()) == (9.5, 4.5, 20, 20)
    assert len(second.patches) == 0


def test_rows_hold_as_many_as_asked_and_an_absent_picture_is_named() -> None:
    picture = GridPicture(picture="a/pixels", label="benign")
    tall = draw(PictureGrid(pictures=(picture,) * 5, columns=2), PICTURES).get_size_inches()
    wide = draw(PictureGrid(pictures=(picture,) * 5, columns=5), PICTURES).get_size_inches()
    assert tall[1] > wide[1]
    with pytest.raises(KeyError, match="c/pixels"):
        draw(PictureGrid(pictures=(picture.model_copy(update={"picture": "c/pixels"}),)), PICTURES)


def test_a_window_outside_the_frame_is_shown_whole() -> None:
    marks = (Mark(colour="red", box=(0, 0, 30, 20)), Mark(colour="green", box=(-30, -40, 60, 50)))
    above, below = draw(
        PictureGrid(
            pictures=(GridPicture(picture="f", label="square", marks=marks), GridPicture(picture="c")), columns=2
        ),
        {"f": np.zeros((60, 80), np.uint8), "c": np.zeros((8, 8), np.uint8)},
    ).axes
    assert above.get_xlim() == (-32.5, 81.5)
    assert above.get_ylim() == (61.5, -42.5)
    corners = [(patch.get_xy(), patch.get_width(), patch.get_height()) for patch in above.patches]
    assert corners == [((-0.5, -0.5), 30, 20), ((-30.5, -40.5), 90, 90)]
    assert np.asarray(below.images[0].get_array()).shape == (8, 8)
    assert below.get_title(loc="left") == ""


def test_outlines_are_drawn_around_their_masks_in_the_part_shown() -> None:
    mask = np.zeros((64, 64), bool)
    mask[30:40, 10:19] = True
    shown = GridPicture(
        picture="p", part=(0, 24, 64, 64), marks=(Mark(colour="turquoise", mask="m", text="reader"),), heading="Best"
    )
    nothing = GridPicture(picture="p", marks=(Mark(colour="yellow", mask="none", text="network: nothing"),))
    pictures = {"p": np.zeros((64, 64), np.uint8), "m": mask, "none": np.zeros((64, 64), bool)}
    figure = draw(PictureGrid(pictures=(shown, nothing)), pictures)
    reader, network = figure.axes
    assert (reader.get_xlim(), reader.get_ylim()) == ((-0.5, 63.5), (63.5, 23.5))
    points = np.concatenate([path.vertices for path in reader.collections[0].get_paths()])  # type: ignore[misc]
    assert points.min(axis=0) == pytest.approx([9.5, 29.5]) and points.max(axis=0) == pytest.approx([18.5, 39.5])
    assert not network.collections
    assert [text.get_text() for axes in (reader, network) for text in axes.texts] == ["reader", "network: nothing"]
    assert [text.get_text() for text in figure.texts] == ["Best"]


def test_signed_pictures_are_drawn_on_their_scale_with_zero_in_the_middle() -> None:
    values = np.linspace(-5, 5, 11, dtype=np.float32)[None]
    for colours in ("grey", "signed"):
        (axes,) = draw(PictureGrid(pictures=(GridPicture(picture="v", scale=10, colours=colours),)), {"v": values}).axes
        (picture,) = axes.images
        assert np.asarray(picture.norm(picture.get_array()))[0] == pytest.approx(np.linspace(0.25, 0.75, 11))
