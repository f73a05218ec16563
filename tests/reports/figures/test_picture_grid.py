"""The grid of pictures: each picture under its own label and lines, and a frame where it has a box."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from thyrosight.documents import GridPicture, PictureGrid
from thyrosight.reports.figures import draw

PICTURES = {name: np.full((40, 60), level, dtype=np.uint8) for name, level in (("a/pixels", 10), ("b/pixels", 200))}


def test_each_picture_stands_under_its_own_words() -> None:
    grid = PictureGrid(
        pictures=(
            GridPicture(
                picture="b/pixels", label="malignant", lines=("b", "risk 90 %"), box=(10, 5, 30, 25), letter="A"
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
