"""From a trained network to an assessment of a new image: the bundle, the engine, the input gate and the predictor."""

from thyrosight.inference.assessment import Assessment, HeatMap, Refusal
from thyrosight.inference.bundle import RESEARCH_USE, Bundle, BundleInfo, HeatScale, OperatingPoint
from thyrosight.inference.engine import Progress, find_device, malignancy, predict_logits
from thyrosight.inference.gate import QUALITY_FLAGS, FrameMeasures, check_input, measure_frame
from thyrosight.inference.inputs import find_images, read_boxes, with_boxes
from thyrosight.inference.loops import LoopAssessment, assess_cine, open_loops, over_frames, over_loops
from thyrosight.inference.predictor import Explainer, Predictor, Request, size_of
from thyrosight.inference.storage import load_bundle, save_bundle

__all__ = [
    "QUALITY_FLAGS",
    "RESEARCH_USE",
    "Assessment",
    "Bundle",
    "BundleInfo",
    "Explainer",
    "FrameMeasures",
    "HeatMap",
    "HeatScale",
    "LoopAssessment",
    "OperatingPoint",
    "Predictor",
    "Progress",
    "Refusal",
    "Request",
    "assess_cine",
    "check_input",
    "find_device",
    "find_images",
    "load_bundle",
    "malignancy",
    "measure_frame",
    "open_loops",
    "over_frames",
    "over_loops",
    "predict_logits",
    "read_boxes",
    "save_bundle",
    "size_of",
    "with_boxes",
]
