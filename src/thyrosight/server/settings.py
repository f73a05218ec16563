"""How a workstation is run: what is decided at its start; what changes meanwhile is in `site`."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from thyrosight.errors import ThyroSightError


class SettingsError(ThyroSightError):
    """Settings of the workstation that do not fit together."""


@dataclass(frozen=True)
class ServerSettings:
    """How a workstation is run.

    Attributes:
        data: the folder that holds images, results and, unless `database` is given, the database.
        database: address of a database as SQLAlchemy writes it; None for SQLite in the data folder.
        host: address on which it listens.
        port: on which it listens; 0 takes a free one.
        prefix: path under which a proxy shows it, for example "/thyrosight"; empty for none.
        certificate: file of the TLS certificate, with `key`; None for plain HTTP.
        key: file of the certificate's key.
        behind_proxy: a proxy on this machine takes TLS and hands requests on.
        peers: YAML file of the archives and nodes that results go to and studies come from.
        watch: a folder whose new files become studies.
        node: the folder of a DICOM node (`thyrosight node`) whose images become studies.
        model: the model that judges nodules; None for the one that comes with the package.
        finder: the model that looks for nodules; None for the one that comes with the package, unless `model` is given.
        metrics_port: on which figures for Prometheus are offered to this machine; None for nowhere.
        workers: processes that run the models; 0 to leave jobs waiting.
        threads: of the processor that each of them uses; None for all.
    """

    data: Path
    database: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    prefix: str = ""
    certificate: Path | None = None
    key: Path | None = None
    behind_proxy: bool = False
    peers: Path | None = None
    watch: Path | None = None
    node: Path | None = None
    model: str | None = None
    finder: str | None = None
    metrics_port: int | None = None
    workers: int = 1
    threads: int | None = None

    @property
    def url(self) -> str:
        """The address of the database."""
        return self.database or f"sqlite:///{(self.data / 'thyrosight.sqlite').absolute()}"

    @property
    def encrypted(self) -> bool:
        """Whether browsers reach it by HTTPS, so that cookies may ask for it."""
        return self.certificate is not None or self.behind_proxy

    def check(self) -> None:
        """Refuse settings that do not fit together.

        Raises:
            SettingsError: one sentence for the first problem.

        >>> ServerSettings(Path("data"), host="0.0.0.0").check()
        Traceback (most recent call last):
        thyrosight.server.settings.SettingsError: The workstation would send passwords ... or listen on 127.0.0.1.
        """
        if (self.certificate is None) != (self.key is None):
            raise SettingsError("A certificate and its key belong together: --tls CERT KEY.")
        for file in (self.certificate, self.key, self.peers):
            if file is not None and not file.is_file():
                raise SettingsError(f"{file}: no such file; check the path.")
        if not is_loopback(self.host) and not self.encrypted:
            raise SettingsError(
                f"The workstation would send passwords and images unencrypted on {self.host}; give --tls CERT KEY, or "
                "--behind-proxy where a proxy takes TLS, or listen on 127.0.0.1."
            )
        if self.prefix and (not self.prefix.startswith("/") or self.prefix.endswith("/")):
            raise SettingsError(
                f"The prefix {self.prefix!r} should begin with a slash and end without one: /thyrosight."
            )


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine only.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
