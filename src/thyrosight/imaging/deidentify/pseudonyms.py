"""Pseudonyms from a secret key: the same input gives the same name, and without the key there is no way back.

Every pseudonym carries a few bits that only the holder of the key can make. A name made with a key is therefore
recognised by that key and left as it is, so that de-identifying twice gives the same as de-identifying once.
"""

import hmac
import json
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from thyrosight.errors import ImageError
from thyrosight.files import make_folder, output_error, parse_json, write_atomically

KEY_FORMAT: Final = "thyrosight pseudonym key 1"
_KEY_BYTES = 32
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # base 32 without the letters that look like digits
_BODY, _CHECK = 12, 4  # digits of 5 bits each
_PATTERN = re.compile(rf"TS-([{_DIGITS}]{{{_BODY}}})([{_DIGITS}]{{{_CHECK}}})")
_UID_PREFIX = "2.25."
_UID_CHECK_BITS = 32
# Version 8 (own layout) and variant 2 of RFC 9562, so that the number behind 2.25. is a UUID as PS3.5, B.2 asks.
_UUID_FIXED_MASK = (0xF << 76) | (0x3 << 62)
_UUID_FIXED = (0x8 << 76) | (0x2 << 62)
# Dates move back by at least a year and at most ten.
_LEAST_DAYS, _DAYS_RANGE = 366, 3287


@dataclass(frozen=True)
class PseudonymKey:
    """A secret from which pseudonyms, UIDs and date shifts are derived.

    >>> key = PseudonymKey(bytes(32))
    >>> name = key.pseudonym("patient", "12345")
    >>> name == key.pseudonym("patient", "12345"), name == key.pseudonym("patient", name)
    (True, True)
    >>> key.uid(key.uid("1.2.3")) == key.uid("1.2.3")
    True
    """

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != _KEY_BYTES:
            raise ImageError(
                f"A pseudonym key has {_KEY_BYTES} bytes, this one {len(self.secret)}; make a new key file."
            )

    def pseudonym(self, kind: str, value: str) -> str:
        """A name such as TS-7K3M... for `value`; a name that this key has made for the same kind is handed back."""
        if self.made(kind, value):
            return value
        body = _in_digits(int.from_bytes(self._digest(kind, value), "big"), _BODY)
        return f"TS-{body}{self._check(kind, body)}"

    def made(self, kind: str, value: str) -> bool:
        """Whether this key has made `value` as a pseudonym of this kind."""
        match = _PATTERN.fullmatch(value)
        return match is not None and hmac.compare_digest(match[2], self._check(kind, match[1]))

    def uid(self, value: str) -> str:
        """A UID below 2.25 for `value`; a UID that this key has made is handed back."""
        if self.made_uid(value):
            return value
        body = int.from_bytes(self._digest("uid", value)[:16], "big")
        body &= ~(_UUID_FIXED_MASK | ((1 << _UID_CHECK_BITS) - 1))
        return f"{_UID_PREFIX}{body | _UUID_FIXED | self._uid_check(body)}"

    def made_uid(self, value: str) -> bool:
        """Whether this key has made this UID."""
        digits = value.removeprefix(_UID_PREFIX)
        if digits == value or not digits.isascii() or not digits.isdecimal() or len(digits) > 39:
            return False
        number = int(digits)
        if number >> 128 or number & _UUID_FIXED_MASK != _UUID_FIXED:
            return False
        body = number & ~(_UUID_FIXED_MASK | ((1 << _UID_CHECK_BITS) - 1))
        return number & ((1 << _UID_CHECK_BITS) - 1) == self._uid_check(body)

    def days_back(self, patient: str) -> int:
        """By how many days all dates of one patient (named by pseudonym) move into the past."""
        return _LEAST_DAYS + int.from_bytes(self._digest("days", patient)[:8], "big") % _DAYS_RANGE

    def fingerprint(self) -> str:
        """A fingerprint by which two keys are distinguished; the key does not follow from it."""
        return self._digest("fingerprint", "").hex()[:16]

    def _digest(self, kind: str, value: str) -> bytes:
        return hmac.digest(self.secret, f"{kind}\0{value}".encode(), "sha256")

    def _check(self, kind: str, body: str) -> str:
        return _in_digits(int.from_bytes(self._digest(f"check {kind}", body), "big"), _CHECK)

    def _uid_check(self, body: int) -> int:
        return int.from_bytes(self._digest("check uid", str(body))[:4], "big")


def _in_digits(number: int, count: int) -> str:
    return "".join(_DIGITS[(number >> 5 * place) & 31] for place in range(count))


def open_key(path: Path | str) -> PseudonymKey:
    """Read a key file, or make one with a new random key that only its owner may read.

    Raises:
        ImageError: the file is there but is no key file.
        OutputError: the file cannot be written.
    """
    path = Path(path)
    if not path.exists():
        return _new_key(path)
    try:
        content = parse_json(path.read_text(encoding="utf-8"))
        if content["format"] != KEY_FORMAT:
            raise ValueError
        return PseudonymKey(bytes.fromhex(content["key"]))
    except OSError as error:
        raise ImageError(f"{path}: the key file cannot be read ({error.strerror}); check its permissions.") from None
    except (ValueError, KeyError, TypeError):
        raise ImageError(
            f"{path} is not a key file of ThyroSight; name the key file used before, or a new name to make one."
        ) from None


def _new_key(path: Path) -> PseudonymKey:
    key = PseudonymKey(secrets.token_bytes(_KEY_BYTES))
    text = {
        "format": KEY_FORMAT,
        "key": key.secret.hex(),
        "advice": "Secret. Whoever holds it can test which pseudonym belongs to a known patient. Never hand it out "
        "with the data; without it, later files of the same patients get other pseudonyms.",
    }
    make_folder(path.parent)
    try:
        with write_atomically(path) as temporary:
            temporary.write_text(json.dumps(text, indent=2) + "\n", encoding="utf-8")
        os.chmod(path, 0o600)  # noqa: PTH101  write_atomically gives the usual permissions, a secret needs fewer
    except OSError as error:
        raise output_error(path, error) from error
    return key
