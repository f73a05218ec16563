"""Imports of commands: those that build no network start without the libraries that take seconds to import."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from thyrosight.imaging import Preparation
from thyrosight.inference import OperatingPoint, save_bundle
from thyrosight.networks import create
from thyrosight.phantoms import make_phantom_cohort
from thyrosight.studies import KINDS

NETWORKS = {"torch", "torchvision", "timm", "lightning_fabric"}
TABLES = {"pandas", "pydicom", "sklearn", "statsmodels", "matplotlib", "skimage"}
_CODE = """
import json, sys
from thyrosight.cli.main import main
for words in json.loads(sys.argv[1]):
    try:
        main(words)
    except SystemExit as end:
        assert not end.code, (words, end.code)
print("loaded:", *sys.modules)
"""


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_phantom_cohort(tmp_path_factory.mktemp("phantoms") / "cohort", n=4, seed=1)


def loaded(*commands: tuple[str, ...]) -> set[str]:
    """The modules that a process has imported when these commands have ended, one after the other."""
    words = json.dumps(commands)
    done = subprocess.run(
        [sys.executable, "-c", _CODE, words], capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("loaded: ")[2].split())


def test_lists_and_categories_need_neither_networks_nor_tables() -> None:
    found = loaded(
        ("models",),
        ("study", "list"),
        ("study", "show", "demo"),
        ("tirads", "--list"),
        ("tirads", "--system", "acr", "--composition", "solid", "--echogenicity", "hypoechoic"),
    )
    assert "thyrosight.tirads" in found and not (NETWORKS | TABLES) & found


def test_recipes_of_every_kind_are_shown_without_networks() -> None:
    code = """
import sys
from contextlib import suppress
from thyrosight.cli.main import main
from thyrosight.studies import KINDS, find_recipe, shipped_recipes
assert {find_recipe(kind).model_fields["study"].default for kind in KINDS} == set(KINDS)
for name in shipped_recipes():
    with suppress(SystemExit):
        main(["study", "show", name])
print("loaded:", *sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    shown, _, modules = done.stdout.rpartition("loaded: ")
    assert {f"study: {kind}" for kind in KINDS} <= set(shown.splitlines())
    assert not (NETWORKS | TABLES) & set(modules.split())


def test_checking_a_cohort_needs_no_networks(cohort: Path) -> None:
    found = loaded(("cohort", "check", str(cohort)))
    assert not (NETWORKS | TABLES - {"pandas"}) & found
    assert "pandas" in found


def test_one_image_is_assessed_without_what_it_does_not_need(cohort: Path, tmp_path: Path) -> None:
    network, spec = create("tiny", input_size=32)
    model = save_bundle(
        tmp_path / "model",
        network=network,
        spec=spec,
        preparation=Preparation(size=32, crop="scan area"),
        calibration={"method": "none"},
        operating_point=OperatingPoint(threshold=0.5, rule="youden", chosen_on="validation part"),
        cohort={"name": "phantoms", "digest": "0", "label_source": "simulated", "split_kind": "patient-level"},
        images=[np.zeros((32, 32), dtype=np.uint8)],
    ).folder
    scan = next((cohort.parent / "images").iterdir())
    found = loaded(("predict", str(scan), "--model", str(model)))
    assert "onnxruntime" in found
    parts_of_scipy = {"scipy.ndimage", "scipy.optimize", "scipy.special", "scipy.stats"}
    assert not (NETWORKS | TABLES | parts_of_scipy | {"pyarrow", "highdicom"}) & found


def test_options_and_specs_can_be_written_without_torch() -> None:
    code = (
        "import sys\nfrom thyrosight.imaging import PairPreparation, Preparation\n"
        "from thyrosight.networks import ModelSpec, find_architecture, weights_folder\n"
        "from thyrosight.training import Augmentation, FitOptions, LossOptions, MaskLossOptions\n"
        "FitOptions(precision='32').identity(), Preparation().digest(), Augmentation().draw(0, 0, 0)\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8")
    assert not NETWORKS & set(done.stdout.split())
