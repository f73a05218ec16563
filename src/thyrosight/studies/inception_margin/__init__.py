"""The study of crop margins and input sizes with Inception-v3 (Guan et al. 2019)."""

from thyrosight.studies.inception_margin.descriptors import Descriptors, read_descriptors
from thyrosight.studies.inception_margin.feature_errors import FeatureErrors, feature_errors
from thyrosight.studies.inception_margin.feature_odds import Contrast
from thyrosight.studies.inception_margin.recipe import InceptionMarginRecipe
from thyrosight.studies.inception_margin.result import InceptionMarginResult
from thyrosight.studies.inception_margin.run import run_inception_margin

__all__ = [
    "Contrast",
    "Descriptors",
    "FeatureErrors",
    "InceptionMarginRecipe",
    "InceptionMarginResult",
    "feature_errors",
    "read_descriptors",
    "run_inception_margin",
]
