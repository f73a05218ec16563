"""Reading the XML files of annotation tools safely."""

from pathlib import Path
from xml.etree import ElementTree
from xml.parsers.expat import ExpatError, ParserCreate

from thyrosight.errors import CohortError

_LARGEST = 5_000_000


def read_xml(path: Path) -> ElementTree.Element:
    """The root of an XML file. Entities are refused, because they can make a small file fill the memory.

    Raises:
        CohortError: the file is unreadable, too large or not XML, or has a document type.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CohortError(f"{path}: cannot be read ({error.strerror}); check the file.") from None
    if len(content) > _LARGEST:
        raise CohortError(f"{path}: {len(content)} bytes are too many for annotations; it is not read.")
    try:
        _refuse_document_type(content, path)
        return ElementTree.fromstring(content)
    except (ElementTree.ParseError, ExpatError, LookupError, ValueError, RecursionError) as error:
        raise CohortError(f"{path}: not valid XML ({error}); download the file again.") from None


def _refuse_document_type(content: bytes, path: Path) -> None:
    """Look for a document type as the parser sees it, in whatever encoding."""

    def refuse(*_declared: object) -> None:
        raise CohortError(
            f"{path}: it declares a document type or entities, which annotations never need; remove them."
        )

    parser = ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(content, True)


def text_of(element: ElementTree.Element, name: str) -> str:
    """Text of a child element without spaces around it; "" if it is missing or empty."""
    return (element.findtext(name) or "").strip()
