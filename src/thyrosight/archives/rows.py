"""Results as rows of a table: one for each nodule of each image or frame, and one for each refused image."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from thyrosight.archives.sources import GIVEN
from thyrosight.archives.worklist import Item
from thyrosight.inference.assessment import Assessment
from thyrosight.inference.loops import LoopAssessment

if TYPE_CHECKING:
    import pyarrow as pa

Cells = dict[str, Any]


def cells_of(result: Assessment, loop: LoopAssessment | None = None) -> Cells:
    """The cells of one assessment; those that do not apply are None.

    Args:
        result: of a nodule, an image, or a frame of a loop.
        loop: of a frame, the result over its loop.
    """
    point = result.operating_point
    height, width = result.size_mm or (None, None)
    return {
        "image": result.image,
        "elastogram": result.elastogram,
        "frame_number": result.frame_number,
        "label": result.label,
        "calibrated_risk": result.calibrated_risk,
        "calibration": result.calibration,
        "probability": result.probability,
        "threshold": point.threshold,
        "threshold_rule": point.rule,
        "threshold_from": point.chosen_on,
        "box": result.box.to_text() if result.box else None,
        "box_origin": result.box_origin,
        "height_mm": height,
        "width_mm": width,
        "size_reason": result.size_reason,
        "quality_flags": list(result.quality_flags),
        "notes": list(result.notes),
        "model": result.model,
        "model_hash": result.model_hash,
        "label_source": result.label_source,
        "split_kind": result.split_kind,
        "loop_frames": None if loop is None else len(loop.frames),
        "loop_risk": None if loop is None else loop.calibrated_risk,
        "loop_risk_sd": None if loop is None else loop.risk_sd,
    }


def loop_of(result: Assessment, loops: Sequence[LoopAssessment]) -> LoopAssessment | None:
    """The loop of a frame: the one with the frame's box, or the one whose frames have boxes of their own."""
    found = [loop for loop in loops if loop.image == result.image and result.frame_number in loop.frames]
    return next((loop for box in (result.box, None) for loop in found if loop.box == box), None)


def row_of(item: Item, cells: Cells) -> Cells:
    """The row of an assessment in the results of an archive, with the kept columns of its row in the work list."""
    return cells | {"item": item.number, "image": item.cells.get("image", "")} | _kept(item)


def refusal_row(item: Item, reason: str, *, frame: int | None = None) -> Cells:
    """The row of an image, or a frame of a loop, that was refused."""
    own = {"item": item.number, "image": item.cells.get("image", ""), "box": item.cells.get("box") or None}
    return own | {"frame_number": frame, "refused": reason} | _kept(item)


def result_schema(keep: Sequence[str] = ()) -> "pa.Schema":
    """The columns of the results of an archive; those of a refused image are empty but for its names."""
    import pyarrow as pa

    text, number, whole, texts = pa.string(), pa.float64(), pa.int32(), pa.list_(pa.string())
    return pa.schema([
        ("item", pa.int64()), ("image", text), ("frame_number", whole), ("box", text), ("label", text),
        ("calibrated_risk", number), ("quality_flags", texts), ("refused", text), ("height_mm", number),
        ("width_mm", number), ("size_reason", text), ("box_origin", text), ("probability", number),
        ("threshold", number), ("threshold_rule", text), ("threshold_from", text), ("loop_frames", whole),
        ("loop_risk", number), ("loop_risk_sd", number), ("notes", texts), ("elastogram", text), ("model", text),
        ("model_hash", text), ("label_source", text), ("split_kind", text), *((GIVEN + name, text) for name in keep),
    ])  # fmt: skip


def _kept(item: Item) -> Cells:
    return {name: text or None for name, text in item.cells.items() if name.startswith(GIVEN)}
