"""Properties of the files alone that tell the label."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from thyrosight.cohort import Cohort, file_properties, open_cohort, property_aucs
from thyrosight.errors import CohortError


def made_up(count: int = 400, *, band: bool = True) -> tuple[Cohort, pd.DataFrame]:
    """Benign images mostly lie in a band of widths between those of malignant ones; nothing else tells them apart."""
    draw = np.random.default_rng(0)
    malignant = np.arange(count) % 2 == 1
    inside = draw.random(count) < np.where(malignant, 0.1, 0.8) if band else draw.random(count) < 0.5
    outside = np.where(draw.random(count) < 0.5, 600, 1000)
    width = np.where(inside, draw.integers(820, 841, count), outside).astype(float)
    table = pd.DataFrame(
        {
            "key": [str(number) for number in range(count)],
            "label": np.where(malignant, "malignant", "benign"),
            "group": [f"g{number // 2}" for number in range(count)],
        }
    )
    return Cohort(table, "made up", "memory"), pd.DataFrame({"width": width, "noise": draw.random(count)})


def test_a_band_in_the_middle_is_seen_though_the_label_does_not_rise_with_width():
    cohort, properties = made_up()
    width, noise = property_aucs(cohort, properties)
    assert width.area.value == pytest.approx(0.85, abs=0.04)  # 0.8 of benign against 0.1 of malignant
    assert noise.area.low < 0.5 < noise.area.high
    assert (width.images, width.malignant) == (400, 200)


def test_within_the_band_the_width_says_nothing():
    cohort, properties = made_up()
    width = property_aucs(cohort, properties, only="width=820..840")[0]
    assert width.area.low < 0.5 < width.area.high
    assert width.images == int(properties["width"].between(820, 840).sum())


def test_a_property_that_never_varies_says_nothing():
    cohort, properties = made_up()
    constant = property_aucs(cohort, properties.assign(colour=0.0))[-1]
    assert (constant.name, constant.area.value) == ("colour", 0.5)


def test_too_few_groups_are_refused():
    cohort, properties = made_up(16)
    with pytest.raises(CohortError, match="16 images of 8 groups"):
        property_aucs(cohort, properties)


def test_a_size_that_the_table_states_goes_before_the_files_own(tmp_path):
    for name, size in (("a", (40, 20)), ("b", (30, 30))):
        Image.new("RGB", size, (90, 20, 20) if name == "b" else (50, 50, 50)).save(tmp_path / f"{name}.png")
    text = "image,label,original_width\na.png,benign,800\nb.png,malignant,\n"
    (tmp_path / "cohort.csv").write_text(text, encoding="utf-8")
    found = file_properties(open_cohort(tmp_path))
    assert found[["width", "height", "shape"]].to_numpy().tolist() == [[800, 20, 40], [30, 30, 1]]
    assert found["colour"].tolist() == [0, 1]
    assert found["bytes"].tolist() == [(tmp_path / f"{name}.png").stat().st_size for name in "ab"]
