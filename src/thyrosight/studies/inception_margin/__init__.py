"""The study of crop margins and input sizes with Inception-v3 (Guan et al. 2019)."""

from thyrosight.studies.inception_margin.descriptors import read_descriptors
from thyrosight.studies.inception_margin.feature_errors import Contrast, FeatureErrors, feature_errors

__all__ = ["Contrast", "FeatureErrors", "feature_errors", "read_descriptors"]
