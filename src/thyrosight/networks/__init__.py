"""Networks: architectures by name, their specs, their weights, and their input."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.networks.architecture import Architecture
    from thyrosight.networks.branches import Branches, TwoBranches
    from thyrosight.networks.cutting import Cut, cut_frozen
    from thyrosight.networks.factory import build, create, create_empty, heat_map_layer, load_network, new_layers
    from thyrosight.networks.freezing import convolution_names, freeze_convolutions
    from thyrosight.networks.inputs import to_input
    from thyrosight.networks.pretrained import imagenet, imagenet_if_present, weights_folder
    from thyrosight.networks.registry import architectures, find_architecture
    from thyrosight.networks.spec import Fusion, Head, ModelSpec, Task, WeightsOrigin, fits
    from thyrosight.networks.structure import Step, branch_sizes, frozen_share, structure_inside, structure_of
    from thyrosight.networks.weights import load_weights, round_to_16_bits, save_weights
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "Architecture",
    "Branches",
    "Cut",
    "Fusion",
    "Head",
    "ModelSpec",
    "Step",
    "Task",
    "TwoBranches",
    "WeightsOrigin",
    "architectures",
    "branch_sizes",
    "build",
    "convolution_names",
    "create",
    "create_empty",
    "cut_frozen",
    "find_architecture",
    "fits",
    "freeze_convolutions",
    "frozen_share",
    "heat_map_layer",
    "imagenet",
    "imagenet_if_present",
    "load_network",
    "load_weights",
    "new_layers",
    "round_to_16_bits",
    "save_weights",
    "structure_inside",
    "structure_of",
    "to_input",
    "weights_folder",
]
