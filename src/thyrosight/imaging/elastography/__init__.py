"""Elastograms in ultrasound frames: panels, colour box, registration, and stiffness from colour."""

from thyrosight.imaging.elastography.bars import Bar, find_bars
from thyrosight.imaging.elastography.checking import Registration, check_registration
from thyrosight.imaging.elastography.colour_maps import COLOUR_MAPS, BarTop, map_of_bar, named_map
from thyrosight.imaging.elastography.errors import (
    ColourMapError,
    ElastographyError,
    FlowError,
    NoColourError,
    RegistrationError,
    SinglePanelError,
)
from thyrosight.imaging.elastography.map_recovery import UNITS, StiffnessMap, StiffnessRange, Unit, recover_map
from thyrosight.imaging.elastography.panels import STYLES, ElastographyPanels, Style, split_elastography

__all__ = [
    "COLOUR_MAPS",
    "STYLES",
    "UNITS",
    "Bar",
    "BarTop",
    "ColourMapError",
    "ElastographyError",
    "ElastographyPanels",
    "FlowError",
    "NoColourError",
    "Registration",
    "RegistrationError",
    "SinglePanelError",
    "StiffnessMap",
    "StiffnessRange",
    "Style",
    "Unit",
    "check_registration",
    "find_bars",
    "map_of_bar",
    "named_map",
    "recover_map",
    "split_elastography",
]
