"""Networks that draw outlines (and tell classes): Y-Net beside a U-Net, and the U-Net on EfficientNet beside MONAI's.

Joint networks of this package; MONAI's `FlexibleUNet` draws outlines alone. Random images in memory, 256 x 256, batches
of 4, 32 bits, random weights. "Forward" is without gradients, "training" is forward, loss, backward and Adam. The
networks take turns, and the fastest step of each counts, in processor time.
"""

import functools

import torch

from benches.row import Row, Work, in_turn, installed, named
from thyrosight.networks import Branches, TwoBranches, create
from thyrosight.training import MaskLossOptions
from thyrosight.training.losses import focal_loss
from thyrosight.training.segmentation_losses import mask_loss

SIZE, BATCH, ROUNDS = 256, 4, 3
YNET, UNET, OURS, MONAI = "ynet", "unet", "unet_efficientnet_lite0", "MONAI"


class Stepper:
    """One network of this package, and its steps."""

    def __init__(self, name: str) -> None:
        network, _ = create(name, input_size=SIZE, task="joint")
        assert isinstance(network, TwoBranches)
        self.network = network.to(memory_format=torch.channels_last)
        self.parameters = sum(parameter.numel() for parameter in network.parameters())
        self.optimiser = torch.optim.Adam(self.network.parameters(), fused=True)

    def forward(self, images: torch.Tensor) -> None:
        """Logits and masks."""
        with torch.inference_mode():
            self.network.eval().branches(images)

    def train(self, images: torch.Tensor, masks: torch.Tensor, labels: torch.Tensor) -> None:
        """One step."""
        found = self.network.train()(images)
        assert isinstance(found, Branches) and found.logits is not None and found.mask_logits is not None
        losses = mask_loss(found.mask_logits, masks, MaskLossOptions()) + focal_loss(found.logits, labels, gamma=2)
        losses.mean().backward()
        self.optimiser.step()
        self.optimiser.zero_grad()


def monai_forward(images: torch.Tensor) -> Work:
    """MONAI's U-Net on EfficientNet-B0."""
    from monai.networks.nets import FlexibleUNet

    network = FlexibleUNet(in_channels=3, out_channels=1, backbone="efficientnet-b0", pretrained=False).eval()
    network = network.to(memory_format=torch.channels_last)

    def run() -> None:
        with torch.inference_mode():
            network(images)

    return run


def rows() -> list[Row]:
    """Measure all networks."""
    torch.set_num_threads(1)
    images = torch.randn(BATCH, 3, SIZE, SIZE).to(memory_format=torch.channels_last)
    masks, labels = torch.rand(BATCH, SIZE, SIZE) < 0.1, torch.arange(BATCH) % 2
    made: dict[str, Stepper] = {name: Stepper(name) for name in (YNET, UNET, OURS)}
    runs: dict[str, Work] = {name: functools.partial(one.forward, images) for name, one in made.items()}
    if installed("monai"):
        runs[MONAI] = monai_forward(images)
    forward = {name: BATCH / took for name, took in in_turn(runs, rounds=ROUNDS).items()}
    steps = {name: functools.partial(made[name].train, images, masks, labels) for name in (YNET, UNET)}
    training = {name: BATCH / took for name, took in in_turn(steps, rounds=ROUNDS).items()}
    sizes = {name: f"{one.parameters / 1e6:.1f} million parameters" for name, one in made.items()}
    flexible = (
        f"{named('MONAI', 'monai')}, FlexibleUNet on EfficientNet-B0" if MONAI in forward else "MONAI is not installed"
    )
    return [
        Row(f"Y-Net ({sizes[YNET]}), forward", forward[YNET], "images/s", f"U-Net ({sizes[UNET]})", forward[UNET]),
        Row("Y-Net, training", training[YNET], "images/s", "U-Net", training[UNET]),
        Row(
            f"U-Net on EfficientNet-Lite0 ({sizes[OURS]}), forward",
            forward[OURS],
            "images/s",
            flexible,
            forward.get(MONAI),
        ),
    ]
