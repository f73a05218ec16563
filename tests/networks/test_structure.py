"""The steps of networks: nothing is left out, shapes are those of a real run, and joins read what the code joins."""

import pytest
import torch

from thyrosight.networks import (
    ModelSpec,
    architectures,
    convolution_names,
    create,
    find_architecture,
    freeze_convolutions,
    frozen_share,
    structure_inside,
    structure_of,
)
from thyrosight.networks.bodies import AUXILIARY
from thyrosight.networks.structure import BRANCHES


def spec_of(name: str, *, size: int | None = None, **options: object) -> ModelSpec:
    entry = find_architecture(name)
    return ModelSpec.model_validate(
        {"architecture": name, "input_size": size or entry.default_size, "mean": entry.mean, "std": entry.std} | options
    )


@pytest.mark.parametrize("name", [name for name in architectures() if name != "resnet101"])
def test_every_parameter_is_in_one_step(name: str) -> None:
    with torch.device("meta"):
        network, _ = create(name)
    parameters = {key: one.numel() for key, one in network.named_parameters() if key.split(".")[0] not in AUXILIARY}
    steps = structure_of(spec_of(name), opened=BRANCHES)
    assert sum(step.parameters for step in steps) == sum(parameters.values())
    assert steps[-1].shape == (2,)
    assert all(place > before for place, step in enumerate(steps) for before in step.after)


def test_shapes_are_those_of_a_real_run() -> None:
    network, spec = create("resnet18", input_size=64)
    found = {step.name: step.shape for step in structure_of(spec)}
    shapes = {}
    for name in ("maxpool", "layer2.0", "layer4.1"):
        network.get_submodule(name).register_forward_hook(
            lambda _, __, given, name=name: shapes.__setitem__(name, tuple(given.shape[1:]))  # type: ignore[misc]
        )
    network.eval()(torch.zeros(1, 3, 64, 64))
    assert shapes == {name: found[name] for name in shapes}


def test_a_residual_block_adds_its_input() -> None:
    block = next(step for step in structure_of(spec_of("resnet18")) if step.name == "layer2.0")
    assert block.module is not None
    inside = structure_inside(block.module, (64, 56, 56))
    assert [(step.kind, step.name) for step in inside] == [
        ("input", ""), ("Conv2d", "conv1"), ("Conv2d", "conv2"), ("Conv2d", "downsample.0"), ("sum", ""),
    ]  # fmt: skip
    assert inside[-1].after == (2, 3)
    assert inside[3].after == (0,)


def test_both_branches_of_ynet_and_the_maps_that_its_decoder_reads() -> None:
    steps = structure_of(spec_of("ynet", task="joint"), opened=BRANCHES)
    read = {
        step.name for joined in steps if joined.kind == "concatenation" for step in map(steps.__getitem__, joined.after)
    }
    assert {"encoder.stages.0", "encoder.stages.1", "encoder.stages.2"} < read
    ends = [step for place, step in enumerate(steps) if not any(place in other.after for other in steps)]
    assert [step.shape for step in ends] == [(2,), (1, 256, 256)]


def test_fusions_join_where_their_names_say() -> None:
    late = structure_of(spec_of("tiny", fusion="late"))
    assert [(step.kind, step.after) for step in late if step.kind == "concatenation"] == [("concatenation", (1, 2))]
    assert [step.name for step in structure_of(spec_of("tiny", fusion="early"))][:2] == ["", "join"]
    assert [step.name for step in structure_of(spec_of("tiny", fusion="mixed"))] == ["", "backbone"]


def test_pooled_cells_are_told() -> None:
    steps = structure_of(spec_of("tiny", head="spp"), opened=BRANCHES)
    pyramid = next(step for step in steps if step.kind == "SpatialPyramid")
    assert pyramid.module is not None
    inside = structure_inside(pyramid.module, (64, 4, 4))
    assert [step.shape for step in inside] == [(64, 4, 4), (64, 4, 4), (64, 2, 2), (64,), (64 * 21,)]
    assert [step.kind for step in inside[1:4]] == ["adaptive_max_pool2d"] * 3


def test_the_frozen_share_is_that_of_training() -> None:
    network, spec = create("tiny", fusion="late")
    freeze_convolutions(network, 2)
    kept = sum(one.numel() for one in network.parameters() if not one.requires_grad)
    whole = sum(one.numel() for one in network.parameters())
    assert frozen_share(spec, 2) == (len(convolution_names(network)), kept, whole - kept)
    assert 0 < kept < whole
