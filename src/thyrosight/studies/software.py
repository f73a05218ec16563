"""Versions of everything a result depends on."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version

from thyrosight import __version__

_PACKAGES = (
    "torch",
    "torchvision",
    "lightning-fabric",
    "numpy",
    "scipy",
    "pandas",
    "scikit-learn",
    "statsmodels",
    "pillow",
)


def software_versions(*, devices: bool = False) -> dict[str, str]:
    """Versions of ThyroSight, Python and its main libraries, and on request the devices of this machine.

    >>> "torch" in software_versions()
    True
    """
    facts = {"thyrosight": __version__, "python": platform.python_version(), "system": platform.platform(terse=True)}
    for package in _PACKAGES:
        try:
            facts[package] = version(package)
        except PackageNotFoundError:
            facts[package] = "not installed"
    return facts | (_devices() if devices else {})


def _devices() -> dict[str, str]:
    from thyrosight.inference.engines import engines, has_torch
    from thyrosight.networks import weights_folder

    shared = {"processor cores": str(os.cpu_count()), "engines": "; ".join(engines())}
    folder = {"weights folder": str(weights_folder())}
    if not has_torch():
        return shared | folder
    import torch

    from thyrosight.training.precision import fastest_precision

    names = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
    return shared | {
        "threads of torch": str(torch.get_num_threads()),
        "accelerators": ", ".join(names) or "none: networks run on the processor",
        "precision auto": fastest_precision("auto"),
        **folder,
    }
