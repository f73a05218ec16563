"""From a trained network to an assessment of a new image: the bundle, the engine, the input gate and the predictor."""

from thyrosight.inference.engine import Progress, find_device, malignancy, predict_logits

__all__ = ["Progress", "find_device", "malignancy", "predict_logits"]
