"""Errors of frames that should hold an elastogram; each message is one sentence for the user."""

from thyrosight.errors import ImageError


class ElastographyError(ImageError):
    """A frame or pair of images that cannot be used as B-mode with an elastogram."""


class NoColourError(ElastographyError):
    """The frame holds no colour, or only specks, text and bars of it."""


class FlowError(ElastographyError):
    """The colour lies in vessels, as in colour or power Doppler, and does not fill a box."""


class SinglePanelError(ElastographyError):
    """There is colour, but no plain B-mode panel beside it."""


class RegistrationError(ElastographyError):
    """Two panels, or two images, that do not show the same section at the same size."""


class ColourMapError(ElastographyError):
    """The colours cannot be turned into stiffness: no bar, an unknown map, or a map that does not fit."""
