"""Studies from elsewhere: watched folders, the folder of a DICOM node, and DICOMweb archives."""

from thyrosight.server.importing.chores import CHORES, Chores
from thyrosight.server.importing.watching import Watcher

__all__ = ["CHORES", "Chores", "Watcher"]
