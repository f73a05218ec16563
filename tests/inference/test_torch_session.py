"""Networks run by torch: the same numbers however they are fed, and sessions that say what they can do."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from thyrosight.errors import BundleError, NetworkError
from thyrosight.inference import Outputs, TorchSession, branch_batches, find_device, network_of, predict_logits
from thyrosight.inference.torch_session import open_torch_session
from thyrosight.networks import ModelSpec, create, save_weights, to_input


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (11, 32, 32), dtype=np.uint8)


@pytest.mark.parametrize("batch_size", [1, 3, 11, 100])
def test_any_batch_size_gives_what_the_network_gives(images: np.ndarray, batch_size: int) -> None:
    network, spec = create("tiny", input_size=32)
    seen = []
    logits = predict_logits(
        network, spec, images, batch_size=batch_size, progress=lambda what, done, total: seen.append((done, total))
    )
    assert network.training  # as it was before
    with torch.no_grad():
        expected = network.eval()(to_input(images, spec)).numpy()
    np.testing.assert_allclose(logits, expected, atol=1e-5)
    assert seen[-1] == (11, 11) and len(seen) == -(-11 // batch_size)


def test_only_one_batch_reaches_the_network_at_a_time(images: np.ndarray) -> None:
    network, spec = create("tiny", input_size=32)
    sizes: list[int] = []
    network.register_forward_pre_hook(lambda _, inputs: sizes.append(len(inputs[0])))
    predict_logits(network, spec, images, batch_size=4)
    assert sizes == [4, 4, 3]


def test_files_in_memory_colour_and_nothing_at_all(images: np.ndarray, tmp_path) -> None:
    network, spec = create("tiny", input_size=32)
    np.save(tmp_path / "images.npy", images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    grey = predict_logits(network, spec, images)
    np.testing.assert_array_equal(predict_logits(network, spec, mapped), grey)
    colour = np.repeat(images[..., None], 3, axis=3)
    np.testing.assert_allclose(predict_logits(network, spec, colour), grey, atol=1e-6)
    assert predict_logits(network, spec, images[:0]).shape == (0, 2)


def test_half_precision_is_close(images: np.ndarray) -> None:
    network, spec = create("tiny", input_size=32)
    exact, rough = (predict_logits(network, spec, images, precision=name) for name in ("32", "bf16"))
    assert 0 < np.abs(exact - rough).max() < 0.05
    assert rough.dtype == np.float32


def test_a_diverged_network_is_named_with_its_first_image(images: np.ndarray) -> None:
    class Diverged(nn.Module):
        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            return torch.stack([inputs.mean(dim=(1, 2, 3)), 1 / (inputs.amax(dim=(1, 2, 3)) > -1e9).float()], dim=1)

    _, spec = create("tiny", input_size=32)
    assert np.isfinite(predict_logits(Diverged(), spec, images)).all()
    network, _ = create("tiny", input_size=32)
    network.head.bias.data[:] = float("nan")
    with pytest.raises(NetworkError, match="not finite for image 1; its weights are damaged or its training diverged"):
        predict_logits(network, spec, images)
    assert network.training


def test_wrong_requests_are_refused(images: np.ndarray) -> None:
    network, spec = create("tiny", input_size=32)
    for given, match in [
        ({"pixels": images.astype(float)}, "uint8"),
        ({"pixels": images[:, :20]}, "prepare the images at size 32"),
        ({"batch_size": 0}, "at least 1, got 0"),
        ({"precision": "16"}, "one of 32, bf16"),
        ({"device": "cuda:99"}, "no device 'cuda:99'; choose auto or one of cpu"),
        ({"device": "gpu"}, "no device 'gpu'"),
    ]:
        with pytest.raises(NetworkError, match=match):
            predict_logits(network, spec, **{"pixels": images, **given})


def test_auto_is_a_device_that_is_there() -> None:
    assert find_device(str(find_device("auto"))) == find_device("auto")


def opened(folder: Path, architecture: str, **options: object) -> TorchSession:
    network, spec = create(architecture, **options)  # type: ignore[arg-type]
    save_weights(network, folder / "weights.safetensors")
    return open_torch_session(spec, folder / "weights.safetensors")


def test_a_session_gives_what_its_task_gives(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 64, 64), dtype=np.uint8)
    given = {}
    for task in ("classification", "segmentation", "joint"):
        session = opened(tmp_path, "ynet", input_size=64, task=task)
        given[task] = session.run(pixels)
        assert (session.capabilities.classes, session.capabilities.outlines) == (
            given[task].logits is not None,
            given[task].mask_logits is not None,
        )
        nothing = session.run(pixels[:0])
        assert nothing.logits is None or nothing.logits.shape == (0, 2)
        assert nothing.mask_logits is None or nothing.mask_logits.shape == (0, 64, 64)
    assert given["classification"].mask_logits is None and given["segmentation"].logits is None
    assert given["joint"].logits.shape == (5, 2) and given["joint"].mask_logits.shape == (5, 64, 64)


def test_batches_change_masks_by_rounding_alone(images: np.ndarray) -> None:
    network, spec = create("ynet", input_size=32, task="joint", seed=1)
    whole, parts = (
        [
            torch.cat([getattr(found, branch) for _, found in branch_batches(network, spec, images, batch_size=size)])
            for branch in ("logits", "mask_logits")
        ]
        for size in (11, 4)
    )
    for one, other in zip(whole, parts, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=0)


def test_masks_that_are_not_finite_are_named_and_classes_are_not_asked_of_outlines(images: np.ndarray) -> None:
    network, spec = create("ynet", input_size=32, task="segmentation")
    with pytest.raises(NetworkError, match="made for segmentation and tells no classes apart"):
        predict_logits(network, spec, images)
    with torch.no_grad():
        network.get_submodule("decoder.mask").bias.fill_(float("nan"))  # type: ignore[union-attr,operator]
    with pytest.raises(NetworkError, match="not finite for image 1"):
        list(branch_batches(network, spec, images))


def test_a_session_without_torch_has_no_network_to_explain(tmp_path: Path) -> None:
    session = opened(tmp_path, "tiny", input_size=32)
    assert isinstance(network_of(session), nn.Module)

    class Elsewhere:
        spec: ModelSpec = session.spec
        capabilities = session.capabilities

        engine: str = "of a test"

        def lane(self) -> None:
            return None

        def run(self, pixels: np.ndarray) -> Outputs:
            raise NotImplementedError

    with pytest.raises(BundleError, match="needs the network in torch, and the model runs on Elsewhere"):
        network_of(Elsewhere())
