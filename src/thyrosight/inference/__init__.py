"""From a trained network to an assessment of a new image: bundle, session, input checks, predictor and segmenter.

The names of `thyrosight.inference.torch_session` are offered here too; torch is imported with the first of them.
"""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.inference.assessment import Assessment, ClassifierResult, HeatMap, ModelResult, Refusal
    from thyrosight.inference.bundle import (
        NOT_CALIBRATED,
        RESEARCH_USE,
        Bundle,
        BundleInfo,
        HeatScale,
        MaskPoint,
        OperatingPoint,
    )
    from thyrosight.inference.gate import QUALITY_FLAGS, FrameMeasures, check_input, measure_frame
    from thyrosight.inference.inputs import Source, find_images, find_requests, read_boxes, with_boxes
    from thyrosight.inference.loops import LoopAssessment, assess_cine, open_loops, over_frames, over_loops
    from thyrosight.inference.outlines import Outline, outline_lesions
    from thyrosight.inference.predictor import Explainer, Predictor, size_of
    from thyrosight.inference.ready import Request
    from thyrosight.inference.segmenter import Segmentation, Segmenter, find_nodules
    from thyrosight.inference.session import Capabilities, Outputs, Session, malignancy
    from thyrosight.inference.storage import export_bundle, load_bundle, read_info, save_bundle, save_recalibrated
    from thyrosight.inference.torch_session import TorchSession, branch_batches, find_device, network_of, predict_logits
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "NOT_CALIBRATED",
    "QUALITY_FLAGS",
    "RESEARCH_USE",
    "Assessment",
    "Bundle",
    "BundleInfo",
    "Capabilities",
    "ClassifierResult",
    "Explainer",
    "FrameMeasures",
    "HeatMap",
    "HeatScale",
    "LoopAssessment",
    "MaskPoint",
    "ModelResult",
    "OperatingPoint",
    "Outline",
    "Outputs",
    "Predictor",
    "Refusal",
    "Request",
    "Segmentation",
    "Segmenter",
    "Session",
    "Source",
    "TorchSession",
    "assess_cine",
    "branch_batches",
    "check_input",
    "export_bundle",
    "find_device",
    "find_images",
    "find_nodules",
    "find_requests",
    "load_bundle",
    "malignancy",
    "measure_frame",
    "network_of",
    "open_loops",
    "outline_lesions",
    "over_frames",
    "over_loops",
    "predict_logits",
    "read_boxes",
    "read_info",
    "save_bundle",
    "save_recalibrated",
    "size_of",
    "with_boxes",
]
