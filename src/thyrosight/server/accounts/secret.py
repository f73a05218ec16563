"""Random secrets of which only the hash is stored: cookies, tokens and links."""

import hashlib
import secrets


def new_secret() -> str:
    """256 random bits as text that fits in an address or a cookie."""
    return secrets.token_urlsafe(32)


def key_of(secret: str) -> str:
    """Hash that is stored in place of a secret: SHA-256, enough for one that nobody can guess.

    >>> key_of("a")[:8]
    'ca978112'
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
