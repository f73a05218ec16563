"""Callers that say nothing, or not what is asked, delay nobody."""

import logging
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pynetdicom import AE
from pynetdicom.sop_class import Verification

from tests.pacs.conftest import TITLE, tool
from thyrosight.pacs.node import peer_context, server_context


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("certificate")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = [
        tool("openssl", "openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
        "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate,
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


@pytest.fixture
def open_lines() -> Iterator[Callable[..., list[socket.socket]]]:
    """Open connections and leave them silent."""
    with ExitStack() as stack:

        def connect(port: int, count: int, context: ssl.SSLContext | None = None) -> list[socket.socket]:
            lines = []
            for _ in range(count):
                line = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
                if context is not None:
                    line = stack.enter_context(context.wrap_socket(line, server_hostname="localhost"))
                lines.append(line)
            return lines

        yield connect


def echo(port: int, context: ssl.SSLContext | None = None) -> int:
    entity = AE(ae_title="SCANNER")
    entity.connection_timeout = entity.acse_timeout = entity.dimse_timeout = 5
    entity.add_requested_context(Verification)
    association = entity.associate(
        "127.0.0.1", port, ae_title=TITLE, tls_args=None if context is None else (context, "localhost")
    )
    if not association.is_established:
        return -1
    status = association.send_c_echo().get("Status", -1)
    association.release()
    return int(status)


def closed(line: socket.socket) -> bool:
    line.settimeout(0.01)
    try:
        return line.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


@pytest.mark.parametrize("kind", ["plain", "before the handshake", "after the handshake"])
def test_forty_silent_connections_delay_no_echo(run_node, certificate, open_lines, kind: str) -> None:
    file, key = certificate
    encrypted = kind != "plain"
    node = run_node(server_tls=server_context(file, key, file) if encrypted else None)
    trusted = peer_context(file, file, key) if encrypted else None
    lines = open_lines(node.port, 40, trusted if kind == "after the handshake" else None)
    assert echo(node.port, trusted) == 0x0000
    assert not any(closed(line) for line in lines)  # they were silent all the while


def test_silent_connections_are_broken_off_and_logged(run_node, certificate, open_lines, monkeypatch, caplog) -> None:
    monkeypatch.setattr("thyrosight.pacs.node.listening.PATIENCE", 0.3)
    file, key = certificate
    secure, plain = run_node(server_tls=server_context(file, key, file)), run_node("plain")
    with caplog.at_level(logging.WARNING, "thyrosight.node"):
        lines = open_lines(secure.port, 1) + open_lines(secure.port, 1, peer_context(file, file, key))
        lines += open_lines(plain.port, 1)
        for _ in range(50):
            if all(closed(line) for line in lines):
                break
            time.sleep(0.1)
        assert all(closed(line) for line in lines)
    assert "connection from 127.0.0.1 closed: no TLS handshake within 0.3 s" in caplog.messages
    assert caplog.messages.count("connection from 127.0.0.1 closed: it said nothing for 0.3 s") == 2


def test_failed_handshakes_are_logged_with_their_reason(run_node, certificate, caplog) -> None:
    file, key = certificate
    node = run_node(server_tls=server_context(file, key, file))
    with caplog.at_level(logging.WARNING, "thyrosight.node"):
        assert echo(node.port) == -1  # not encrypted
        assert echo(node.port, peer_context(file, None, None)) == -1  # no certificate
        assert echo(node.port, peer_context(file, file, key)) == 0x0000
    failed = [said for said in caplog.messages if said.startswith("TLS handshake of 127.0.0.1 failed: ")]
    assert len(failed) == 2 and any("did not return a certificate" in said for said in failed)


def test_too_many_silent_connections_are_closed_at_once(run_node, open_lines, monkeypatch, caplog) -> None:
    monkeypatch.setattr("thyrosight.pacs.node.listening.MOST_WAITING", 3)
    node = run_node()
    with caplog.at_level(logging.WARNING, "thyrosight.node"):
        lines = open_lines(node.port, 5)
        for _ in range(50):
            if sum(closed(line) for line in lines) == 2:
                break
            time.sleep(0.05)
    assert caplog.messages.count("connection from 127.0.0.1 closed: 3 others are silent") == 2
