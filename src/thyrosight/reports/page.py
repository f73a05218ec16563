"""The report of a study: one HTML file that needs nothing else, for the screen, in light and dark, and for paper."""

from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from thyrosight import __version__
from thyrosight.files import write_text
from thyrosight.reports import sentences, tables
from thyrosight.reports.flow_chart import FlowBox, draw_flow_chart
from thyrosight.reports.layout import REPORT, load_pictures, page_template, theme
from thyrosight.reports.result_figures import (
    Pictures,
    error_pictures,
    heat_maps,
    ordered,
    region_figure,
    result_figures,
)

if TYPE_CHECKING:
    from thyrosight.studies import StudyResult
    from thyrosight.studies.result import NetworkResult


def write_comparison(result: "StudyResult", out: Path) -> Path:
    """Write the report of a comparison into the study's folder `out`, whole or not at all.

    The images of examples and errors are read from `explanations.npz` in the same folder; where that is missing the
    report says so in their place.

    Args:
        result: what the study found.
        out: the study's folder.

    Returns:
        The path of the report.

    Raises:
        OutputError: the folder cannot be written.
    """
    path = out / REPORT
    write_text(path, render_report(result, load_pictures(out / "explanations.npz")))
    return path


def render_report(result: "StudyResult", pictures: Pictures) -> str:
    """The report as HTML; `pictures` holds `<key>/pixels` and `<key>/heat` of examples and errors."""
    return page_template("report.html").render(
        result=result,
        version=__version__,
        theme=theme(),
        source=tables.sentence(result.source_sentence),
        key_result=sentences.key_result(result),
        facts=sentences.facts_line(result),
        faithfulness=sentences.faithfulness(result),
        tiles=_tiles(result.main),
        methods=sentences.methods_rows(result),
        flow=Markup(draw_flow_chart([FlowBox(step.text, step.n, step.excluded, step.aside) for step in result.flow])),
        means=tables.means_table(result),
        pooled=tables.pooled_table(result),
        comparisons=tables.comparison_table(result),
        networks=tables.networks_table(result),
        cohort=tables.cohort_table(result),
        divisions=[tables.divisions_table(network) for network in ordered(result)],
        regions=tables.regions_table(result.explanations) if result.explanations else None,
        figures=result_figures(result),
        heat_maps=heat_maps(result, pictures),
        region_figure=region_figure(result),
        errors=error_pictures(result, pictures),
    )


def _tiles(network: "NetworkResult") -> list[tuple[str, str, str]]:
    """The main measures in large type: name, value and interval."""
    from thyrosight.studies import MEASURES

    found = []
    for name in ("auc", "balanced_accuracy", "recall", "specificity"):
        cell = network.mean.get(name)
        if cell is None or cell.value is None:
            found.append((MEASURES[name], tables.UNDEFINED, ""))
        else:
            interval = "" if cell.low is None or cell.high is None else f"{cell.low:.2f} to {cell.high:.2f}"
            found.append((MEASURES[name], f"{cell.value:.2f}", interval))
    return found
