"""Running a network over a prepared set: single images, pairs, or variable-size input."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from thyrosight.inference import branch_batches, malignancy, predict_logits
from thyrosight.networks import ModelSpec
from thyrosight.progress import Progress
from thyrosight.training.prepared import PreparedSet
from thyrosight.training.variable_size import by_shape

_BATCHES = 16
"""So many batches are read at a time."""


def predict_set(
    network: nn.Module,
    spec: ModelSpec,
    prepared: PreparedSet,
    *,
    batch_size: int = 16,
    device: str | torch.device = "cpu",
    precision: str = "32",
    progress: Progress | None = None,
) -> NDArray[np.float32]:
    """Logits of every image (or pair) of a set, in its order; see `predict_logits`.

    Images of one size share batches; the division into batches changes the result by rounding only.

    Returns:
        float32 `(n, classes)`.

    Raises:
        NetworkError: as `predict_logits`.
    """
    logits = np.zeros((len(prepared), len(spec.classes)), dtype=np.float32)
    done = 0
    for group in by_shape(prepared.sides) if len(prepared) else []:
        for start in range(0, len(group), _BATCHES * batch_size):
            part = group[start : start + _BATCHES * batch_size]
            before = done

            def report(what: str, here: int, total: int, before: int = before) -> None:
                if progress is not None:
                    progress(what, before + here, len(prepared))

            logits[part] = predict_logits(
                network,
                spec,
                prepared.batch(part),
                batch_size=batch_size,
                device=device,
                precision=precision,
                progress=report,
            )
            done += len(part)
    return logits


def predict_risk_and_masks(
    network: nn.Module,
    spec: ModelSpec,
    prepared: PreparedSet,
    *,
    batch_size: int = 16,
    device: str | torch.device = "cpu",
) -> tuple[NDArray[np.float64] | None, NDArray[np.float32] | None]:
    """Probabilities of malignancy and of lesion, as far as the network gives them.

    Returns:
        Probability of malignancy float64 `(n,)`, None where no classes are learnt, and probability of lesion at each
        pixel float32 `(n, size, size)`, None where no outlines are.

    Raises:
        NetworkError: as `predict_logits`.
    """
    if spec.task == "classification":
        logits = predict_set(network, spec, prepared, batch_size=batch_size, device=device)
        return malignancy(logits, spec), None
    risks: list[NDArray[np.float64]] = []
    masks: list[NDArray[np.float32]] = []
    for _, found in branch_batches(network, spec, prepared.pixels, batch_size=batch_size, device=device):
        if found.logits is not None:
            risks.append(malignancy(found.logits.cpu().numpy(), spec))
        assert found.mask_logits is not None
        masks.append(found.mask_logits[:, 0].sigmoid().cpu().numpy())
    return (np.concatenate(risks) if risks else None), np.concatenate(masks)
