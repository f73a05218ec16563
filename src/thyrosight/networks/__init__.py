"""Networks: architectures by name, their specs, their weights, and what they take as input."""

from thyrosight.networks.branches import Branches, Task, TwoBranches
from thyrosight.networks.factory import build, create, heat_map_layer
from thyrosight.networks.pretrained import imagenet, imagenet_if_present, weights_folder
from thyrosight.networks.registry import Architecture, architectures, find_architecture
from thyrosight.networks.spec import ModelSpec, WeightsOrigin, to_input
from thyrosight.networks.weights import load_weights, save_weights

__all__ = [
    "Architecture",
    "Branches",
    "ModelSpec",
    "Task",
    "TwoBranches",
    "WeightsOrigin",
    "architectures",
    "build",
    "create",
    "find_architecture",
    "heat_map_layer",
    "imagenet",
    "imagenet_if_present",
    "load_weights",
    "save_weights",
    "to_input",
    "weights_folder",
]
