"""The study of micronodules: trained on larger nodules, tested on smaller ones, against readers (Rho et al.)."""

from thyrosight.studies.micronodule.recipe import MicronoduleRecipe
from thyrosight.studies.micronodule.result import MicronoduleResult
from thyrosight.studies.micronodule.run import run_micronodule

__all__ = ["MicronoduleRecipe", "MicronoduleResult", "run_micronodule"]
