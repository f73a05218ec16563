"""How DICOM files begin."""

import struct
from pathlib import Path

PREAMBLE = 132


def looks_like_dicom(head: bytes) -> bool:
    """Whether the first bytes of a file are those of DICOM, with the preamble or (in old files) without.

    >>> looks_like_dicom(bytes(128) + b"DICM")
    True
    >>> looks_like_dicom(b"GIF89a")
    False
    """
    if head[128:PREAMBLE] == b"DICM":
        return True
    group, element = struct.unpack("<HH", head[:4].ljust(4, b"\xff"))
    known_start = (group == 0x0008 and element <= 0x0020) or (group == 0x0002 and element <= 0x0010)
    length = struct.unpack("<L", head[4:8].ljust(4, b"\xff"))[0]
    return known_start and (head[4:6] in (b"UL", b"OB", b"CS", b"UI", b"DA", b"SH") or length <= 64)


def is_dicom(path: Path | str) -> bool:
    """Whether a file begins as DICOM files do; False also where it cannot be opened."""
    try:
        with Path(path).open("rb") as stream:
            return looks_like_dicom(stream.read(512))
    except OSError:
        return False
