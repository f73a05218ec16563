"""Where PyTorch is not installed, inference works, and everything else says in one sentence what it needs."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from thyrosight.imaging import Preparation
from thyrosight.inference import HeatScale, MaskPoint, OperatingPoint, save_bundle
from thyrosight.networks import create
from thyrosight.phantoms import make_phantom_cohort

_CODE = """
import contextlib, importlib.machinery, io, json, sys
find = importlib.machinery.PathFinder.find_spec
hidden = {"torch", "torchvision", "timm", "lightning_fabric", "captum", "onnx", "onnxscript"}
def find_spec(name, *more):
    return None if name.partition(".")[0] in hidden else find(name, *more)
importlib.machinery.PathFinder.find_spec = find_spec
from thyrosight.cli.main import main
found = []
for words in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(words)
        except SystemExit as end:
            found.append([end.code, out.getvalue(), err.getvalue()])
print(json.dumps(found))
"""
_COHORT = {"name": "phantoms", "digest": "0" * 64, "label_source": "simulated", "split_kind": "patient-level"}
_POINT = OperatingPoint(threshold=0.4, rule="youden", chosen_on="validation part")


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with images, a classifier with and without a class activation map, and a network that outlines."""
    folder = tmp_path_factory.mktemp("work")
    make_phantom_cohort(folder / "cohort", n=3, seed=1)
    images = list(np.random.default_rng(0).integers(0, 256, (2, 32, 32), dtype=np.uint8))
    classifier = {
        "preparation": Preparation(size=32, crop="scan area"),
        "calibration": {"method": "none"},
        "operating_point": _POINT,
        "cohort": _COHORT,
        "heat_scale": HeatScale(value=0.01, rule="of a test"),
        "images": images,
    }
    for name, architecture in (("model", "tiny"), ("hidden-layers", "vgg16_quarter")):
        network, spec = create(architecture, input_size=32, seed=1)
        save_bundle(folder / name, network=network, spec=spec, **classifier)
    network, spec = create("unet", input_size=32, task="segmentation")
    save_bundle(
        folder / "segmenter",
        network=network,
        spec=spec,
        preparation=classifier["preparation"],
        masks=MaskPoint(chosen_on="test"),
        cohort=_COHORT,
        images=images,
    )
    return folder


Found = tuple[int, str, str]
"""Exit code, output and errors of a command."""


@pytest.fixture(scope="module")
def found(work: Path) -> tuple[list[Found], list[Found]]:
    """Output of commands that work without PyTorch, then of those that need it, in one process that cannot find it."""
    scans = work / "cohort" / "images"
    without = [
        ("predict", scans, "--model", work / "model", "--json", "--overlay", work / "maps"),
        ("segment", scans, "--model", work / "segmenter", "--out", work / "outlines"),
        ("predict", scans, "--model", work / "model", "--segmenter", work / "segmenter", "--csv", work / "risks.csv"),
        ("info",),
        ("models",),
        ("cohort", "check", work / "cohort"),
        ("study", "list"),
        ("--help",),
    ]
    scan = next(scans.iterdir())
    needing = [
        ("study", "run", "demo", "--cohort", work / "cohort", "--out", work / "run"),
        ("models", "export", work / "model"),
        ("predict", scan, "--model", work / "model", "--backend", "torch"),
        ("predict", scan, "--model", work / "hidden-layers", "--overlay", work / "none"),
    ]
    words = json.dumps([[str(word) for word in command] for command in [*without, *needing]])
    done = subprocess.run([sys.executable, "-c", _CODE, words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said: list[Found] = [tuple(one) for one in json.loads(done.stdout.splitlines()[-1])]
    return said[: len(without)], said[len(without) :]


def test_inference_needs_none_of_it(work: Path, found: tuple[list[Found], list[Found]]) -> None:
    said, _ = found
    assert [(code, error.splitlines()[:1]) for code, _, error in said if code] == []
    assert len(json.loads(said[0][1])["assessments"]) == 3
    assert len(list((work / "maps").iterdir())) == 3 and len(list((work / "outlines").iterdir())) == 10
    assert "PyTorch is not installed; install it with pip install 'thyrosight[torch]'" in said[3][1]


def test_what_needs_it_says_so_in_one_sentence(found: tuple[list[Found], list[Found]]) -> None:
    _, said = found
    assert len(said) == 4
    for code, _, error in said:
        assert code == 2 and len(error.strip().splitlines()) == 1, error
        assert "PyTorch" in error and "pip install 'thyrosight[torch]'" in error
    assert "vgg16_quarter need gradients: it has no class activation map" in said[3][2]
