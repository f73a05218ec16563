"""Optimisers: the head in a group of its own, the right class, one step by hand."""

import pytest
import torch

from thyrosight.networks import create, find_architecture, freeze_convolutions
from thyrosight.training import FitOptions
from thyrosight.training.optimisers import make_optimiser, set_learning_rate


@pytest.mark.parametrize("name", ["tiny", "resnet18", "inception_v3", "efficientnet_lite0"])
def test_heads_learn_faster_and_nothing_is_left_out(name: str) -> None:
    network, spec = create(name, input_size=find_architecture(name).smallest_size)
    optimiser = make_optimiser(network, spec, FitOptions(head_learning_rate_factor=10.0))
    set_learning_rate(optimiser, 0.01)
    body, head = optimiser.param_groups
    assert (body["lr"], head["lr"]) == pytest.approx((0.01, 0.1))
    heads = [network.get_submodule(path) for path in find_architecture(name).heads]
    assert {id(p) for p in head["params"]} == {id(p) for module in heads for p in module.parameters()}
    assert len(body["params"]) + len(head["params"]) == len(list(network.parameters()))


@pytest.mark.parametrize(
    ("fusion", "new"), [("none", ["head"]), ("late", ["absent", "classifier"]), ("mixed", ["head"])]
)
def test_frozen_parameters_are_left_out_and_the_new_layers_of_a_fusion_learn_faster(
    fusion: str, new: list[str]
) -> None:
    network, spec = create("tiny", head="gap", fusion=fusion)
    freeze_convolutions(network, 3)
    body, head = make_optimiser(network, spec, FitOptions(head_learning_rate_factor=10.0)).param_groups
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    tops = {name.removeprefix("backbone.").split(".")[0] for name in (names[id(p)] for p in head["params"])}
    assert sorted(tops) == new
    assert all("features.3." in names[id(parameter)] for parameter in body["params"])
    assert len(body["params"]) == 3 * (2 if fusion == "late" else 1)  # a convolution and its batch normalisation


def test_kinds() -> None:
    network, spec = create("tiny")
    for name, kind in (("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW), ("sgd", torch.optim.SGD)):
        optimiser = make_optimiser(network, spec, FitOptions(optimiser=name, weight_decay=0.1, momentum=0.5))
        assert type(optimiser) is kind
        assert optimiser.param_groups[0]["weight_decay"] == 0.1
    assert optimiser.param_groups[0]["momentum"] == 0.5
