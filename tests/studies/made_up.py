"""Studies without training: a cohort without images, and predictions drawn from the names of trial and image.

Everything a study reports then follows from the same numbers on every machine, so that whole tables can be compared.
"""

import hashlib
import json
import math
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from thyrosight.cohort import Cohort
from thyrosight.documents import Frozen, Table
from thyrosight.networks import ModelSpec, create_empty
from thyrosight.progress import Progress
from thyrosight.studies import Result
from thyrosight.studies.outlined import FOUND, OUTLINES, write_found
from thyrosight.studies.predictions import PREDICTIONS, raw_table
from thyrosight.studies.stored import write_table
from thyrosight.studies.trial import TESTED, Setup, Trial
from thyrosight.training import PreparedSet


def made_up_cohort(patients: int = 80, *, images: int = 2, seed: int = 0, **columns: Any) -> Cohort:
    """A cohort whose image files do not exist, in groups of one patient; four in ten are malignant."""
    random = np.random.default_rng(seed)
    malignant = random.random(patients) < 0.4
    rows = [
        {
            "key": f"p{patient:03d}_{image}",
            "image": f"p{patient:03d}_{image}.png",
            "patient_id": f"p{patient:03d}",
            "nodule_id": f"p{patient:03d}-1",
            "label": "malignant" if malignant[patient] else "benign",
            "label_source": "pathology",
            "group": f"p{patient:03d}",
        }
        for patient in range(patients)
        for image in range(1, images + 1)
    ]
    table = pd.DataFrame(rows).assign(**columns)
    return Cohort(table=table, name="made-up", source="made-up", label_policy="as drawn")


def drawn(*names: object) -> np.random.Generator:
    """Random numbers that depend on these names alone."""
    digest = hashlib.sha256("/".join(str(name) for name in names).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def made_up_risk(trial: Trial, view: str, part: str, rows: pd.DataFrame) -> NDArray[np.float64]:
    """Probabilities that tell the classes apart about as well as a middling network."""
    skill = 0.6 + 0.8 * drawn("skill", trial.key, view).random()
    truth = (rows["label"] == "malignant").to_numpy(dtype=float)
    noise = np.array([drawn(trial.key, view, trial.division, key).normal() for key in rows["key"]])
    return np.asarray(1 / (1 + np.exp(-(skill * (2 * truth - 1) + noise))))


def train_nothing(setup: Setup[Any], parameters: Mapping[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """Stand in for `train_and_test`: leave made-up predictions and outlines, and the record of a training."""
    trial = Trial.model_validate(parameters)
    folder.mkdir(parents=True, exist_ok=True)
    random, size = drawn("record", trial.name), drawn("size", trial.key)
    raw, outlines = [], []
    for view in trial.views:
        for part in view.parts:
            rows = setup.rows(trial, part)
            if len(rows) and trial.task != "segmentation":
                raw.append(raw_table(part, rows, made_up_risk(trial, view.name, part, rows), view=view.name))
    if trial.task != "classification":
        outlines = [_made_up_outlines(trial, part, setup.rows(trial, part)) for part in TESTED]
        test = setup.rows(trial, "test")
        write_found(test["key"], np.ones((len(test), 8, 8), dtype=np.float32), folder / FOUND)
    if raw:
        write_table(pd.concat(raw, ignore_index=True), folder / PREDICTIONS)
    if outlines:
        write_table(pd.concat(outlines, ignore_index=True), folder / OUTLINES)
    areas = [round(0.5 + 0.05 * epoch + 0.2 * random.random(), 4) for epoch in (1, 2, 3)]
    history = [
        {
            "epoch": epoch,
            "train_loss": 1 / epoch,
            "validation_loss": 1.1 / epoch,
            "validation_auc": area,
            "seconds": 2.0,
        }
        | ({} if trial.task == "classification" else {"validation_dice": round(area - 0.2, 4)})
        for epoch, area in enumerate(areas, start=1)
    ]
    return {
        "spec": _spec(trial.architecture, trial.size, trial.task, trial.fusion, trial.head).model_dump(mode="json"),
        "parameters": int(size.integers(1_000_000, 20_000_000)),
        "trained_parameters": int(size.integers(100_000, 1_000_000)),
        "history": history,
        "epochs": 3,
        "best_epoch": int(np.argmax(areas)) + 1,
        "train": len(setup.rows(trial, "train")),
        "mirrored": [],
        "validation_auc": max(areas),
        "validation_dice": None if trial.task == "classification" else round(max(areas) - 0.2, 4),
        "images_per_second": round(10 + 20 * random.random(), 1),
        "seconds": round(5 + 20 * random.random(), 1),
        "precision": "32",
        "notes": [],
    }


@cache
def _spec(architecture: str, size: int, task: Any, fusion: Any, head: Any) -> ModelSpec:
    """The spec of a network of that kind; to ask for it builds the network."""
    return create_empty(architecture, input_size=size, task=task, fusion=fusion, head=head)[1]


def _made_up_outlines(trial: Trial, part: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Measures of outlines, some of which failed."""
    found = []
    for row in rows.to_dict("records"):
        random = drawn("outline", trial.key, trial.division, row["key"])
        dice = 0.0 if random.random() < 0.1 else round(float(random.beta(6, 3)), 6)
        found.append(
            {"part": part, "key": row["key"], "group": row["group"], "label": row["label"], "dice": dice}
            | {"iou": dice / (2 - dice), "hd95_pixels": 40 * (1 - dice) if dice else math.nan, "hd95_mm": math.nan}
            | {"true_pixels": int(random.integers(500, 9000)), "found_pixels": int(6000 * dice), "frame": "300 x 200"}
        )
    return pd.DataFrame(found)


@pytest.fixture(scope="module")
def without_training() -> Iterator[None]:
    """Studies of these tests train nothing: their trials leave made-up predictions."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("thyrosight.studies.run.train_and_test", train_nothing)
        yield


@pytest.fixture
def without_networks(without_training: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Besides, heat maps are blots drawn from pixels, and no model is saved."""
    place = "thyrosight.studies.analyses.heat_maps"
    monkeypatch.setattr(f"{place}.prepare_images", _made_up_images)
    monkeypatch.setattr(f"{place}.heat_maps", _made_up_maps)
    monkeypatch.setattr(f"{place}.deletion_scores", _made_up_deletion)
    monkeypatch.setattr("thyrosight.studies.tested.Tested.keeps_weights", True)
    monkeypatch.setattr("thyrosight.studies.tested.Tested.network", lambda tested: None)
    monkeypatch.setattr("thyrosight.studies.run.save_model", lambda *_, **__: "No model is saved without networks.")


def _made_up_images(setup: Setup[Any], trial: Trial, rows: pd.DataFrame, **_: Any) -> PreparedSet:
    pixels = np.stack([drawn("pixels", key).integers(1, 255, (32, 32), dtype=np.uint8) for key in rows["key"]])
    found = PreparedSet.of(pixels, (rows["label"] == "malignant").to_numpy(dtype=int), tuple(rows["key"]))
    return replace(found, nodules=((8.0, 8.0, 24.0, 24.0),) * len(rows))


def _made_up_maps(network: None, spec: Any, pixels: NDArray[np.uint8], **_: Any) -> NDArray[np.float32]:
    rows, columns = np.mgrid[:32, :32]
    shares = pixels[:, 0, :4].astype(float) / 255
    blots = [
        np.exp(-(((rows - 8 - 16 * down) / (2 + 6 * high)) ** 2) - ((columns - 8 - 16 * across) / (2 + 6 * wide)) ** 2)
        for down, across, high, wide in shares
    ]
    return np.array(blots, dtype=np.float32)


def _made_up_deletion(network: None, spec: Any, pixels: NDArray[np.uint8], *_: Any, **__: Any) -> SimpleNamespace:
    heat, random = pixels[:, 1, :2].astype(float).T / 255
    return SimpleNamespace(heat=heat, random=random, difference=heat - random)


SHARED = ("guideline", "external", "calibration", "decisions", "biopsies", "subgroups", "interactions")
"""How the names of tables begin that are the same in all kinds of study."""


def assert_golden(result: Result, path: Path, *, shared: tuple[str, ...] = SHARED) -> None:
    """Compare every table of a result with the one stored in `path`: keys, texts, and numbers to 1e-6.

    Tables of subgroups, which are made as those of all nodules, are left out to keep the file short, and so are the
    checklists and what all kinds say alike (`shared`), which have tests of their own.

    With THYROSIGHT_GOLDEN=write the file is written anew; look at the difference before you commit it.
    """
    names: Counter[str] = Counter()
    found = {}
    for table in result.document.tables():
        if not table.name.startswith(shared) and all(
            row.get("nodules", "all nodules") == "all nodules" for row in table.rows
        ):
            names[table.name] += 1
            part = names[table.name]
            found[table.name if part == 1 else f"{table.name}, part {part}"] = _plain(table)
    if os.environ.get("THYROSIGHT_GOLDEN") == "write":
        path.write_text(_written(_rounded(found)), encoding="utf-8")
    stored = json.loads(path.read_text(encoding="utf-8"))
    assert list(found) == list(stored)
    for name, plain in found.items():
        _same(plain, stored[name], name)


_OF_THE_RUN = ("seconds", "machine", "threads")
"""Columns of the table of trials that tell where and how fast they ran."""


def _rounded(value: Any) -> Any:
    """Numbers to eight digits, so that the file is short."""
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return float(f"{value:.8g}") if isinstance(value, float) else value


def _written(found: dict[str, Any]) -> str:
    """JSON with a line for each row, so that a difference shows the row that changed."""
    tables = []
    for name, table in found.items():
        rows = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in table["rows"])
        head = json.dumps({key: value for key, value in table.items() if key != "rows"}, ensure_ascii=False, indent=1)
        tables.append(f'{json.dumps(name)}: {head[:-2]},\n "rows": [\n  {rows}\n ]}}')
    return "{" + ",\n".join(tables) + "}\n"


def _plain(table: Table) -> dict[str, Any]:
    columns = {column.key: f"{column.title} ({column.kind})" for column in table.columns}
    left_out = _OF_THE_RUN if table.name == "trials" else ()
    rows = [
        {
            key: _short(value) if isinstance(value, Frozen) else value
            for key, value in row.items()
            if key not in left_out
        }
        for row in table.rows
    ]
    alike = {
        key: value for key, value in rows[0].items() if len(rows) > 1 and all(row.get(key) == value for row in rows)
    }
    own = [{key: value for key, value in row.items() if key not in alike} for row in rows]
    notes = [*table.methods(), *table.notes]
    return {"caption": table.caption, "columns": columns, "notes": notes, "all rows": alike, "rows": own}


def _short(cell: Frozen) -> dict[str, Any]:
    """The parts of an estimate that are known, without its method, which stands in the notes."""
    left_out = ("confidence", "method")
    return {name: value for name, value in cell.model_dump().items() if value is not None and name not in left_out}


def _same(found: Any, stored: Any, place: str) -> None:
    if isinstance(stored, dict):
        assert list(found) == list(stored), place
        for key, value in stored.items():
            _same(found[key], value, f"{place}.{key}")
    elif isinstance(stored, list):
        assert len(found) == len(stored), place
        for number, value in enumerate(stored):
            _same(found[number], value, f"{place}[{number}]")
    elif isinstance(stored, float):
        assert found == pytest.approx(stored, rel=1e-6, abs=1e-9), place
    else:
        assert found == stored, place
