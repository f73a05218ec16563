"""Fusion of two images of one place: mixed (one network for both), early (joined input) or late (joined features).

Source: Qin et al., "Diagnosis of benign and malignant thyroid nodules using combined conventional ultrasound and
ultrasound elasticity imaging", section II.B and figure 4. The paper has no missing images; their treatment is ours.

Every network here takes `(n, 6, rows, columns)`: the first image in the first three channels, the second in the others.
An image that is all NaN is absent. Activations of frozen layers are taken in the same way: half
of the channels belong to each image.
"""

from typing import Any

import torch
from torch import nn

from thyrosight.errors import NetworkError


class MixedFusion(nn.Module):
    """One network that has learnt from both kinds of image; the logits of the images that are present are averaged."""

    def __init__(self, backbone: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone

    def forward(self, pairs: torch.Tensor) -> Any:
        first, second = pairs.chunk(2, dim=1)
        there = torch.stack([is_there(first), is_there(second)])
        require_one(there)
        output = through(self.backbone, torch.cat([first[there[0]], second[there[1]]]))
        if isinstance(output, torch.Tensor):
            return _average(output, there)
        # Logits of the head and of auxiliary heads, as named by the architecture.
        return type(output)(*(None if part is None else _average(part, there) for part in output))


class EarlyFusion(nn.Module):
    """A 1 x 1 convolution from six channels to three, then one network; both images must be there.

    The convolution starts as the average of both images, so that pretrained layers get an image like those they know.
    """

    def __init__(self, backbone: nn.Module) -> None:
        super().__init__()
        self.join = nn.Conv2d(6, 3, kernel_size=1)
        self.backbone = backbone
        with torch.no_grad():
            self.join.weight.copy_(torch.cat([torch.eye(3), torch.eye(3)], dim=1).view(3, 6, 1, 1) / 2)
            assert self.join.bias is not None
            self.join.bias.zero_()

    def forward(self, pairs: torch.Tensor) -> Any:
        if not (is_there(pairs[:, :3]) & is_there(pairs[:, 3:])).all():
            raise NetworkError(
                "Early fusion needs both images of a pair, and one is absent; give both, or use late or mixed fusion."
            )
        return self.backbone(self.join(pairs))


class LateFusion(nn.Module):
    """Two extractors of features, one for each kind of image, and one classifier of both vectors side by side.

    The features of an absent image are replaced by a learnt vector. It stays zero where no image was absent in
    training, neither missing nor hidden (`FitOptions.modality_dropout`).

    Args:
        first, second: images to features `(n, features)`.
        classifier: `(n, 2 * features)` to logits.
        features: of each extractor.
    """

    def __init__(self, first: nn.Module, second: nn.Module, classifier: nn.Module, *, features: int) -> None:
        super().__init__()
        self.first, self.second, self.classifier = first, second, classifier
        self.absent = nn.Parameter(torch.zeros(2, features))

    def forward(self, pairs: torch.Tensor) -> torch.Tensor:
        images = pairs.chunk(2, dim=1)
        there = torch.stack([is_there(image) for image in images])
        require_one(there)
        parts = [
            self._features(extractor, image, shown, instead)
            for extractor, image, shown, instead in zip(
                (self.first, self.second), images, there, self.absent, strict=True
            )
        ]
        logits: torch.Tensor = self.classifier(torch.cat(parts, dim=1))
        return logits

    @staticmethod
    def _features(
        extractor: nn.Module, images: torch.Tensor, there: torch.Tensor, instead: torch.Tensor
    ) -> torch.Tensor:
        if there.all():
            whole: torch.Tensor = through(extractor, images)
            return whole
        vectors = instead.expand(len(images), -1)
        if not there.any():
            return vectors
        found: torch.Tensor = through(extractor, images[there])
        return vectors.to(found.dtype).index_put((there.nonzero()[:, 0],), found)


def is_there(images: torch.Tensor) -> torch.Tensor:
    """Which of the images `(n, ...)` are not NaN; all, where shapes alone are followed (the device meta)."""
    if images.is_meta:
        return torch.ones(len(images), dtype=torch.bool, device="cpu")
    return ~images[:, 0, 0, 0].isnan()


def require_one(there: torch.Tensor) -> None:
    """Refuse pairs `(2, n)` without either image."""
    if not there.any(dim=0).all():
        raise NetworkError("A pair has neither of its two images; give at least one of them.")


def through(network: nn.Module, images: torch.Tensor) -> Any:
    """Run a network over some images of a batch. In training a single one is shown twice.

    Batch normalisation cannot train on one image whose map is one pixel.
    """
    if network.training and len(images) == 1:
        output = network(torch.cat([images, images]))
        if isinstance(output, torch.Tensor):
            return output[:1]
        return type(output)(*(None if part is None else part[:1] for part in output))
    return network(images)


def _average(logits: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
    """Logits of all first images that are there, then of all second ones, averaged per pair."""
    owner, count = there.nonzero()[:, 1].to(logits.device), there.sum(dim=0).to(logits.device)
    total = torch.zeros(there.shape[1], logits.shape[1], dtype=logits.dtype, device=logits.device)
    return total.index_add(0, owner, logits) / count.unsqueeze(1)
