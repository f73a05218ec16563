"""Graphs of networks that torch has found, kept for every process and the next run."""

import shutil
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from thyrosight.files import write_atomically

_PACKAGES = ("torch", "torchvision", "timm", "onnx", "onnxscript")


class KnownGraphs(dict[str, bytes]):
    """Takes the place of `thyrosight.networks.onnx_file._KNOWN`, with a file for each graph.

    Finding one takes torch seconds, and most tests of bundles and studies use the same few networks. Whatever a graph
    depends on besides its key decides which folder it is in: the source of the networks, and the packages.
    """

    def __init__(self, folder: Path, sources: Path) -> None:
        super().__init__()
        digest = sha256(" ".join(version(name) for name in _PACKAGES).encode())
        for source in sorted(sources.glob("*.py")):
            digest.update(source.read_bytes())
        self._folder = folder / digest.hexdigest()[:16]
        for other in folder.iterdir():
            if other != self._folder:
                shutil.rmtree(other, ignore_errors=True)
        self._folder.mkdir(exist_ok=True)

    def __contains__(self, key: object) -> bool:
        known = super().__contains__(key) or (self._folder / str(key)).is_file()
        if not known:
            _keep_library()
        return known

    def __missing__(self, key: str) -> bytes:
        content = (self._folder / key).read_bytes()
        super().__setitem__(key, content)
        return content

    def __setitem__(self, key: str, content: bytes) -> None:
        super().__setitem__(key, content)
        with write_atomically(self._folder / key) as temporary:
            temporary.write_bytes(content)


@cache
def _keep_library() -> None:
    """Let torch read the functions that it writes ONNX with once in a process, not for each graph.

    It parses the source of all of them, which takes it a second. A torch that has them elsewhere goes on doing so.
    """
    with suppress(ImportError, AttributeError):
        from torch.onnx._internal.exporter._registration import ONNXRegistry

        ONNXRegistry.from_torchlib = staticmethod(cache(ONNXRegistry.from_torchlib))
