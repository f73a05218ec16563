"""The entry of a network: everything that is known of it without building it."""

from dataclasses import dataclass

from thyrosight.networks.spec import Triple


@dataclass(frozen=True)
class Encoder:
    """The part of a network that another architecture's ImageNet weights fit.

    Attributes:
        path: dotted name of the part.
        architecture: whose body it is.
    """

    path: str
    architecture: str


@dataclass(frozen=True)
class Architecture:
    """One network that can be named in a recipe.

    Attributes:
        name: as recipes write it.
        title: as tables and figures print it.
        default_size, smallest_size: side of the square input in pixels.
        mean, std: of inputs scaled to 0..1, those its ImageNet weights were trained with.
        licence: of code and weights.
        source: the publication.
        heads: last layers by their dotted names, replaced for new classes (Inception and GoogLeNet have auxiliary
            ones too); the first is the one that counts.
        heat_map_layer: dotted name of the module whose output Grad-CAM reads: the last convolutional stage; "" where
            there is none, as in most transformers.
        imagenet: where ImageNet weights come from: the address of torchvision's, which ends in a part of their
            SHA-256; `hf-hub:` and a repository of the Hugging Face Hub; the name of an installable package; or None.
        draws_masks: whether it can be made with a decoder.
        fixed_size: whether it takes images of `default_size` alone.
        encoder: the part that the ImageNet weights are for; None for the whole network.
    """

    name: str
    title: str
    default_size: int
    smallest_size: int
    mean: Triple
    std: Triple
    licence: str
    source: str
    heads: tuple[str, ...]
    heat_map_layer: str
    imagenet: str | None = None
    draws_masks: bool = False
    fixed_size: bool = False
    encoder: Encoder | None = None

    @property
    def url(self) -> str | None:
        """The address of the ImageNet weights, or None."""
        return self.imagenet if self.imagenet and self.imagenet.startswith("https://") else None
