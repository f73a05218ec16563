"""Networks of the registry with another head, with a fusion of two images, or with weights of the plain network."""

from torch import nn

from thyrosight.errors import NetworkError
from thyrosight.networks.architecture import Architecture
from thyrosight.networks.backbones import LinearWithDropout
from thyrosight.networks.bodies import AUXILIARY, body_of, channels_of
from thyrosight.networks.builders import classifier
from thyrosight.networks.fusion import EarlyFusion, LateFusion, MixedFusion
from thyrosight.networks.heads import Headed, make_classifier, make_head, make_pool
from thyrosight.networks.spec import ModelSpec
from thyrosight.networks.timm_names import is_of_timm
from thyrosight.networks.timm_networks import timm_body


def assemble(entry: Architecture, spec: ModelSpec) -> nn.Module:
    """The classifier that `spec` describes, whatever its head and fusion."""
    if spec.fusion == "late":
        return _late(entry, spec)
    backbone = _for_one_image(entry, spec)
    if spec.fusion == "mixed":
        return MixedFusion(backbone)
    return EarlyFusion(backbone) if spec.fusion == "early" else backbone


def extractors(network: nn.Module) -> dict[str, nn.Module]:
    """The networks for one image within a network, by their names in it; a network for one image is its own, under "".

    >>> from thyrosight.networks import create
    >>> list(extractors(create("tiny", fusion="late")[0]))
    ['first', 'second']
    """
    if isinstance(network, LateFusion):
        return {"first": network.first, "second": network.second}
    if isinstance(network, MixedFusion | EarlyFusion):
        return {"backbone": network.backbone}
    return {"": network}


def head_names(entry: Architecture, spec: ModelSpec) -> tuple[str, ...]:
    """Dotted names of the layers and parameters that are new for a task; they may have a larger learning rate."""
    if spec.fusion == "late":
        return "classifier", "absent"
    names = entry.heads if spec.head == "own" else ("head",)
    return names if spec.fusion == "none" else tuple(f"backbone.{name}" for name in names)


def take_over(network: nn.Module, plain: nn.Module) -> None:
    """Give every extractor of `network` the weights that `plain`, the network for one image, has under their names."""
    given = plain.state_dict()
    for extractor in extractors(network).values():
        part = extractor.body if isinstance(extractor, Headed) else extractor
        part.load_state_dict({name: given[name] for name in part.state_dict()})


def stage_of(network: nn.Module, layer: str, image: str | None) -> nn.Module:
    """The last convolutional stage of a network's extractor; `layer` is its name in the plain network.

    Raises:
        NetworkError: there are two, and `image` names neither; or one, and `image` names one of two; or there is none.
    """
    if not layer:
        raise NetworkError("This network gives no map of rows and columns, so that it has no heat maps.")
    found = extractors(network)
    if isinstance(network, LateFusion) and image not in found:
        raise NetworkError(
            "A network of late fusion has two last convolutional stages; name one with image='first' or image='second'."
        )
    if image is not None and image not in found:
        raise NetworkError(f"This network has one last convolutional stage, and none for the {image} image alone.")
    extractor = next(iter(found.values())) if image is None else found[image]
    return extractor.get_submodule(f"body.{layer}" if isinstance(extractor, Headed) else layer)


def body_in(plain: nn.Module, entry: Architecture) -> nn.Module:
    """The convolutional body of a network for one image, see `body_of`.

    Raises:
        NetworkError: a network of timm that gives no map of rows and columns.
    """
    if is_of_timm(entry.name) and not entry.draws_masks:
        return timm_body(plain, entry.heads, size=entry.smallest_size)
    return body_of(plain, entry.heat_map_layer)


def _for_one_image(entry: Architecture, spec: ModelSpec) -> nn.Module:
    plain = classifier(entry, len(spec.classes), spec.dropout)
    if spec.head == "own":
        return plain
    body = body_in(plain, entry)
    channels = channels_of(body, entry.smallest_size)
    head = make_head(spec.head, channels, len(spec.classes), dropout=spec.dropout)
    return Headed(body, head, smallest=entry.smallest_size)


def _late(entry: Architecture, spec: ModelSpec) -> LateFusion:
    if spec.head == "own":
        (first, last), (second, _) = (_without_last_layer(entry, spec) for _ in range(2))
        features = last.in_features
        return LateFusion(first, second, _like(last, 2 * features, len(spec.classes)), features=features)
    one, two = (
        Headed(
            body_in(classifier(entry, 2, None), entry),
            make_pool(spec.head),
            smallest=entry.smallest_size,
        )
        for _ in range(2)
    )
    channels, features = (channels_of(part, entry.smallest_size) for part in (one.body, one))
    joined = make_classifier(spec.head, 2 * features, channels, len(spec.classes), dropout=spec.dropout)
    return LateFusion(one, two, joined, features=features)


def _without_last_layer(entry: Architecture, spec: ModelSpec) -> tuple[nn.Module, nn.Linear]:
    """A network without its last layer, and that layer. Auxiliary heads are left out."""
    plain = classifier(entry, len(spec.classes), spec.dropout)
    path = entry.heads[0]
    head = plain.get_submodule(path)
    if isinstance(head, nn.Sequential):
        path = f"{path}.{len(head) - 1}"
    last = plain.get_submodule(path)
    joined = is_of_timm(entry.name) and not entry.draws_masks and len(entry.heads) > 1
    if joined or not isinstance(last, nn.Linear):
        raise NetworkError(
            f"{entry.title} does not end in one fully connected layer, before which late fusion would join its images; "
            "use the head spp or gap."
        )
    plain.set_submodule(path, nn.Identity())
    for name in AUXILIARY:
        if isinstance(getattr(plain, name, None), nn.Module):
            setattr(plain, name, None)
            vars(plain)["aux_logits"] = False
    return plain, last


def _like(last: nn.Linear, features: int, classes: int) -> nn.Linear:
    if isinstance(last, LinearWithDropout):
        return LinearWithDropout(features, classes, dropout=last.dropout)
    return nn.Linear(features, classes)
