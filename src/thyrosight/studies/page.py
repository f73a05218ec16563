"""The page of a study: the sections of its kind, and around them what every page must state."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from thyrosight import __version__
from thyrosight.cohort import UNKNOWN, Cohort, Split, flow_chart_steps
from thyrosight.documents import (
    Code,
    Column,
    Content,
    Document,
    Facts,
    Figure,
    Flow,
    FlowStep,
    Heading,
    Section,
    Table,
    section,
)
from thyrosight.files import sha256_of_json
from thyrosight.studies.base import ModelCard, RecipeBase
from thyrosight.studies.kind import Report
from thyrosight.studies.result import StudyFacts
from thyrosight.studies.sentences import facts_line
from thyrosight.studies.software import software_versions


def facts_of(recipe: RecipeBase, cohort: Cohort, split: Split, *, command: str, engine: str) -> StudyFacts:
    """The facts that follow from recipe, cohort and division."""
    table = cohort.table
    known = table.loc[table["patient_id"] != UNKNOWN, "patient_id"]
    return StudyFacts(
        kind=recipe.study,
        recipe=recipe.name,
        title=recipe.title,
        paper=recipe.paper,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        engine=engine,
        seed=recipe.seed,
        label_sources=tuple(cohort.label_sources),
        label_policy=cohort.label_policy,
        split_kind=split.kind,
        split_method=split.method,
        cohort=cohort.describe().model_dump(mode="json"),
        cohort_digest=cohort.digest(),
        split_digest=sha256_of_json(split.model_dump(mode="json")),
        images=len(table),
        groups=int(table["group"].nunique()),
        patients=int(known.nunique()) if len(known) == len(table) else None,
        benign=int((table["label"] == "benign").sum()),
        malignant=int((table["label"] == "malignant").sum()),
        flow=tuple(FlowStep(text=s.text, n=s.n, excluded=tuple(s.excluded)) for s in flow_chart_steps(cohort)),
        recipe_yaml=recipe.to_yaml(),
        software=software_versions(),
    )


def document_of(
    facts: StudyFacts,
    report: Report,
    *,
    model: ModelCard | None,
    limitations: Sequence[str],
    unfinished: Sequence[str],
    more: Sequence[Table] = (),
) -> Document:
    """The whole page of a study."""
    version = facts.software.get("thyrosight", __version__)
    return Document(
        title=facts.title,
        subtitle=(
            f"Study “{facts.recipe}”, seed {facts.seed}, finished {facts.created[:16].replace('T', ' ')} UTC, "
            f"ThyroSight {version}."
        ),
        key_result=report.key_result,
        facts=facts_line(facts),
        tiles=tuple(report.tiles),
        tiles_note=report.tiles_note,
        unfinished=tuple(unfinished),
        limitations=tuple(limitations),
        sections=(*report.sections, reproduction(facts, model)),
        source=facts.source_sentence,
        more=(*report.more, *more),
        summary=report.summary,
    )


def reproduction(facts: StudyFacts, model: ModelCard | None) -> Section:
    """Hashes, versions, command and recipe."""
    rows = [("Cohort hash", f"`{facts.cohort_digest}`"), ("Divisions hash", f"`{facts.split_digest}`")]
    if model:
        rows = [
            ("Model", f"saved in `{model.folder}` (of {model.division})"),
            ("Model hash", f"`{model.hash}`"),
            ("Operating point", f"{model.threshold:.4f} on the calibrated risk ({model.calibration})"),
            *rows,
        ]
    rows.append(("Software", ", ".join(f"{name} {value}" for name, value in facts.software.items())))
    contents: list[Content] = [Facts(rows=tuple(rows))]
    if facts.command:
        contents += [Heading(text="Command"), Code(text=facts.command)]
    contents += [Heading(text="Recipe with all defaults"), Code(text=facts.recipe_yaml, columns=True)]
    return section("Model and reproduction" if model else "Reproduction", *contents)


def flow_figure(steps: Sequence[FlowStep], *, what: str = "images") -> Figure:
    """The flow chart of who was left out and why."""
    return Figure(name="flow", caption=f"Flow of {what} into the study.", drawing=Flow(steps=tuple(steps)), wide=True)


def cohort_table(facts: StudyFacts) -> Table:
    """Images by label, and by source of the label, site and size where those are known."""
    rows: list[dict[str, Any]] = [_counted("All images", facts.benign, facts.malignant)]
    for title, key in (("Label source", "by_label_source"), ("Site", "by_site"), ("Size", "by_size")):
        for name, counts in (facts.cohort.get(key) or {}).items():
            if isinstance(counts, Mapping):
                rows.append(_counted(f"{title}: {name}", int(counts.get("benign", 0)), int(counts.get("malignant", 0))))
    ignored = "groups ignored" in facts.split_kind
    kept = (
        "A group holds the images of one patient and their near-duplicates; it never stands on both sides of a "
        "division."
    )
    return Table(
        name="cohort",
        caption=f"Cohort: {facts.images} images, {facts.groups} groups, {facts.patients_text}",
        columns=(
            Column(key="images", title="Images"),
            Column(key="benign", title="Benign", kind="count"),
            Column(key="malignant", title="Malignant", kind="count"),
            Column(key="all", title="All", kind="count"),
        ),
        rows=tuple(rows),
        notes=("Groups were ignored in the divisions of this study." if ignored else kept,),
        source="",
    )


def _counted(name: str, benign: int, malignant: int) -> dict[str, Any]:
    return {"images": name, "benign": benign, "malignant": malignant, "all": benign + malignant}
