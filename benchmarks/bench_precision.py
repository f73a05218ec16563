"""Training steps with 32 bits, with bf16 everywhere, and with bf16 as trainings compute it, in turn in one process.

Seconds are those of the processor, on one thread, so that other work on the machine counts little.
"""

import time

import torch
from torch import nn

from thyrosight.networks import create
from thyrosight.training.precision import depthwise_in_float32, fastest_precision

NETWORKS = {
    "efficientnet_lite0": (128, 224),
    "unet_efficientnet_lite0": (128,),
    "ynet": (128,),
    "resnet18": (224,),
    "tiny": (64,),
}
WAYS = {"32": ("32", False), "bf16 everywhere": ("32", True), "bf16 as trained": ("bf16", True)}
BATCH, ROUNDS = 16, 8


def images_per_second(architecture: str, size: int) -> dict[str, float]:
    """The fastest step of each way; the network and its images are the same."""
    network, _ = create(architecture, input_size=size)
    network.to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(network.parameters(), 1e-4)
    images = torch.randn(BATCH, 3, size, size).contiguous(memory_format=torch.channels_last)
    labels = torch.randint(0, 2, (BATCH,))
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(ROUNDS):
        for way, (depthwise, cast) in WAYS.items():
            with depthwise_in_float32(network, torch.device("cpu"), depthwise):
                began = time.process_time()
                with torch.autocast("cpu", torch.bfloat16, enabled=cast):
                    logits = network(images)
                nn.functional.cross_entropy(logits.float(), labels).backward()
                optimiser.step()
                optimiser.zero_grad()
                seconds[way].append(time.process_time() - began)
    return {way: BATCH / min(found) for way, found in seconds.items()}


def main() -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    print(f"Images per second of processor time, batches of {BATCH}; auto is {fastest_precision('cpu')} here:")
    for architecture, sizes in NETWORKS.items():
        for size in sizes:
            found = images_per_second(architecture, size)
            print(f"  {architecture}, {size}: " + ", ".join(f"{way} {speed:.1f}" for way, speed in found.items()))


if __name__ == "__main__":
    main()
