"""Pictures of `thyrosight predict --overlay`: the image, its heat map, and the facts stated with them."""

from pathlib import Path
from typing import TYPE_CHECKING

from thyrosight.cli.image_arguments import free_name, stem
from thyrosight.cli.predict_output import label, number

if TYPE_CHECKING:
    from thyrosight.inference import Assessment, HeatScale, Request


class Overlays:
    """Writes a picture of each assessment into a folder; none replaces another one of the same run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken: set[str] = set()

    def __call__(self, result: "Assessment", request: "Request", scale: "HeatScale") -> None:
        """Draw one assessment, which holds its heat map."""
        from PIL import Image

        from thyrosight.explain import explanation_panel
        from thyrosight.files import write_atomically
        from thyrosight.imaging import read_frame

        assert result.heat_map is not None
        panel = explanation_panel(
            read_frame(result.image, frame=result.frame_number),
            result.heat_map.values,
            scale=scale.value,
            scale_text=scale.rule,
            box=result.box,
            lines=_lines(result, of_loop=request.of_loop),
            method=result.heat_map.method,
            contour=result.contour,
        )
        path = free_name(self._folder, stem(result, of_loop=request.of_loop), self._taken)
        with write_atomically(path) as temporary:
            Image.fromarray(panel).save(temporary, format="PNG")


def _lines(result: "Assessment", *, of_loop: bool) -> list[str]:
    """The text under the picture."""
    name = Path(result.image).name + (f", frame {result.frame_number}" if of_loop else "")
    lines = [
        f"{name}: {result.risk_name} {number(result.calibrated_risk)}, {label(result)}",
        f"Quality flags: {', '.join(result.quality_flags)}." if result.quality_flags else "",
        _of_pair(result),
        f"{result.model}; labels: {result.label_source}; {result.split_kind} split; "
        f"model hash {result.model_hash[:12]}.",
        result.research_use,
    ]
    return [line for line in lines if line]


def _of_pair(result: "Assessment") -> str:
    """For a pair: the images that were used, and the one that the heat map is of."""
    from thyrosight.inference.ready import BLACK_ELASTOGRAM, BLACK_IMAGE, NO_ELASTOGRAM

    absent = [note for note in result.notes if note in (NO_ELASTOGRAM, BLACK_ELASTOGRAM, BLACK_IMAGE)]
    if absent:
        return f"{absent[0][0].upper()}{absent[0][1:]}."
    if result.elastogram is None:
        return ""
    return f"Judged with the elastogram {Path(result.elastogram).name}; the heat is the B-mode image's part alone."
