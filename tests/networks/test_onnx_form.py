"""Exported networks give what the networks give: on pairs with gaps, on images of any size, and as heat maps.

Torch is asked for each graph once for a state of the networks' source and of the packages; see `tests.known_graphs`.
"""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch

from thyrosight.explain import heat_maps
from thyrosight.networks import create, onnx_file, to_input
from thyrosight.networks.heads import PYRAMID, _largest_in_cells
from thyrosight.networks.onnx_file import write_onnx
from thyrosight.networks.onnx_form import OnnxForm, activation_weights


def pixels_for(spec, *, side: int | None = None, seed: int = 0) -> np.ndarray:
    rows, columns = (spec.input_size, spec.input_size) if side is None else (side, side + 32)
    channels = (4,) if spec.fusion != "none" else ()
    return np.random.default_rng(seed).integers(0, 256, (3, rows, columns, *channels), dtype=np.uint8)


def made(architecture: str, **options: object):
    network, spec = create(architecture, seed=1, **options)  # type: ignore[arg-type]
    return network.eval().requires_grad_(False), spec


def exported(network, spec, folder: Path):
    write_onnx(network, spec, folder / "model.onnx")
    session = onnxruntime.InferenceSession(folder / "model.onnx")
    names = [output.name for output in session.get_outputs()]
    return lambda pixels: dict(zip(names, session.run(names, {"pixels": pixels}), strict=True))


@pytest.mark.parametrize("fusion", ["late", "mixed", "early"])
def test_pairs_with_a_gap_give_what_the_network_gives(tmp_path: Path, fusion: str) -> None:
    network, spec = made("tiny", input_size=32, fusion=fusion)
    if fusion == "late":
        network.get_parameter("absent")[:] = torch.randn(2, 64, generator=torch.Generator().manual_seed(3))
    pairs = pixels_for(spec)
    if fusion != "early":
        pairs[1, ..., 1:], pairs[2, ..., 0] = 0, 0
    run = exported(network, spec, tmp_path)
    np.testing.assert_allclose(run(pairs)["logits"], network(to_input(pairs, spec)), atol=1e-6)
    np.testing.assert_allclose(run(pairs[2:])["logits"], run(pairs)["logits"][2:], atol=1e-6)


@pytest.mark.parametrize(("architecture", "head"), [("tiny", "spp"), ("tiny", "gap"), ("unet", "gap")])
def test_images_of_any_size_give_what_the_network_gives(tmp_path: Path, architecture: str, head: str) -> None:
    network, spec = made(architecture, input_size=64, head=head)
    run = exported(network, spec, tmp_path)
    for side in (64, 71, 160):
        pixels = pixels_for(spec, side=side)
        np.testing.assert_allclose(run(pixels)["logits"], network(to_input(pixels, spec)), atol=1e-6)


# At 32 pixels Y-Net is that of the studies, whose graph serves here too; 40 are no multiple of the encoder's stride.
@pytest.mark.parametrize(("architecture", "size"), [("ynet", 32), ("ynet_residual", 40), ("unet", 40)])
def test_masks_and_classes_come_from_one_file(tmp_path: Path, architecture: str, size: int) -> None:
    network, spec = made(architecture, input_size=size, task="joint")
    pixels = pixels_for(spec)
    found, expected = exported(network, spec, tmp_path)(pixels), network.branches(to_input(pixels, spec))
    np.testing.assert_allclose(found["logits"], expected.logits, atol=1e-6)
    np.testing.assert_allclose(found["mask_logits"], expected.mask_logits[:, 0], atol=1e-5)


def test_a_known_graph_takes_over_the_weights_of_another_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Torch is asked once for each structure; the file of the second network is the one it would have had alone."""
    monkeypatch.setattr(onnx_file, "_KNOWN", {})
    pairs: dict[str, Any] = {"input_size": 32, "fusion": "late"}
    write_onnx(*made("tiny", **pairs), tmp_path / "first")
    assert len(onnx_file._KNOWN) == 1
    network, spec = made("tiny", **pairs)
    for values in (*network.parameters(), *network.buffers()):
        values.copy_((values * 2 + 1).to(values.dtype))
    write_onnx(network, spec, tmp_path / "second")
    assert len(onnx_file._KNOWN) == 1
    onnx_file._KNOWN.clear()
    write_onnx(network, spec, tmp_path / "alone")
    assert (tmp_path / "second").read_bytes() == (tmp_path / "alone").read_bytes()
    assert (tmp_path / "second").read_bytes() != (tmp_path / "first").read_bytes()


def test_the_same_weights_give_the_same_bytes_without_places_on_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_file, "_KNOWN", {})
    for name in ("one", "other"):
        write_onnx(*made("tiny", input_size=32), tmp_path / name)
    content = (tmp_path / "one").read_bytes()
    assert content == (tmp_path / "other").read_bytes()
    assert b".py" not in content


def test_activations_write_beside_their_input_while_torch_looks_for_the_graph_and_no_longer() -> None:
    network, _ = made("efficientnet_lite0", input_size=64)
    over_input = [name for name, module in network.named_modules() if getattr(module, "inplace", False)]
    assert over_input
    with pytest.raises(KeyError), onnx_file._in_new_memory(network):
        assert not any(getattr(module, "inplace", False) for module in network.modules())
        raise KeyError
    assert [name for name, module in network.named_modules() if getattr(module, "inplace", False)] == over_input


def test_weights_of_16_bits_are_stored_so_and_give_the_same(tmp_path: Path) -> None:
    network, spec = made("tiny", input_size=32)
    write_onnx(network, spec, tmp_path / "whole")
    for values in network.parameters():
        values.copy_(values.half())
    pixels = pixels_for(spec)
    np.testing.assert_allclose(
        exported(network, spec, tmp_path)(pixels)["logits"], network(to_input(pixels, spec)), atol=1e-6
    )
    assert (tmp_path / "model.onnx").stat().st_size < 0.6 * (tmp_path / "whole").stat().st_size


@pytest.mark.parametrize("rows", range(1, 12))
def test_pooling_by_comparisons_is_adaptive_pooling(rows: int) -> None:
    maps = torch.randn(2, 3, rows, 7, generator=torch.Generator().manual_seed(rows))
    for side in PYRAMID:
        expected = torch.nn.functional.adaptive_max_pool2d(maps, side)
        torch.testing.assert_close(_largest_in_cells(maps, side), expected, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("architecture", "options"),
    [
        ("tiny", {"input_size": 32}),
        ("efficientnet_lite0", {"input_size": 64}),
        ("resnet18", {"input_size": 64}),
        ("tiny", {"input_size": 64, "head": "gap"}),
        ("tiny", {"input_size": 32, "fusion": "late"}),
        ("tiny", {"input_size": 32, "fusion": "mixed"}),
        ("tiny", {"input_size": 32, "classes": ("malignant", "benign")}),
    ],
)
def test_class_activation_maps_equal_grad_cam(architecture: str, options: dict[str, object]) -> None:
    """Of networks that end in a global average and a linear layer: nothing but the number of places divides them."""
    network, spec = made(architecture, **options)
    pixels = pixels_for(spec)
    if spec.fusion != "none":
        pixels[1, ..., 1:], pixels[2, ..., 0] = 0, 0
    with torch.no_grad():
        heat = OnnxForm(network, spec)(torch.from_numpy(pixels))["heat"]
    fine = torch.nn.functional.interpolate(heat[:, None], pixels.shape[1:3], mode="bilinear")[:, 0]
    expected = heat_maps(network, spec, pixels)
    assert expected.max() > 0
    np.testing.assert_allclose(fine, expected, rtol=1e-3, atol=1e-6 * expected.max())


@pytest.mark.parametrize(
    ("architecture", "options"),
    [
        ("vgg16_quarter", {"input_size": 64}),  # hidden layers
        ("tiny", {"input_size": 64, "head": "spp"}),  # maxima, not means
        ("unet", {"input_size": 64, "task": "joint"}),  # a hidden layer behind the mean
        ("unet", {"input_size": 64, "task": "segmentation"}),
        ("tiny", {"input_size": 32, "fusion": "early"}),
    ],
)
def test_other_networks_have_no_class_activation_map(architecture: str, options: dict[str, object]) -> None:
    assert activation_weights(*made(architecture, **options)) is None
