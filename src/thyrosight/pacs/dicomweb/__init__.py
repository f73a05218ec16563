"""A client of DICOMweb archives."""

from thyrosight.pacs.dicomweb.answers import Stored, value, values
from thyrosight.pacs.dicomweb.client import DicomWeb
from thyrosight.pacs.dicomweb.connection import UnreachableError
from thyrosight.pacs.dicomweb.login import Login, login_from_environment

__all__ = ["DicomWeb", "Login", "Stored", "UnreachableError", "login_from_environment", "value", "values"]
