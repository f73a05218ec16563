"""How networks of timm are named; read without timm."""

CLASSIFIER, UNET = "timm", "unet_timm"


def is_of_timm(architecture: str) -> bool:
    """Whether a network is named by its name in timm.

    >>> is_of_timm("timm:resnet50"), is_of_timm("unet_timm:resnet50.a1_in1k"), is_of_timm("resnet18")
    (True, True, False)
    """
    return architecture.partition(":")[0] in (CLASSIFIER, UNET) and ":" in architecture


def timm_name(architecture: str) -> str:
    """The name in timm.

    >>> timm_name("unet_timm:resnet50.a1_in1k")
    'resnet50.a1_in1k'
    """
    return architecture.partition(":")[2]


def timm_title(architecture: str) -> str:
    """The network as tables and figures print it.

    >>> timm_title("unet_timm:resnet50"), timm_title("timm:resnet50")
    ('U-Net on resnet50', 'resnet50')
    """
    kind, _, name = architecture.partition(":")
    return f"U-Net on {name}" if kind == UNET else name
