"""How long an echo takes while connections to the node say nothing.

    python benchmarks/idle_connections.py --connections 200

Three trials: the plain port; the TLS port with connections before their handshake; the TLS port with connections that
made their handshake and then say nothing. openssl makes the certificate.
"""

import argparse
import logging
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from pynetdicom import AE
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]

from thyrosight.pacs.node import Node, NodeSettings, peer_context, server_context
from thyrosight.pacs.objects import Assessed

TRIALS = ("plain", "before the handshake", "after the handshake")
ECHOES = 20


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of this machine and its key."""
    file, key = folder / "certificate.pem", folder / "key.pem"
    command = [
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
        "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(file),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return file, key


def seconds_of_echo(port: int, tls: object) -> float:
    """One association with one echo."""
    entity = AE(ae_title="TRIAL")
    entity.add_requested_context(Verification)
    begun = time.perf_counter()
    association = entity.associate("127.0.0.1", port, ae_title="THYROSIGHT", tls_args=tls)  # type: ignore[arg-type]
    if association.send_c_echo().get("Status") != 0:
        raise SystemExit("the echo was not answered")
    association.release()
    return time.perf_counter() - begun


def trial(kind: str, count: int, folder: Path) -> None:
    """Measure one kind of silence."""

    def assess(_: Path) -> Assessed:
        return []

    file, key = certificate(folder)
    secure = kind != "plain"
    node = Node(
        NodeSettings("THYROSIGHT", 0, folder / "node", server_tls=server_context(file, key, file) if secure else None),
        assess,
    )
    node.start()
    context = peer_context(file, file, key) if secure else None
    tls = (context, "localhost") if context is not None else None
    with ExitStack() as silent:
        for _ in range(count):
            line = silent.enter_context(socket.create_connection(("127.0.0.1", node.port)))
            if kind == "after the handshake" and context is not None:
                silent.enter_context(context.wrap_socket(line, server_hostname="localhost"))
        times = sorted(seconds_of_echo(node.port, tls) for _ in range(ECHOES))
    node.stop()
    print(f"{kind}: {count} silent connections; echo {times[ECHOES // 2]:.3f} s (median), {times[-1]:.3f} s at most")


def main() -> None:
    """Run the three trials."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=200)
    count = parser.parse_args().connections
    logging.getLogger("thyrosight.node").setLevel(logging.CRITICAL)
    for kind in TRIALS:
        with tempfile.TemporaryDirectory() as folder:
            trial(kind, count, Path(folder))


if __name__ == "__main__":
    main()
