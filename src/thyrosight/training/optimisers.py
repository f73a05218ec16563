"""Optimisers, with a learning rate of its own for the network's new heads."""

from typing import Any

import torch
from torch import nn

from thyrosight.networks import ModelSpec, new_layers
from thyrosight.training.options import FitOptions


def make_optimiser(network: nn.Module, spec: ModelSpec, options: FitOptions) -> torch.optim.Optimizer:
    """The optimiser that `options` name, with two groups: all layers but the new ones, and the new ones.

    Frozen parameters are in neither group: no step and no weight decay changes them.
    """
    heads = new_layers(spec)
    named = [(name, parameter) for name, parameter in network.named_parameters() if parameter.requires_grad]
    in_head = {name for name, _ in named if any(f"{name}.".startswith(f"{head}.") for head in heads)}
    groups: list[dict[str, Any]] = [
        {"params": [parameter for name, parameter in named if name not in in_head], "factor": 1.0},
        {
            "params": [parameter for name, parameter in named if name in in_head],
            "factor": options.head_learning_rate_factor,
        },
    ]
    rate, decay = options.learning_rate, options.weight_decay
    if options.optimiser == "sgd":
        return torch.optim.SGD(groups, lr=rate, momentum=options.momentum, weight_decay=decay, fused=True)
    kind = torch.optim.Adam if options.optimiser == "adam" else torch.optim.AdamW
    return kind(groups, lr=rate, weight_decay=decay, fused=True)


def set_learning_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of the layers, and that of the new heads as a multiple of it."""
    for group in optimiser.param_groups:
        group["lr"] = rate * group["factor"]
