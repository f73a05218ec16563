"""Logins of archives: a user, a token, or a certificate."""

import os
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Login:
    """A login of an archive; without any, what `.netrc` holds for its host is used.

    Attributes:
        user, password: for Basic authentication; empty for none.
        token: a bearer token, used instead of them; empty for none.
        certificate: the files of a client certificate and its key, or None.
    """

    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    certificate: tuple[str, str] | None = None


def login_from_environment() -> Login:
    """The login in THYROSIGHT_USER and THYROSIGHT_PASSWORD, or THYROSIGHT_TOKEN; an empty one where none is set."""
    user, password, token = (os.environ.get(f"THYROSIGHT_{name}", "") for name in ("USER", "PASSWORD", "TOKEN"))
    return Login(user, password, token)
