"""Elastograms, flow and tinted pictures are told apart by their colours."""

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.data import get_testdata_file

from tests.cohort.from_dicom.conftest import tissue
from thyrosight.cohort.from_dicom.views import panels_of, view_of
from thyrosight.imaging import Frame, read_frame


def grey() -> NDArray[np.uint8]:
    return np.repeat(tissue(200, 260, seed=3)[:, :, None], 3, axis=2)


def vessels(colours: list[tuple[int, int, int]]) -> NDArray[np.uint8]:
    """Round vessels that cover a fifth of a colour box."""
    pixels = grey()
    rows, columns = np.mgrid[0:200, 0:260]
    for number, (row, column) in enumerate([(60, 70), (90, 120), (130, 80), (120, 180), (60, 190)]):
        pixels[(rows - row) ** 2 + (columns - column) ** 2 < 150] = colours[number % len(colours)]
    return pixels


def elastogram(*, softest: tuple[int, int, int] = (0, 0, 255)) -> NDArray[np.uint8]:
    """A box of colours from soft to stiff over half of the tissue, half transparent."""
    from matplotlib import colormaps
    from scipy import ndimage

    stiffness = ndimage.gaussian_filter(np.random.default_rng(1).normal(size=(120, 160)), 12)
    stiffness = (stiffness - stiffness.min()) / np.ptp(stiffness)
    map_ = np.asarray(colormaps["jet"](stiffness))[:, :, :3] * 255
    pixels = grey()
    pixels[40:160, 50:210] = (0.5 * pixels[40:160, 50:210] + 0.5 * map_).astype(np.uint8)
    return pixels


def test_an_elastogram_is_recognised_by_its_map() -> None:
    assert view_of(elastogram())[0] == "elastogram"


def test_power_doppler_is_no_elastogram() -> None:
    assert view_of(vessels([(220, 90, 20), (250, 200, 40)]))[0] == "power Doppler"


def test_flow_in_two_directions_is_colour_flow_even_with_green_where_it_is_turbulent() -> None:
    assert view_of(vessels([(230, 30, 20), (30, 60, 230)]))[0] == "colour flow"
    assert view_of(vessels([(230, 30, 20), (30, 60, 230), (40, 220, 60)]))[0] == "colour flow"


def test_grey_and_tinted_pictures_are_b_mode() -> None:
    assert view_of(tissue())[0] == "B-mode" and view_of(grey())[0] == "B-mode"
    tinted = (grey() * np.array([1.0, 0.75, 0.35])).clip(0, 255).astype(np.uint8)
    assert view_of(tinted)[0] == "B-mode"


def test_coloured_letters_make_no_flow() -> None:
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.fromarray(grey())
    ImageDraw.Draw(picture).text(
        (20, 20), "LEFT LOBE TRANSVERSE", fill=(255, 255, 0), font=ImageFont.load_default(size=12)
    )
    assert view_of(np.asarray(picture))[0] == "B-mode"


def test_a_grey_elastogram_is_believed_where_the_file_says_so() -> None:
    assert view_of(tissue(), words="ORIGINAL PRIMARY Strain Elastography")[0] == "elastogram"


@pytest.mark.parametrize(
    ("name", "views"),
    [
        ("US1_UNCR.dcm", ["power Doppler", "power Doppler"]),
        ("color-pl.dcm", ["colour flow"]),
        ("gdcm-US-ALOKA-16.dcm", ["B-mode", "B-mode"]),
        ("JPGLosslessP14SV1_1s_1f_8b.dcm", ["B-mode"]),
    ],
)
def test_real_frames(name: str, views: list[str]) -> None:
    path = get_testdata_file(name)
    if path is None:
        pytest.skip("pydicom-data is not installed")
    assert [panel.view for panel in panels_of(read_frame(path))] == views


def test_two_views_can_be_taken_as_one() -> None:
    frame = Frame(pixels=np.hstack([tissue(seed=1), tissue(seed=2)]), source="x")
    assert len(panels_of(frame, split=False)) == 1
