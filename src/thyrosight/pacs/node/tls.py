"""Encryption of the node's connections."""

import ssl
from collections.abc import Callable
from pathlib import Path

from thyrosight.pacs.uids import DicomError


def server_context(certificate: Path, key: Path, authority: Path | None) -> ssl.SSLContext:
    """TLS for callers; with `authority`, callers must show a certificate that it issued.

    Raises:
        DicomError: a file cannot be read.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _load(lambda: context.load_cert_chain(certificate, key), f"{certificate} and {key}")
    if authority is not None:
        _load(lambda: context.load_verify_locations(authority), str(authority))
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def peer_context(authority: Path | None, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    """TLS for peers, whose certificate is always checked, against `authority` or the system's; shows our own if given.

    Raises:
        DicomError: a file cannot be read.
    """
    context = ssl.create_default_context()
    if authority is not None:
        _load(lambda: context.load_verify_locations(authority), str(authority))
    if certificate is not None and key is not None:
        _load(lambda: context.load_cert_chain(certificate, key), f"{certificate} and {key}")
    return context


def _load(load: Callable[[], None], files: str) -> None:
    try:
        load()
    except (OSError, ssl.SSLError) as error:
        raise DicomError(f"{files}: not a certificate or key that can be used ({error}); check the files.") from error
