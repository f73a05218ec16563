"""Which report each kind of study gets."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thyrosight.errors import OutputError
from thyrosight.files import write_text
from thyrosight.reports.model_card import model_card

if TYPE_CHECKING:
    from thyrosight.studies import ResultBase

WRITERS = {
    "comparison": "thyrosight.reports.page:write_comparison",
    "micronodule": "thyrosight.reports.micronodule:write",
    "inception-margin": "thyrosight.reports.inception_margin:write",
    "elasticity-fusion": "thyrosight.reports.elasticity_fusion:write",
    "ynet-lymph-node": "thyrosight.reports.ynet:write",
}
"""Per kind of study the function that writes its report, as "module:name". It is called as `write(result, out) -> Path`
with the study's folder; most are two lines around `thyrosight.reports.document.write_document`."""


def write_report(result: "ResultBase", out: Path | str) -> Path:
    """Write `report.html` into the study's folder `out`, whole or not at all, as the result's kind has it.

    Where the study left a model, `model-card.md` is written beside the report.

    Args:
        result: what the study found.
        out: the study's folder.

    Returns:
        The path of the report.

    Raises:
        OutputError: the folder cannot be written, or the result is of a kind without a report.
        BundleError: the model that the study left is damaged.
    """
    if result.kind not in WRITERS:
        raise OutputError(
            f"There is no report for studies of the kind {result.kind!r}; known are {', '.join(WRITERS)}."
        )
    module, _, name = WRITERS[result.kind].partition(":")
    write: Any = getattr(import_module(module), name)
    path: Path = write(result, Path(out))
    if result.model is not None and Path(result.model.folder).exists():
        _write_model_card(Path(result.model.folder), Path(out) / "model-card.md")
    return path


def _write_model_card(folder: Path, path: Path) -> None:
    from thyrosight.inference import load_bundle  # brings torch, which reports of statistics do not need

    bundle = load_bundle(folder)
    write_text(path, model_card(bundle.info, model_hash=bundle.hash))
