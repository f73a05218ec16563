"""Names of people in answers."""

from typing import Annotated

from pydantic import PlainSerializer

from thyrosight.imaging.dicom import readable_name
from thyrosight.server.sentences import language_asked_for


def _readable(stored: str) -> str:
    return readable_name(stored, language=language_asked_for())


PersonName = Annotated[str, PlainSerializer(_readable, return_type=str)]
"""A person's name in an answer: kept as DICOM stores it, sent as people of the request's language write it."""
