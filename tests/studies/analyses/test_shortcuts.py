"""Labels told by the files alone, beside the networks."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from thyrosight.cohort import Cohort
from thyrosight.documents import Column, Measure, Table
from thyrosight.errors import CohortError
from thyrosight.progress import silent
from thyrosight.studies import load_recipe
from thyrosight.studies.analyses.shortcuts import ALL, shortcut_words, shortcuts_table
from thyrosight.studies.base import Evaluation

OPTIONS = Evaluation()
NETWORKS = ("A network", "Another")


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    """Malignant files are 30 or 31 pixels wide, benign ones 40 or 41, but for the images of a band of 35."""
    folder: Path = tmp_path_factory.mktemp("files")
    rows = []
    for number in range(80):
        malignant, inside = number % 2 == 1, number < 40
        width = 35 if inside else (30 if malignant else 40) + number % 4 // 2
        Image.new("L", (width, 20), 90).save(folder / f"{number}.png")
        label = "malignant" if malignant else "benign"
        rows.append({"key": str(number), "image": str(folder / f"{number}.png"), "label": label, "group": f"g{number}"})
    table = pd.DataFrame(rows)
    return Cohort(table.assign(original_width=[Image.open(row["image"]).width * 20 for row in rows]), "nodes", "memory")


def test_a_network_that_looks_at_the_width_is_found_out_inside_the_band(cohort: Cohort) -> None:
    truth = (cohort.table["label"] == "malignant").to_numpy().astype(int)
    risk = -cohort.table["original_width"].to_numpy(float) + np.arange(80) / 1000
    tested = pd.DataFrame({"key": cohort.table["key"], "truth": truth, "risk": risk, "group": cohort.table["group"]})
    table = shortcuts_table(
        cohort, {"A network": tested}, within=["original_width=690..710"], options=OPTIONS, progress=silent
    )
    everywhere, inside = (table.row(images=images, judge="A network") for images in (ALL, "original_width=690..710"))
    width = table.row(images=ALL, judge="width of the file")
    assert (everywhere["n"], everywhere["malignant"]) == (80, 40)
    assert (inside["n"], inside["malignant"]) == (40, 20)
    assert everywhere["auc"].value > 0.85
    assert 0.7 < width["auc"].value < everywhere["auc"].value
    assert inside["auc"].low < 0.5 < inside["auc"].high
    assert table.row(images="original_width=690..710", judge="width of the file")["auc"].value == 0.5


def _table(network: Measure | None, **properties: tuple[float, float, float]) -> Table:
    rows: list[dict[str, object]] = [{"images": ALL, "judge": "A network", "auc": network}]
    for name, (value, low, high) in properties.items():
        area = Measure(value=value, low=low, high=high)
        rows.append({"images": ALL, "judge": f"{name} of the file", "auc": area})
        rows.append({"images": "a band", "judge": f"{name} of the file", "auc": Measure(value=1.0, low=0.9, high=1.0)})
    columns = (Column(key="images"), Column(key="judge"), Column(key="auc", kind="area"))
    return Table(name="shortcuts", caption="Shortcuts", columns=columns, rows=tuple(rows))


def test_the_property_that_tells_most_is_said_first_where_its_interval_reaches_the_network() -> None:
    network = Measure(value=0.84, low=0.80, high=0.87)
    told = _table(network, height=(0.81, 0.77, 0.85), width=(0.83, 0.79, 0.87), bytes=(0.70, 0.65, 0.75))
    assert shortcut_words(told, "A network", networks=NETWORKS) == [
        "From the width of the file alone: AUC 0.83 (95 % interval 0.79 to 0.87), so that the network need not have "
        "looked at tissue."
    ]
    assert shortcut_words(_table(network, bytes=(0.70, 0.65, 0.79)), "A network", networks=NETWORKS) == []
    assert len(shortcut_words(_table(network, bytes=(0.70, 0.65, 0.80)), "A network", networks=NETWORKS)) == 1
    assert shortcut_words(_table(None, width=(0.83, 0.79, 0.87)), "A network", networks=NETWORKS) == []
    assert shortcut_words(told, "Another", networks=NETWORKS) == []


def test_a_choice_of_one_class_has_no_area_and_an_unknown_column_is_an_error(cohort: Cohort) -> None:
    tested = pd.DataFrame({"key": ["0", "2"], "truth": [0, 0], "risk": [0.1, 0.2], "group": ["g0", "g2"]})
    table = shortcuts_table(cohort, {"A network": tested}, within=[], options=OPTIONS, progress=silent)
    assert table.row(images=ALL, judge="A network")["auc"] is None
    with pytest.raises(CohortError, match="no column machine"):
        shortcuts_table(cohort, {}, within=["machine=a"], options=OPTIONS, progress=silent)


def test_the_shipped_recipe_judges_inside_the_band_of_widths() -> None:
    recipe = load_recipe("lymph-node-class")
    assert recipe.within == ("original_width=820..840",)
    assert {network.task for network in recipe.networks} == {"classification"}
