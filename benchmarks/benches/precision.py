"""Training steps in the precision that `auto` takes on this machine, beside 32 bits.

One step is forward, loss, backward and Adam on random images in memory, batches of 16; steps of both take turns with
the same network, and the fastest of each counts. Where `auto` is 32 bits, both are the same and nothing is measured.
"""

import functools

import torch
from torch import nn

from benches.row import Row, in_turn, named
from thyrosight.networks import create
from thyrosight.training.precision import depthwise_in_float32, fastest_precision

NETWORKS = {"efficientnet_lite0": 128, "ynet": 128, "resnet18": 224}
BATCH, ROUNDS = 16, 3


def steps(architecture: str, size: int) -> dict[str, float]:
    """Images per second of processor time with bf16 as trainings compute it, and with 32 bits."""
    network, _ = create(architecture, input_size=size)
    network.to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(network.parameters(), 1e-4)
    images = torch.randn(BATCH, 3, size, size).contiguous(memory_format=torch.channels_last)
    labels = torch.randint(0, 2, (BATCH,))

    def step(precision: str) -> None:
        with depthwise_in_float32(network, torch.device("cpu"), precision):
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
                logits = network(images)
            nn.functional.cross_entropy(logits.float(), labels).backward()
            optimiser.step()
            optimiser.zero_grad()

    runs = {precision: functools.partial(step, precision) for precision in ("bf16", "32")}
    return {name: BATCH / seconds for name, seconds in in_turn(runs, rounds=ROUNDS).items()}


def rows() -> list[Row]:
    """Measure each network."""
    torch.set_num_threads(1)
    if fastest_precision("cpu") == "32":
        return []
    found = []
    for architecture, size in NETWORKS.items():
        rates = steps(architecture, size)
        what = f"training step, {architecture} at {size}, auto (bf16)"
        found.append(
            Row(what, rates["bf16"], "images/s", f"{named('PyTorch', 'torch')}, 32 bits", rates["32"], least_ratio=1)
        )
    return found
