"""Simulated B-mode with a registered stiffness map: screens of elastography and Doppler with known truth."""

from thyrosight.phantoms.elastography.colour_tables import STIFFNESS_TABLES
from thyrosight.phantoms.elastography.frame import ElastographyFrame, elastography_frame
from thyrosight.phantoms.elastography.machines import LAYOUTS, MACHINES, SINGLE

__all__ = ["LAYOUTS", "MACHINES", "SINGLE", "STIFFNESS_TABLES", "ElastographyFrame", "elastography_frame"]
