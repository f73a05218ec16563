"""Cohorts in notebooks: what is in them, what was left out, and some of their images."""

from collections.abc import Iterator
from html import escape
from itertools import islice

import numpy as np
import pandas as pd

from thyrosight.cohort import LABELS, CheckReport, Cohort, CohortDescription, flow_chart_steps
from thyrosight.documents import Column, Figure, Row, columns, drawings
from thyrosight.errors import ThyroSightError
from thyrosight.imaging import Frame, read_frame
from thyrosight.reports.notebooks.fragment import facts, items, picture, rows_table
from thyrosight.reports.notebooks.pages import of_figure

_SHOWN, _WIDTH = 3, 150
"""Images of each label that are shown, and their width in CSS pixels."""


def of_cohort(cohort: Cohort) -> str:
    """Counts, some images of each label, and the flow chart where images were left out."""
    flow = Figure(name="flow", caption="Flow of images", drawing=drawings.Flow(steps=tuple(flow_chart_steps(cohort))))
    return "".join(
        [
            of_description(cohort.describe()),
            _images(cohort),
            of_figure(flow) if cohort.exclusions else "",
        ]
    )


def of_description(said: CohortDescription) -> str:
    """The numbers of a cohort."""
    known = "patients unknown" if said.patients is None else f"{said.patients} patients"
    if said.patients is not None and said.unknown_patients:
        known += f", unknown for {said.unknown_patients} images"
    groups = "" if said.groups is None else f"{said.groups} of patients and near-duplicates, each kept whole"
    rows: list[Row] = [{"what": "all", **said.by_label}]
    for name, counts in (("label source", said.by_label_source), ("site", said.by_site), ("size", said.by_size)):
        rows += [{"what": f"{name}: {value}", **by_label} for value, by_label in counts.items()]
    labels = columns("count", {label: label for label in LABELS})
    return "".join(
        [
            f"<h3>{escape(said.name)}: {said.images} images, {known}</h3>",
            rows_table("Images by label", [Column(key="what", title=""), *labels], rows),
            facts([("labels", said.label_policy), ("splits", said.split_kind), ("groups", groups)]),
            items(said.notes),
        ]
    )


def of_check(report: CheckReport) -> str:
    """The problems of a source, errors first, and what is in it where it can be used."""
    shown = [Column(key="severity", title=""), *columns("text", {"where": "Where", "column": "Column", "text": "What"})]
    ordered = sorted(report.problems, key=lambda one: one.severity != "error")
    rows: list[Row] = [
        {"severity": one.severity, "where": one.where, "column": one.column, "text": one.text} for one in ordered
    ]
    found = f"{report.errors} errors, {len(report.problems) - report.errors} warnings"
    return "".join(
        [
            f"<h3>{escape(report.source)}: {report.rows} images, {found}</h3>",
            rows_table("What was found", shown, rows) if rows else "",
            "" if report.description is None else of_description(report.description),
        ]
    )


def _images(cohort: Cohort) -> str:
    """The first images of each label that can be read."""
    shown = [one for label in LABELS for one in islice(_readable(cohort.table, label), _SHOWN)]
    drawn = (
        picture(np.asarray(frame.rgb()), title=f"{key}, {label}", caption=f"{key}: {label}", width=_WIDTH)
        for frame, key, label in shown
    )
    return f'<div class="images">{"".join(drawn)}</div>' if shown else ""


def _readable(table: pd.DataFrame, label: str) -> Iterator[tuple[Frame, str, str]]:
    """The images of a label; those that cannot be read are passed over, for `cohort check` names them."""
    for key, image in table.loc[table["label"] == label, ["key", "image"]].itertuples(index=False):
        try:
            yield read_frame(image), str(key), label
        except (ThyroSightError, OSError):
            continue
