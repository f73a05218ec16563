"""The spec of a network: everything needed to build it again and to prepare its input."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from thyrosight.errors import NetworkError

Triple = tuple[float, float, float]
Task = Literal["classification", "segmentation", "joint"]
"""The output of a network: logits of the classes, of a mask, or of both."""
Head = Literal["own", "spp", "gap"]
"""The architecture's own fixed-size head, spatial pyramid pooling, or a 1 x 1 convolution and the global average."""
Fusion = Literal["none", "mixed", "early", "late"]
"""How a network takes a pair of images; see `thyrosight.networks.fusion`."""
LEAST_SIDE = 64
"""The shortest side of images of any size."""
MALIGNANT = "malignant"
"""The class whose probability is the risk that an assessment states, wherever its logit stands."""


class WeightsOrigin(BaseModel):
    """The source of the weights that training started with.

    Attributes:
        kind: `none` (random, from the seed), `download`, `file` or `package`.
        name: for people: a file name, a package with its version, or `random`.
        sha256: of the file that was read; None for random weights.
        url: where a download came from.
        licence: of the weights, where it is known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["none", "download", "file", "package"] = "none"
    name: str = "random"
    sha256: str | None = None
    url: str | None = None
    licence: str | None = None


class ModelSpec(BaseModel):
    """Structure and input of a network: frozen, stored in every bundle, and read by inference.

    Attributes:
        architecture: a name of `architectures()`.
        task: `classification` (of the image), `segmentation` (a mask of the lesion) or `joint` (both).
        classes: in the order of the logits; `column` finds one by its name. Segmentation alone makes no use of them.
        fusion: `none` (one image), or how two images of one place are joined: `mixed` (one network for both kinds of
            image), `early` (one network behind a convolution that joins them) or `late` (two extractors of features).
        head: `own` (the architecture's, for one input size), or for any size `spp` (spatial pyramid pooling and fully
            connected layers) or `gap` (1 x 1 convolution and global average).
        input_size: side of the square input in pixels; with a head for variable-size input, the side it was made for.
        mean, std: per channel, of pixels scaled to 0..1.
        grey_rule: `repeat`: a grey image fills all three channels.
        dropout: probability before the last layer; None keeps the architecture's own.
        weights: that training started from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    architecture: str
    # Left out of what is written for classification: specs from before there was any other task stay what they were.
    task: Task = Field(default="classification", exclude_if=lambda value: value == "classification")
    fusion: Fusion = Field(default="none", exclude_if=lambda value: value == "none")
    head: Head = Field(default="own", exclude_if=lambda value: value == "own")
    classes: tuple[str, ...] = Field(default=("benign", "malignant"), min_length=2)
    input_size: int = Field(default=224, ge=1)
    mean: Triple
    std: Triple
    grey_rule: Literal["repeat"] = "repeat"
    dropout: float | None = Field(default=None, ge=0, lt=1)
    weights: WeightsOrigin = WeightsOrigin()

    def column(self, name: str) -> int:
        """Column of the logits in which a class stands.

        Raises:
            NetworkError: the network has no such class.

        >>> half = (0.5, 0.5, 0.5)
        >>> spec = ModelSpec(architecture="tiny", classes=("malignant", "benign"), mean=half, std=half)
        >>> spec.column("malignant")
        0
        """
        if name not in self.classes:
            raise NetworkError(f"The network tells apart {', '.join(self.classes)}; none of them is {name}.")
        return self.classes.index(name)


def fits(shape: tuple[int, ...], spec: ModelSpec) -> bool:
    """Whether the network takes images of these rows and columns."""
    return shape == (spec.input_size,) * 2 or (spec.head != "own" and min(shape) >= LEAST_SIDE)


def require_fit(dtype: str, shape: tuple[int, ...], spec: ModelSpec) -> None:
    """Refuse pixels that a network was not made for.

    Args:
        dtype: of the pixels, by its name.
        shape: `(n, rows, columns)` of grey images, `(n, rows, columns, 3)` of colour, `(n, rows, columns, 4)` of pairs.
        spec: of the network.

    Raises:
        NetworkError: another type, size or number of channels; says which it takes.
    """
    of_pair = spec.fusion != "none"
    if (
        dtype == "uint8"
        and len(shape) in (3, 4)
        and fits(shape[1:3], spec)
        and shape[3:] in ({(4,)} if of_pair else {(), (3,)})
    ):
        return
    side = str(spec.input_size)
    wanted = f"(n, {side}, {side}, 4)" if of_pair else f"(n, {side}, {side}) or (n, {side}, {side}, 3)"
    also = f", or with any sides from {LEAST_SIDE} on" if spec.head != "own" else ""
    what = "pairs" if of_pair else "the images"
    raise NetworkError(
        f"{spec.architecture} takes uint8 pixels of shape {wanted}{also}, got {dtype} {shape}; prepare {what} at size "
        f"{side}."
    )
