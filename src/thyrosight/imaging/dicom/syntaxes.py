"""Names of transfer syntaxes, also of those that pydicom does not know yet."""

from typing import Final

from pydicom.uid import UID

LOSSLESS_ADVICE: Final = "have the archive send it uncompressed, or as lossless JPEG, JPEG-LS or run lengths (RLE)"
"""Advice on a compression that is not read: never a lossy one."""

_NEWER: Final = {
    "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
    "1.2.840.10008.1.2.4.111": "JPEG XL JPEG Recompression",
    "1.2.840.10008.1.2.4.112": "JPEG XL",
    "1.2.840.10008.1.2.8.1": "Deflated Image Frame Compression",
    "1.2.840.113619.5.2": "a private transfer syntax of GE",
}


def name_of(syntax: UID) -> str:
    """The name of a transfer syntax, or the UID itself where it is unknown.

    >>> name_of(UID("1.2.840.10008.1.2.4.110")), name_of(UID("1.2.840.10008.1.2.4.50"))
    ('JPEG XL Lossless', 'JPEG Baseline (Process 1)')
    """
    return _NEWER.get(str(syntax), syntax.name)


def is_known(syntax: UID) -> bool:
    """Whether a UID names a transfer syntax.

    >>> is_known(UID("1.2.840.10008.1.2.8.1")), is_known(UID("1.2.3"))
    (True, False)
    """
    return str(syntax) in _NEWER or (syntax.name != str(syntax) and syntax.is_transfer_syntax)
