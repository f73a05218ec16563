"""A model that was exported runs without PyTorch and gives its probabilities; a damaged one is not used."""

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from thyrosight.errors import BundleError, NetworkError, ThyroSightWarning
from thyrosight.inference import Bundle, Session, export, export_bundle, load_bundle
from thyrosight.inference.session import Outputs, malignancy
from thyrosight.networks import create

Save = Callable[..., Path]
IMAGES = list(np.random.default_rng(0).integers(0, 256, (4, 32, 32), dtype=np.uint8))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, saved: Path) -> Path:
    """A bundle with its network exported; it must not be changed."""
    folder = Path(shutil.copytree(saved, tmp_path_factory.mktemp("exported") / "model"))
    export_bundle(load_bundle(folder, backend="torch"), images=IMAGES)
    return folder


@pytest.fixture
def exported(written: Path, tmp_path: Path) -> Path:
    """A copy that may be broken."""
    return Path(shutil.copytree(written, tmp_path / "model"))


def test_the_record_says_what_was_exported_and_compared(written: Path) -> None:
    record = json.loads((written / "onnx.json").read_text(encoding="utf-8"))
    assert record["images"] == 4 and 0 <= record["largest_difference"] <= 1e-5
    assert record["exporter"] == f"torch {torch.__version__.partition('+')[0]}" and record["opset"] == 18
    assert record["weights_sha256"] == load_bundle(written).info.weights_sha256


@pytest.mark.parametrize("backend", ["onnx", "openvino", "torch"])
def test_every_backend_gives_the_same(written: Path, backend: str) -> None:
    if backend == "openvino":
        pytest.importorskip("openvino")
    expected = load_bundle(written, backend="torch").session.run(np.stack(IMAGES)).logits
    found = load_bundle(written, backend=backend, threads=1)
    assert found.session.engine == {"onnx": "ONNX Runtime", "openvino": "OpenVINO", "torch": "PyTorch"}[backend]
    assert found.hash == load_bundle(written).hash
    np.testing.assert_allclose(found.session.run(np.stack(IMAGES)).logits, expected, atol=1e-5)


def test_colour_fits_grey_does_not_and_nothing_gives_nothing(written: Path, save_model: Save, tmp_path: Path) -> None:
    session = load_bundle(written).session
    assert session.run(np.zeros((0, 32, 32), np.uint8)).logits.shape == (0, 2)
    with pytest.raises(NetworkError, match="exported for grey images"):
        session.run(np.zeros((1, 32, 32, 3), np.uint8))
    with pytest.raises(NetworkError, match="prepare the images at size 32"):
        session.run(np.zeros((1, 20, 32), np.uint8))


def test_the_result_of_an_image_does_not_depend_on_the_others(written: Path) -> None:
    session = load_bundle(written).session
    together = session.run(np.stack(IMAGES)).logits
    np.testing.assert_array_equal(np.concatenate([session.run(one[None]).logits for one in IMAGES]), together)


@pytest.mark.parametrize(
    ("harm", "match"),
    [
        (lambda folder: (folder / "model.onnx").unlink(), "holds no model.onnx"),
        (lambda folder: (folder / "onnx.json").unlink(), "holds no model.onnx"),
        (lambda folder: (folder / "model.onnx").write_bytes(b"broken"), "holds a damaged model.onnx"),
        (lambda folder: (folder / "onnx.json").write_text("{", encoding="utf-8"), "record onnx.json cannot be read"),
    ],
)
def test_without_a_sound_file_pytorch_runs_the_model_and_says_so(exported: Path, harm, match: str) -> None:
    harm(exported)
    with pytest.warns(ThyroSightWarning, match=f"{match}.*so that PyTorch runs it.*thyrosight models export"):
        assert load_bundle(exported).session.engine == "PyTorch"
    with pytest.raises(BundleError, match=match):
        load_bundle(exported, backend="onnx")


def test_a_file_of_other_weights_is_not_used(exported: Path, save_model: Save, tmp_path: Path) -> None:
    network, _ = create("tiny", input_size=32, seed=2)
    other = save_model(tmp_path / "other", network=network)
    for name in ("model.onnx", "onnx.json"):
        shutil.copy(exported / name, other)
    with pytest.warns(ThyroSightWarning, match="holds a model.onnx of other weights"):
        assert load_bundle(other).session.engine == "PyTorch"


def test_a_zip_file_of_an_exported_model(written: Path, tmp_path: Path) -> None:
    archive = tmp_path / "model.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for file in written.iterdir():
            target.write(file, f"model/{file.name}")
    found = load_bundle(archive)
    assert found.session.engine == "ONNX Runtime" and found.hash == load_bundle(written).hash
    with pytest.raises(BundleError, match="is a zip file; unpack it"):
        export_bundle(load_bundle(archive, backend="torch"), images=IMAGES)


def test_an_exported_network_that_differs_is_refused_and_the_old_one_stays(
    exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {file.name: file.read_bytes() for file in exported.iterdir()}
    monkeypatch.setattr(export, "LARGEST_DIFFERENCE", -1.0)
    with pytest.raises(
        BundleError, match=r"was not exported: its probabilities of classes in ONNX Runtime differ"
    ) as caught:
        export_bundle(load_bundle(exported, backend="torch"), images=IMAGES)
    assert "\n" not in str(caught.value)
    assert {file.name: file.read_bytes() for file in exported.iterdir()} == before


@dataclass(frozen=True)
class Shifted:
    """A session that gives the malignant class a larger logit."""

    session: Session
    by: float

    def run(self, pixels: NDArray[np.uint8]) -> Outputs:
        logits = self.session.run(pixels).logits
        assert logits is not None
        return Outputs(logits + np.array([0, self.by], dtype=np.float32), None)


def test_an_exported_network_that_labels_an_image_otherwise_is_refused(
    exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = load_bundle(exported, backend="torch")
    risk = float(bundle.calibrator.apply(malignancy(bundle.session.run(IMAGES[0][None]).logits, bundle.info.spec))[0])

    def at(threshold: float) -> Bundle:
        point = bundle.info.operating_point.model_copy(update={"threshold": threshold})
        return replace(bundle, info=bundle.info.model_copy(update={"operating_point": point}))

    # The rounding to 32 bits is no other result; more than that is.
    export.compared(bundle, Shifted(bundle.session, 2e-4), IMAGES[0])  # at most 5e-5 of a probability
    with pytest.raises(BundleError, match="at most 1e-04 is allowed"):
        export.compared(bundle, Shifted(bundle.session, 2e-3), IMAGES[0])
    # An image whose own risk is the operating point may fall on either side of it.
    export.compared(at(risk), Shifted(bundle.session, -1e-6), IMAGES[0])
    monkeypatch.setattr(export, "LARGEST_DIFFERENCE", 1.0)
    monkeypatch.setattr(export, "NEAR_THRESHOLD", 1e-3)
    with pytest.raises(BundleError, match="labels an image benign in PyTorch and malignant in ONNX Runtime"):
        export.compared(at(risk + 0.005), Shifted(bundle.session, 1.0), IMAGES[0])


def test_a_model_is_saved_without_what_cannot_be_exported(
    save_model: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "LARGEST_DIFFERENCE", -1.0)
    with pytest.warns(ThyroSightWarning, match=r"was not exported.*PyTorch will run it"):
        folder = save_model(tmp_path / "model", images=IMAGES)
    assert sorted(file.name for file in folder.iterdir()) == ["bundle.json", "weights.safetensors"]
    monkeypatch.undo()
    save_model(tmp_path / "model", images=IMAGES)
    assert load_bundle(tmp_path / "model").session.engine == "ONNX Runtime"


@pytest.mark.parametrize("fusion", ["late", "mixed", "early"])
def test_pairs_are_compared_with_either_image_hidden(save_model: Save, tmp_path: Path, fusion: str) -> None:
    from thyrosight.imaging import PairPreparation, Preparation

    network, spec = create("tiny", input_size=32, fusion=fusion, seed=1)
    first, second = Preparation(size=32), Preparation(size=32, colour="rgb")
    pairs = list(np.random.default_rng(1).integers(1, 256, (3, 32, 32, 4), dtype=np.uint8))
    folder = save_model(
        tmp_path / "model",
        network=network,
        spec=spec,
        preparation=first,
        pair=PairPreparation(first=first, second=second),
        images=pairs,
    )
    record = json.loads((folder / "onnx.json").read_text(encoding="utf-8"))
    assert record["images"] == (3 if fusion == "early" else 9)
    session = load_bundle(folder).session
    pairs[1][..., 1:] = 0
    if fusion == "early":
        with pytest.raises(NetworkError, match="Early fusion needs both images"):
            session.run(np.stack(pairs))
        return
    expected = load_bundle(folder, backend="torch").session.run(np.stack(pairs)).logits
    np.testing.assert_allclose(session.run(np.stack(pairs)).logits, expected, atol=1e-6)
    pairs[1][:] = 0
    with pytest.raises(NetworkError, match="neither of its two images"):
        session.run(np.stack(pairs))


def test_backends_and_devices_that_are_not_there_are_named(written: Path) -> None:
    for given, match in (
        ({"backend": "tensorrt"}, "no backend 'tensorrt'; choose one of auto, onnx, openvino, torch"),
        ({"backend": "onnx", "device": "tpu"}, "ONNX Runtime has no device 'tpu' here; it has cpu"),
        ({"device": "cuda:99"}, "no device 'cuda:99'"),
    ):
        with pytest.raises(NetworkError, match=match):
            load_bundle(written, **given)


WITHOUT_TORCH = """
import importlib.machinery, sys
find = importlib.machinery.PathFinder.find_spec
hidden = {"torch", "torchvision", "timm", "lightning_fabric", "captum", "onnx", "onnxscript"}
def find_spec(name, *more):
    return None if name.partition(".")[0] in hidden else find(name, *more)
importlib.machinery.PathFinder.find_spec = find_spec
"""


def test_a_model_runs_where_pytorch_is_not_installed(written: Path, saved: Path) -> None:
    code = (
        f"{WITHOUT_TORCH}\nimport numpy as np\nfrom thyrosight.inference import load_bundle\n"
        "print(load_bundle(sys.argv[1]).session.run(np.zeros((1, 32, 32), np.uint8)).logits.shape)\n"
        "try: load_bundle(sys.argv[2])\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(written), str(saved)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    shape, message = done.stdout.splitlines()
    assert shape == "(1, 2)"
    assert message.startswith("BundleError") and "holds no model.onnx, and PyTorch is not installed" in message
    assert "pip install 'thyrosight[torch]'" in message
