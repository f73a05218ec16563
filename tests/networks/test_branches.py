"""One suite over every network that draws masks, and what each of its tasks builds and returns."""

from pathlib import Path

import pytest
import torch
from torch import nn

from thyrosight.errors import NetworkError
from thyrosight.networks import (
    Branches,
    ModelSpec,
    Task,
    TwoBranches,
    architectures,
    build,
    create,
    imagenet,
    load_weights,
    save_weights,
)
from thyrosight.networks.weights import read_state

DRAWING = [name for name, entry in architectures().items() if entry.draws_masks]


def _images(number: int, rows: int, columns: int) -> torch.Tensor:
    return torch.randn(number, 3, rows, columns, generator=torch.Generator().manual_seed(1))


def _parts(network: nn.Module) -> set[str]:
    return {name.split(".")[0] for name, _ in network.named_parameters()}


@pytest.fixture(scope="module", params=[(name, task) for name in DRAWING for task in ("segmentation", "joint")])
def made(request: pytest.FixtureRequest) -> tuple[TwoBranches, ModelSpec]:
    name, task = request.param
    network, spec = create(name, input_size=32, classes=("a", "b", "c"), task=task, seed=5)
    assert isinstance(network, TwoBranches)
    return network, spec


def test_these_networks_draw() -> None:
    assert DRAWING == ["ynet", "ynet_residual", "unet", "unet_efficientnet_lite0"]


def test_training_reaches_every_parameter(made: tuple[TwoBranches, ModelSpec]) -> None:
    network, spec = made
    found = network.train()(_images(2, 32, 32))
    assert isinstance(found, Branches)
    assert found.mask_logits is not None and found.mask_logits.shape == (2, 1, 32, 32)
    loss = found.mask_logits.square().sum()
    if spec.task == "joint":
        assert found.logits is not None and found.logits.shape == (2, 3)
        loss = loss + found.logits.square().sum()
    else:
        assert found.logits is None
    loss.backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None and torch.isfinite(parameter.grad).all(), name
    network.zero_grad()


@pytest.mark.parametrize(("rows", "columns"), [(32, 32), (45, 33), (7, 70)])
def test_a_mask_has_the_size_of_its_image_whatever_the_stride(
    made: tuple[TwoBranches, ModelSpec], rows: int, columns: int
) -> None:
    network, spec = made
    with torch.inference_mode():
        found = network.eval().branches(_images(1, rows, columns))
        plain = network(_images(1, rows, columns))
    assert found.mask_logits is not None and found.mask_logits.shape == (1, 1, rows, columns)
    assert torch.equal(plain, found.mask_logits if spec.task == "segmentation" else found.logits)


def test_the_spec_builds_what_the_file_fits(made: tuple[TwoBranches, ModelSpec], tmp_path: Path) -> None:
    network, spec = made
    save_weights(network, tmp_path / "weights.safetensors")
    again = build(ModelSpec.model_validate_json(spec.model_dump_json()))
    load_weights(again, tmp_path / "weights.safetensors")
    assert isinstance(again, TwoBranches)
    with torch.inference_mode():
        ours, theirs = (item.eval().branches(_images(1, 32, 32)) for item in (network, again))
    assert torch.equal(ours.mask_logits, theirs.mask_logits)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", DRAWING)
def test_a_task_builds_its_branches_and_no_others_on_the_same_encoder(name: str) -> None:
    wanted: dict[Task, set[str]] = {
        "classification": {"encoder", "classifier"},
        "segmentation": {"encoder", "decoder"},
        "joint": {"encoder", "classifier", "decoder"},
    }
    made = {task: create(name, input_size=32, task=task, seed=2)[0] for task in wanted}
    assert {task: _parts(network) for task, network in made.items()} == wanted
    encoders = [network.get_submodule("encoder").state_dict() for network in made.values()]
    for other in encoders[1:]:
        assert all(torch.equal(tensor, encoders[0][key]) for key, tensor in other.items())


def test_the_classification_branch_is_not_linear() -> None:
    """The reference code of the ancestor network has two linear layers with nothing between them."""
    branch = create("ynet", input_size=32, seed=0)[0].eval().get_submodule("classifier")
    a, b = _images(1, 2, 2)[:, :1].expand(1, 256, 2, 2), -_images(1, 2, 2)[:, :1].expand(1, 256, 2, 2)
    with torch.inference_mode():
        middle, ends = branch((a + b) / 2), (branch(a) + branch(b)) / 2
    assert not torch.allclose(middle, ends, atol=1e-3)


def test_classifiers_that_draw_nothing_say_which_do() -> None:
    with pytest.raises(NetworkError, match=r"ResNet-18 tells classes apart and draws no masks; choose one of ynet, yn"):
        create("resnet18", task="joint")


def test_a_spec_written_before_there_were_tasks_is_a_classifier() -> None:
    _, spec = create("tiny", input_size=32)
    written = spec.model_dump(mode="json")
    assert "task" not in written  # so that trainings and bundles of earlier versions are found again
    assert ModelSpec.model_validate(written).task == "classification"
    _, joint = create("ynet", input_size=32, task="joint")
    assert joint.model_dump(mode="json")["task"] == "joint"


@pytest.mark.parametrize(("first", "then"), [("segmentation", "joint"), ("joint", "segmentation"), ("joint", "joint")])
def test_training_may_go_on_with_another_task(tmp_path: Path, first: Task, then: Task) -> None:
    """Outlines of glands may be learnt before nodules are told apart."""
    before, _ = create("ynet", input_size=32, task=first, seed=1)
    save_weights(before, tmp_path / "weights.safetensors")
    after, _ = create("ynet", input_size=32, task=then, weights=tmp_path / "weights.safetensors", seed=2)
    own = after.state_dict()
    shared = {key: tensor for key, tensor in before.state_dict().items() if key in own}
    assert {key.split(".")[0] for key in shared} >= {"encoder", "decoder"}
    assert all(torch.equal(own[key], tensor) for key, tensor in shared.items())


def test_the_encoder_starts_from_the_weights_of_the_classifier() -> None:
    classifier, _ = create("efficientnet_lite0", input_size=32, weights="imagenet")
    drawing, spec = create("unet_efficientnet_lite0", input_size=32, weights="imagenet", task="segmentation", seed=1)
    assert spec.weights.kind == "package" and spec.weights.sha256
    assert len(read_state(imagenet(architectures()["efficientnet_lite0"]).path)) == len(classifier.state_dict())
    images = _images(1, 64, 64)
    seen: list[torch.Tensor] = []
    hook = classifier.get_submodule("blocks.6").register_forward_hook(lambda _, __, output: seen.append(output))
    with torch.inference_mode():
        classifier.eval()(images)
        deepest = drawing.eval().get_submodule("encoder")(images)[-1]
    hook.remove()
    torch.testing.assert_close(deepest, seen[0])
