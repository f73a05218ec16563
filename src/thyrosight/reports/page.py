"""The report of a study: one HTML file that needs nothing else, for the screen, in light and dark, and for paper."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from thyrosight import __version__
from thyrosight.files import write_text
from thyrosight.reports import sentences, tables
from thyrosight.reports.figures.style import THEME
from thyrosight.reports.flow_chart import FlowBox, draw_flow_chart
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

REPORT = "report.html"


def write_report(result: "StudyResult", out: Path | str) -> Path:
    """Write `report.html` into the study's folder `out`, whole or not at all.

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
    out = Path(out)
    path = out / REPORT
    write_text(path, render_report(result, _load_pictures(out / "explanations.npz")))
    return path


def render_report(result: "StudyResult", pictures: Pictures) -> str:
    """The report as HTML; `pictures` holds `<key>/pixels` and `<key>/heat` of examples and errors."""
    environment = Environment(
        loader=PackageLoader("thyrosight.reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["with_code"] = _with_code
    return environment.get_template("report.html").render(
        result=result,
        version=__version__,
        theme=_theme(),
        source=tables.sentence(result.source_sentence),
        key_result=sentences.key_result(result),
        facts=sentences.facts_line(result),
        faithfulness=sentences.faithfulness(result),
        tiles=_tiles(result.main),
        methods=sentences.methods_rows(result),
        flow=Markup(draw_flow_chart([FlowBox(step.text, step.n, step.excluded) for step in result.flow])),
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


def _load_pictures(path: Path) -> Pictures:
    """The arrays of `explanations.npz`, or none where the file is missing or damaged."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, ValueError, EOFError, BadZipFile):
        return {}


def _with_code(text: str) -> Markup:
    """Text between backticks as code.

    >>> print(_with_code("run `thyrosight models` & see"))
    run <code>thyrosight models</code> &amp; see
    """
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    marked = (Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts))
    return Markup("").join(marked)


def _theme() -> Mapping[str, Mapping[str, str]]:
    """Colours of the figures as CSS variables, for a light and a dark page."""
    return {
        "light": {name: light for light, (name, _) in THEME.items()},
        "dark": dict(THEME.values()),
    }


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
