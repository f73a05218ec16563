"""Targets to damage, with their readers: one for each kind of file that users hand over."""

import io
import json
import random
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from fuzzing import dicom
from fuzzing.damage import OF_BYTES, OF_TEXT, Mutation


@dataclass(frozen=True)
class Target:
    """A kind of file.

    Attributes:
        suffix: of the file.
        samples: sound files.
        read: what the product does with a file; it is told the path.
        damages: ways to damage a file.
    """

    suffix: str
    samples: Callable[[], Sequence[bytes]]
    read: Callable[[Path], None]
    damages: tuple[Mutation, ...]

    def damaged(self, seed: int) -> tuple[str, bytes]:
        """The damaged file of a seed, and the name of its damage; one in three files is damaged twice."""
        draw = random.Random(seed)
        data, names = bytearray(draw.choice(self.samples())), []
        for _ in range(2 if draw.random() < 1 / 3 else 1):
            damage = draw.choice(self.damages)
            names.append(damage.__name__)
            data = damage(data, draw)
            if not data:
                break
        return " + ".join(names), bytes(data)


def _picture(side: int = 40, colour: bool = False) -> Image.Image:
    y, x = np.mgrid[:side, :side]
    grey = ((x * 5 + y * 3) % 256).astype(np.uint8)
    return Image.fromarray(np.stack([grey, 255 - grey, grey], axis=2) if colour else grey)


def _written(form: str, **options: object) -> list[bytes]:
    found = []
    for colour in (False, True):
        stream = io.BytesIO()
        _picture(colour=colour).save(stream, form, **options)
        found.append(stream.getvalue())
    return found


@cache
def _png() -> Sequence[bytes]:
    deep = io.BytesIO()
    Image.fromarray((np.arange(1600, dtype=np.uint16) * 40).reshape(40, 40)).save(deep, "PNG")
    palette = io.BytesIO()
    _picture(colour=True).convert("P").save(palette, "PNG")
    return [*_written("PNG"), deep.getvalue(), palette.getvalue()]


@cache
def _jpeg() -> Sequence[bytes]:
    return [*_written("JPEG", quality=85), *_written("JPEG", quality=60, progressive=True)]


@cache
def _tiff() -> Sequence[bytes]:
    several = io.BytesIO()
    _picture().save(several, "TIFF", save_all=True, append_images=[_picture(colour=True)])
    kinds = ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")
    return [*(one for kind in kinds for one in _written("TIFF", compression=kind)), several.getvalue()]


def _read_picture(path: Path) -> None:
    from thyrosight.imaging import read_frame

    read_frame(path)


_XML = """<?xml version="1.0" encoding="UTF-8"?><case><number>{n}</number><age>{age}</age><sex>F</sex>
<composition>solid</composition><echogenicity>hypoechogenicity</echogenicity><margins>well defined</margins>
<calcifications>microcalcifications</calcifications><tirads>4a</tirads><reportbacaf>a, b</reportbacaf><reporteco/>
<mark><image>1</image><svg>[{{"points": [{{"x": 5, "y": 6}}, {{"x": 30, "y": 8}}, {{"x": 20, "y": 33}}],
"annotation": {{}}, "regionType": "freehand"}}]</svg></mark></case>"""


def _xml() -> Sequence[bytes]:
    return [_XML.format(n=n, age=age).encode() for n, age in ((1, 40), (2, ""), (3, "55"))]


def _read_case(path: Path) -> None:
    """A published case beside its picture."""
    from thyrosight.cohort import open_cohort

    with tempfile.TemporaryDirectory(dir=path.parent) as name:
        shutil.copy(path, Path(name) / "1.xml")
        _picture().save(Path(name) / "1_1.jpg")
        open_cohort(name, kind="ddti-published")


@cache
def _tables() -> Sequence[bytes]:
    from thyrosight.files import csv_text
    from thyrosight.statistics.examples import example_tables

    texts = [csv_text(rows[:40]) for name, rows in example_tables().items() if name in ("nodules", "readings")]
    return [
        text.encode() for text in (*texts, texts[0].replace(",", ";").replace(".", ","), texts[0].replace(",", "\t"))
    ]


def _analyse(path: Path) -> None:
    """The table as `thyrosight stats roc` reads it."""
    from thyrosight.cli.stats.table import StatsTable
    from thyrosight.statistics import auc

    table = StatsTable.read(path)
    truth = table.column(None, option="--truth", candidates=("truth",))
    score = table.column(None, option="--score", candidates=("network", "rating"))
    table.keep_complete([truth, score], drop=True)
    auc(table.truth(truth, None), table.numbers(score))


_COHORT = "image,patient_id,nodule_id,label,label_source,size_mm,box,age,sex,tirads\n" + "".join(
    f'{n}.png,P{n // 2},N{n},{"malignant" if n % 3 else "benign"},pathology,{8 + n}.5,"3,4,20,{22 + n}",{40 + n},F,4a\n'
    for n in range(12)
)


def _read_cohort(path: Path) -> None:
    from thyrosight.cohort import open_cohort

    pictures = path.parent / "0.png"
    if not pictures.exists():
        for n in range(12):
            _picture().save(path.parent / f"{n}.png")
    open_cohort(path)


def _recipes() -> Sequence[bytes]:
    from thyrosight.studies.loading import shipped_recipes

    return [text.encode() for text in shipped_recipes().values()]


def _read_recipe(path: Path) -> None:
    from thyrosight.studies.loading import load_recipe

    load_recipe(path)


@cache
def _bundle() -> Path:
    """A tiny model with its ONNX file."""
    from thyrosight.imaging import Preparation
    from thyrosight.inference import OperatingPoint, save_bundle
    from thyrosight.networks import create

    network, spec = create("tiny", input_size=32, seed=1)
    return save_bundle(
        Path(tempfile.mkdtemp()) / "bundle",
        network=network,
        spec=spec,
        preparation=Preparation(size=32, crop="scan area"),
        calibration={"method": "platt", "slope": 1.0, "intercept": 0.0},
        operating_point=OperatingPoint(threshold=0.5, rule="youden", chosen_on="validation part of division-01"),
        cohort={"name": "none", "digest": "0" * 64, "label_source": "simulated", "split_kind": "patient-level"},
        images=[np.full((32, 32), 90, np.uint8)],
    ).folder


def _part(name: str) -> Callable[[], Sequence[bytes]]:
    return lambda: [(_bundle() / name).read_bytes()]


def _read_bundle(name: str, engine: str = "auto") -> Callable[[Path], None]:
    """The bundle with one file replaced."""

    def read(path: Path) -> None:
        from thyrosight.inference import Predictor, load_bundle

        with tempfile.TemporaryDirectory(dir=path.parent) as parent:
            folder = Path(parent) / path.name
            shutil.copytree(_bundle(), folder)
            shutil.copy(path, folder / name)
            bundle = load_bundle(folder, backend=engine)
            picture = Path(parent) / "a.png"
            _picture().save(picture)
            Predictor(bundle).assess(picture)

    return read


def _splits() -> Sequence[bytes]:
    names = [f"P{n}" for n in range(9)]
    division = {"name": "division-01", "train": names[:5], "validation": names[5:7], "test": names[7:]}
    split = {
        "format": 1, "cohort": "0" * 64, "kind": "patient-level", "seed": 1, "method": "drawn", "stratified_by": [],
        "groups": {name: [f"{name}-a", f"{name}-b"] for name in names}, "divisions": [division],
    }  # fmt: skip
    return [json.dumps(split, indent=1).encode()]


def _read_split(path: Path) -> None:
    from thyrosight.cohort import Split

    Split.load(path).division("division-01")


_WEIGHTS = "weights.safetensors"

TARGETS: dict[str, Target] = {
    "dicom": Target(".dcm", dicom.base_files, dicom.read, dicom.MUTATIONS),
    "png": Target(".png", _png, _read_picture, OF_BYTES),
    "jpeg": Target(".jpg", _jpeg, _read_picture, OF_BYTES),
    "tiff": Target(".tif", _tiff, _read_picture, OF_BYTES),
    "xml-outlines": Target(".xml", _xml, _read_case, OF_TEXT),
    "csv-statistics": Target(".csv", _tables, _analyse, OF_TEXT),
    "csv-cohort": Target(".csv", lambda: [_COHORT.encode()], _read_cohort, OF_TEXT),
    "json-split": Target(".json", _splits, _read_split, OF_TEXT),
    "yaml-recipe": Target(".yaml", _recipes, _read_recipe, OF_TEXT),
    "bundle-description": Target(".json", _part("bundle.json"), _read_bundle("bundle.json"), OF_TEXT),
    "bundle-weights": Target(
        ".safetensors", _part("weights.safetensors"), _read_bundle("weights.safetensors"), OF_BYTES
    ),
    "bundle-onnx": Target(".onnx", _part("model.onnx"), _read_bundle("model.onnx"), OF_BYTES),
    "bundle-onnx-without-torch": Target(".onnx", _part("model.onnx"), _read_bundle("model.onnx", "onnx"), OF_BYTES),
}
