"""Beams and pixels of linear and convex probes."""

import numpy as np
import pytest

from thyrosight.phantoms.probe import Probe

LINEAR = Probe("rectangle", 40.0, 38.0, 320)
CONVEX = Probe("convex", 45.0, 36.0, 330, radius_mm=40.0)


def test_linear_beams_are_the_pixel_columns() -> None:
    x, z, step = LINEAR.beams()
    assert x.shape == (320, LINEAR.columns) == (320, 304)
    assert step == LINEAR.pixel_mm == 0.125
    assert x[0, 0] == pytest.approx(-x[0, -1])
    assert z[0, 0] == pytest.approx(0.0625)
    assert LINEAR.scan_area().all()


def test_convex_beams_start_on_the_arc_and_end_at_the_bottom() -> None:
    x, z, step = CONVEX.beams()
    middle = x.shape[1] // 2
    assert abs(x[:, middle]).max() < 0.5
    assert z[0, middle] == pytest.approx(40 * (1 - np.cos(0.45)), abs=0.1)  # the arc's sagitta; half angle 36 / 80
    assert z[-1, middle] == pytest.approx(45.0, abs=0.2)
    assert np.hypot(np.diff(x[:, 0]), np.diff(z[:, 0])) == pytest.approx(step, rel=1e-3)


def test_convex_scan_area_is_a_fan() -> None:
    area = CONVEX.scan_area()
    widths = area.sum(axis=1)
    assert widths.argmax() > 0.6 * len(widths)
    assert not area[0, area.shape[1] // 2] and area[-2, area.shape[1] // 2]  # curved top and bottom
    assert (area == area[:, ::-1]).mean() > 0.999


@pytest.mark.parametrize("probe", [LINEAR, CONVEX])
def test_scan_conversion_puts_each_sample_where_its_beam_was(probe: Probe) -> None:
    x, z, _ = probe.beams()
    pixel_x, pixel_z = probe.pixels()
    inside = probe.scan_area()
    for beams, pixels in ((x, pixel_x), (z, pixel_z)):
        error = np.abs(probe.scan_convert(beams + 100) - 100 - pixels)[inside]
        assert np.quantile(error, 0.99) < 0.05  # millimetres
