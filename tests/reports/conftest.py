"""A page made up for tests: every kind of block, figures with pictures of phantoms, and the facts of a study."""

from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from thyrosight.documents import (
    Code,
    Column,
    Facts,
    Figure,
    Figures,
    FlowStep,
    Heading,
    Items,
    Measure,
    Section,
    Table,
    Tile,
    drawings,
    section,
)
from thyrosight.phantoms import phantom_images
from thyrosight.studies import Result
from thyrosight.studies.base import ModelCard
from thyrosight.studies.kind import Report
from thyrosight.studies.page import document_of
from thyrosight.studies.result import StudyFacts

KEYS = ("12_1", "207_1", "44_2", "310_1")


def facts(**changes: object) -> StudyFacts:
    """The facts of a made-up study."""
    return StudyFacts.model_validate(
        {
            "kind": "comparison",
            "recipe": "resnet18-focal",
            "title": "Thyroid nodules",
            "paper": "A deep learning framework",
            "created": "2025-11-21T08:30:00+00:00",
            "command": "thyrosight study run resnet18-focal --cohort ddti --out runs/ddti",
            "engine": "local",
            "seed": 20,
            "label_sources": ("TI-RADS",),
            "label_policy": "TI-RADS 2 and 3 benign, 4a and above malignant",
            "split_kind": "image-level",
            "split_method": "hold-out, 10 repeats, 30 % test",
            "cohort": {"name": "ddti", "by_label_source": {"TI-RADS": {"benign": 196, "malignant": 393}}},
            "cohort_digest": "ab" * 32,
            "split_digest": "cd" * 32,
            "images": 589,
            "groups": 344,
            "patients": None,
            "benign": 196,
            "malignant": 393,
            "flow": (
                FlowStep(text="images found", n=595, excluded=(("contradict", 6),)),
                FlowStep(text="analysed", n=589),
            ),
            "recipe_yaml": "name: resnet18-focal\ntraining: {loss: {gamma: 2.0}}\n",
            "software": {"thyrosight": "0.1.0", "torch": "2.15"},
            **changes,
        }
    )


def sections() -> list[Section]:
    """Every kind of block once."""
    line = drawings.Curve(name="A & B", x=(0.0, 1.0), y=(0.0, 1.0))
    curve = drawings.Lines(panels=(drawings.LinePanel(curves=(line,), x="x", square=True),))
    table = Table(
        name="means",
        caption="A table",
        columns=(Column(key="name", title="name"), Column(key="auc", title="AUC", kind="area")),
        rows=({"name": "x < y", "auc": Measure(value=0.8, low=0.75, high=0.84, method="bootstrap of groups")},),
        notes=("A note.",),
    )
    heat = drawings.HeatMaps(
        scale=0.84,
        examples=tuple(
            drawings.HeatExample(
                key=key, label="benign", predicted="benign", risk=0.2, deletion=0.3, deletion_random=0.4
            )
            for key in KEYS
        ),
    )
    shown = [drawings.GridPicture(picture=f"{key}/pixels", label="malignant", lines=("risk 0.06",)) for key in KEYS]
    errors = drawings.PictureGrid(pictures=tuple(shown))
    return [
        section(
            "First part",
            "A paragraph with `code` & <signs>.",
            table,
            Figure(name="one", caption="One figure", drawing=curve),
            Figures(
                items=(
                    Figure(name="a", caption="Left", drawing=curve),
                    Figure(name="b", caption="Right", drawing=curve),
                )
            ),
            Facts(rows=(("Who", "those who"),)),
            Items(texts=("one", "two")),
            Heading(text="A heading"),
            Code(text="thyrosight --help"),
        ),
        section(
            "Pictures",
            Figure(name="heat-maps", caption="Heat maps", drawing=heat, wide=True),
            Figure(name="errors", caption="Errors", drawing=errors, wide=True),
            Figure(name="flow", caption="Flow", drawing=drawings.Flow(steps=facts().flow), source="other labels"),
        ),
    ]


def make_result(*, unfinished: tuple[str, ...] = (), limitations: tuple[str, ...] = ("Labels are not pathology.",),
                model: bool = True, **changes: object) -> Result:  # fmt: skip
    """A made-up study with every kind of block."""
    own = facts(**changes)
    card = ModelCard(folder="runs/m", hash="ef" * 32, division="division-01", threshold=0.53, calibration="platt")
    report = Report(key_result="It works.", sections=sections(), tiles=[Tile(name="AUC", value="0.81")])
    found = card if model else None
    trials = Table(name="trials", caption="Trials", columns=(Column(key="trial"),), rows=())
    document = document_of(own, report, model=found, limitations=limitations, unfinished=unfinished, trials=trials)
    return Result(facts=own, model=found, document=document)


@pytest.fixture(scope="session")
def result() -> Result:
    return make_result()


@pytest.fixture(scope="session")
def pictures() -> dict[str, np.ndarray]:
    """Crops of phantoms with made-up heat, as `pictures.npz` would hold them."""
    arrays = {}
    random = np.random.default_rng(5)
    for key, image in zip(KEYS, phantom_images(4), strict=False):
        scene = image.scene(4)
        frame, box = scene.draw(random), scene.box()
        side = round(0.7 * max(box.width, box.height))
        middle = (box.top + box.bottom) // 2, (box.left + box.right) // 2
        rows = np.clip(np.linspace(middle[0] - side, middle[0] + side, 128).astype(int), 0, frame.shape[0] - 1)
        columns = np.clip(np.linspace(middle[1] - side, middle[1] + side, 128).astype(int), 0, frame.shape[1] - 1)
        arrays[f"{key}/pixels"] = frame[np.ix_(rows, columns)]
        spot = np.zeros((128, 128), np.float32)
        spot[tuple(random.integers(40, 90, 2))] = 1
        heat = ndimage.gaussian_filter(spot, 18)
        arrays[f"{key}/heat"] = heat / heat.max() * random.uniform(0.1, 1.0)
    return arrays


@pytest.fixture
def study_folder(tmp_path: Path, pictures: dict[str, np.ndarray]) -> Path:
    """A study's folder with its pictures."""
    np.savez_compressed(tmp_path / "pictures.npz", **pictures)
    return tmp_path
