"""The study of fusion of a B-mode image with an elastogram (Qin et al. 2019)."""

from thyrosight.studies.elasticity_fusion.recipe import ElasticityFusionRecipe
from thyrosight.studies.elasticity_fusion.result import ElasticityFusionResult
from thyrosight.studies.elasticity_fusion.run import run_elasticity_fusion

__all__ = ["ElasticityFusionRecipe", "ElasticityFusionResult", "run_elasticity_fusion"]
