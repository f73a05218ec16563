"""External sets: shared frames are left out, sites are parted off, predictions are made once and judged as within."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.studies.made_up import drawn
from thyrosight.cohort import Cohort, open_cohort, with_groups
from thyrosight.errors import CohortError
from thyrosight.imaging import Preparation
from thyrosight.progress import silent
from thyrosight.studies import tested as trained
from thyrosight.studies.analyses.external import (
    check_external,
    open_external,
    part_off_sites,
    predict_external,
    without_box,
)
from thyrosight.studies.base import CohortOptions, EvaluationOptions
from thyrosight.studies.outlined import OUTLINE_COLUMNS
from thyrosight.studies.predictions import raw_table
from thyrosight.studies.recipe import ExternalSet
from thyrosight.studies.trial import WEIGHTS, Trial, View
from thyrosight.training import FitOptions


@pytest.fixture(scope="module")
def cohort(phantoms: Path) -> Cohort:
    return with_groups(open_cohort(phantoms))


def test_frames_that_the_study_holds_are_left_out_and_found_once(
    cohort: Cohort, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = cohort.table.head(6)
    columns = [name for name in ("key", "image", "patient_id", "label", "label_source") if name in few]
    path = tmp_path / "other.csv"
    few[columns].to_csv(path, index=False)
    training = Cohort(table=cohort.table.head(4), name="training", source="")
    item = ExternalSet(cohort=str(path), name="Other set")

    def opened() -> Cohort:
        return open_external(item, training, options=CohortOptions(), folder=tmp_path, progress=silent)

    found = opened()
    assert (found.name, found.exclusions[-1].count >= 4) == ("Other set", True)
    assert set(found.table["key"]).isdisjoint(training.table["key"])
    assert (tmp_path / "external" / "other-set" / "shared.json").exists()

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("shared frames are sought again")

    monkeypatch.setattr("thyrosight.studies.analyses.external.find_duplicates_between", refuse)
    assert opened().table["key"].tolist() == found.table["key"].tolist()
    with pytest.raises(CohortError):
        check_external([item, ExternalSet(cohort=str(tmp_path / "absent.csv"))])


def _sites(*rows: tuple[str, str, str]) -> Cohort:
    table = pd.DataFrame([{"key": key, "site": site, "group": group, "patient_id": group} for key, site, group in rows])
    return Cohort(table=table.assign(label="benign", label_source="pathology", image=""), name="all", source="")


def test_sites_are_parted_off_without_patients_who_were_seen_elsewhere_too() -> None:
    cohort = _sites(("a", "A", "1"), ("b", "B", "2"), ("c", "B", "1"), ("d", "C", "3"), ("e", "C", "2"))
    within, parts = part_off_sites(cohort, ["B", "C"])
    assert within.table["key"].tolist() == ["a"]
    assert [(item.reason, item.count) for item in within.exclusions] == [
        ("kept as the external set B", 2), ("kept as the external set C", 2),
    ]  # fmt: skip
    assert [(part.name, part.table["key"].tolist()) for part in parts] == [("B", ["b"]), ("C", ["d", "e"])]
    assert parts[0].exclusions[0].images == ("c",)
    assert part_off_sites(cohort, []) == (cohort, [])
    with pytest.raises(CohortError, match="has no site 'D'; it has A, B, C"):
        part_off_sites(cohort, ["D"])
    bare = Cohort(table=cohort.table.drop(columns="site"), name="all", source="")
    with pytest.raises(CohortError, match="it has no column site"):
        part_off_sites(bare, ["A"])


def _rows(count: int, name: str, *, skill: float) -> pd.DataFrame:
    """Rows of a cohort with the probability that a network will give them."""
    random = drawn("external", name)
    malignant = np.arange(count) % 3 == 0
    table = pd.DataFrame(
        {"key": [f"{name}{i}" for i in range(count)], "group": [f"{name}{i // 2}" for i in range(count)]}
    )
    table["label"] = np.where(malignant, "malignant", "benign")
    table["patient_id"], table["label_source"] = table["group"], "pathology"
    return table.assign(given=1 / (1 + np.exp(-(skill * malignant - 0.5 + random.normal(size=count)))))


class _Predicting:
    """Stands in for the network: gives each row its `given` probability, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, setup: Any, trial: Trial, network: Any, spec: Any, rows: pd.DataFrame, *, view: View) -> Any:
        self.asked.append(view.name)
        return rows["given"].to_numpy(), None


@pytest.fixture
def tested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trained.Tested:
    """A trained network of which only the predictions of its validation part and its weights are there."""
    validation = _rows(60, "v", skill=2.0)
    raw = raw_table("validation", validation, validation["given"].to_numpy())
    trial = Trial(division="division-01", key="tiny", axes={}, architecture="tiny", preparation=Preparation(),
                  training=FitOptions())  # fmt: skip
    (tmp_path / "trial").mkdir()
    (tmp_path / "trial" / WEIGHTS).write_bytes(b"weights")
    monkeypatch.setattr(trained.Tested, "network", lambda self: None)
    monkeypatch.setattr(trained.Tested, "spec", None)
    return trained.Tested(trial, tmp_path / "trial", {}, raw, EvaluationOptions())


def test_predictions_are_judged_by_the_validation_part_and_made_once(
    tested: trained.Tested, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    predicting = _Predicting()
    monkeypatch.setattr("thyrosight.studies.analyses.external.predict_rows", predicting)
    cohort = Cohort(table=_rows(40, "x", skill=1.0), name="Hospital B", source="")

    def judged(cohort: Cohort = cohort, view: View | None = None) -> Any:
        more = {} if view is None else {"view": view}
        return predict_external(None, tested, cohort, folder=tmp_path, progress=silent, **more)  # type: ignore[arg-type]

    first = judged()
    own = tested.judged()
    assert first.judged is not None and first.drawn is None
    assert (first.judged.threshold, first.judged.calibrator) == (own.threshold, own.calibrator)
    rows = first.rows
    assert rows["key"].tolist() == cohort.table["key"].tolist()
    assert rows["probability"].to_numpy() == pytest.approx(cohort.table["given"].to_numpy(), rel=1e-8)
    assert rows["risk"].to_numpy() == pytest.approx(own.calibrator.apply(rows["probability"].to_numpy()))
    assert (rows["predicted"] == (rows["risk"] >= own.threshold)).all()
    again = judged()
    assert predicting.asked == ["plain"]
    pd.testing.assert_frame_equal(again.rows, first.rows)
    judged(view=View(name="wide"))
    assert predicting.asked == ["plain", "wide"]
    judged(Cohort(table=cohort.table.assign(box="0,0,9,9"), name="Hospital B", source=""))
    assert len(predicting.asked) == 3, "nodules are marked elsewhere"
    (tested.folder / WEIGHTS).write_bytes(b"other weights")
    judged()
    assert len(predicting.asked) == 4, "another network"


def test_outlines_are_measured_where_there_are_masks_and_read_back(
    tested: trained.Tested, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = _rows(6, "m", skill=1.0).assign(mask=["a.png", "", None, "b.png", "c.png", "d.png"])
    masks = np.zeros((6, 2, 2), dtype=np.float32) + np.arange(6, dtype=np.float32)[:, None, None]
    seen: list[Any] = []

    def measured(part: str, rows: pd.DataFrame, found: Any, preparation: Any, **_: Any) -> pd.DataFrame:
        seen.append(found[:, 0, 0].tolist())
        return pd.DataFrame(dict.fromkeys(OUTLINE_COLUMNS, 0.5), index=range(len(rows))).assign(
            key=rows["key"].tolist()
        )

    place = "thyrosight.studies.analyses.external"
    monkeypatch.setattr(f"{place}.predict_rows", lambda *_, **__: (None, masks))
    monkeypatch.setattr(f"{place}.measure_outlines", measured)
    cohort = Cohort(table=rows, name="Masks", source="")
    for _ in range(2):
        found = predict_external(None, tested, cohort, folder=tmp_path, progress=silent)  # type: ignore[arg-type]
        assert found.judged is None and found.drawn is not None
        assert found.drawn["key"].tolist() == ["m0", "m3", "m4", "m5"]
    assert seen == [[0.0, 3.0, 4.0, 5.0]], "each mask with its image, and once"


def test_images_whose_nodule_is_not_marked_are_counted(tmp_path: Path) -> None:
    shutil.copyfile(__file__, tmp_path / "no-mask.png")
    table = pd.DataFrame({"key": list("abc"), "image": "none.png", "box": ["1,2,3,4", None, None],
                          "mask": [None, None, str(tmp_path / "no-mask.png")]})  # fmt: skip
    assert without_box(table) == 2
