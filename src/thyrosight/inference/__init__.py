"""From a trained network to an assessment of a new image: the bundle, the engine, the input gate and the predictor."""

from thyrosight.inference.assessment import Assessment, HeatMap, Refusal
from thyrosight.inference.bundle import RESEARCH_USE, Bundle, BundleInfo, HeatScale, MaskPoint, OperatingPoint
from thyrosight.inference.engine import find_device, malignancy, predict_logits
from thyrosight.inference.gate import QUALITY_FLAGS, FrameMeasures, check_input, measure_frame
from thyrosight.inference.inputs import find_images, read_boxes, with_boxes
from thyrosight.inference.loops import LoopAssessment, assess_cine, open_loops, over_frames, over_loops
from thyrosight.inference.outlines import Outline, outline_lesions
from thyrosight.inference.predictor import Explainer, Predictor, size_of
from thyrosight.inference.ready import Request
from thyrosight.inference.segment_engine import branch_batches, predict_masks
from thyrosight.inference.segmenter import Segmentation, Segmenter, find_nodules
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
    "MaskPoint",
    "OperatingPoint",
    "Outline",
    "Predictor",
    "Refusal",
    "Request",
    "Segmentation",
    "Segmenter",
    "assess_cine",
    "branch_batches",
    "check_input",
    "find_device",
    "find_images",
    "find_nodules",
    "load_bundle",
    "malignancy",
    "measure_frame",
    "open_loops",
    "outline_lesions",
    "over_frames",
    "over_loops",
    "predict_logits",
    "predict_masks",
    "read_boxes",
    "save_bundle",
    "size_of",
    "with_boxes",
]
