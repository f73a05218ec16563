"""Studies and their images: taking files in, the worklist, and the pictures that browsers show."""

from thyrosight.server.studies.facts import ImageFacts, describe
from thyrosight.server.studies.files import FileStore
from thyrosight.server.studies.frames import FrameServer, Picture
from thyrosight.server.studies.taking_in import Taken, Taker
from thyrosight.server.studies.worklist import STATES, Filters, StudyRow, worklist

__all__ = [
    "STATES",
    "FileStore",
    "Filters",
    "FrameServer",
    "ImageFacts",
    "Picture",
    "StudyRow",
    "Taken",
    "Taker",
    "describe",
    "worklist",
]
