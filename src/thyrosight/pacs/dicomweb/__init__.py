"""A client of DICOMweb archives."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.pacs.dicomweb.answers import Stored, value, values
    from thyrosight.pacs.dicomweb.client import DicomWeb
    from thyrosight.pacs.dicomweb.connection import UnreachableError
    from thyrosight.pacs.dicomweb.login import Login, login_from_environment
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = ["DicomWeb", "Login", "Stored", "UnreachableError", "login_from_environment", "value", "values"]
