"""Simulated B-mode with a registered stiffness map: cohorts and screens of known truth, and Doppler screens."""

from thyrosight.phantoms.elastography.cohort import make_elastography_cohort
from thyrosight.phantoms.elastography.colour_tables import FLOW_TABLES, STIFFNESS_TABLES
from thyrosight.phantoms.elastography.doppler import DopplerFrame, doppler_frame
from thyrosight.phantoms.elastography.frame import elastography_frame
from thyrosight.phantoms.elastography.frame_plan import ElastographyFrame
from thyrosight.phantoms.elastography.machines import LAYOUTS, MACHINES, SINGLE
from thyrosight.phantoms.elastography.malignancy import MalignancyModel
from thyrosight.phantoms.elastography.options import LIKE, ElastographyOptions, elastography_options_like
from thyrosight.phantoms.elastography.patients import ElastographyImage, elastography_images

__all__ = [
    "FLOW_TABLES",
    "LAYOUTS",
    "LIKE",
    "MACHINES",
    "SINGLE",
    "STIFFNESS_TABLES",
    "DopplerFrame",
    "ElastographyFrame",
    "ElastographyImage",
    "ElastographyOptions",
    "MalignancyModel",
    "doppler_frame",
    "elastography_frame",
    "elastography_images",
    "elastography_options_like",
    "make_elastography_cohort",
]
