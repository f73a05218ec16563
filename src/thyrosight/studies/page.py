"""The page of a study: the sections of its kind, and around them what every page must state."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
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
    FlowStep,
    Heading,
    Row,
    Section,
    Table,
    TableBlock,
    columns,
    drawings,
    hidden,
    section,
)
from thyrosight.files import sha256_of_json
from thyrosight.networks import architectures, find_architecture
from thyrosight.studies.base import ModelCard, RecipeBase
from thyrosight.studies.kind import Report
from thyrosight.studies.result import StudyFacts
from thyrosight.studies.sentences import facts_line
from thyrosight.studies.software import software_versions
from thyrosight.studies.tested import Network
from thyrosight.studies.trial import PARTS
from thyrosight.studies.verdicts import fewest_groups
from thyrosight.sweeps import TrialOutcome


def facts_of(recipe: RecipeBase, cohort: Cohort, split: Split, *, command: str, engine: str) -> StudyFacts:
    """The facts that follow from recipe, cohort and division."""
    table = cohort.table
    known = table.loc[table["patient_id"] != UNKNOWN, "patient_id"]
    return StudyFacts(
        kind=recipe.study,
        recipe=recipe.name,
        title=own_title(recipe),
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
        flow=tuple(flow_chart_steps(cohort)),
        recipe_yaml=recipe.to_yaml(),
        software=software_versions(),
        source=str(Path(cohort.source).absolute()),
        parts={part: fewest_groups(cohort, split, part) for part in PARTS},
    )


def own_title(recipe: RecipeBase) -> str:
    """The title of a recipe, with the name of the main network in place of one that does not run.

    >>> own_title(RecipeBase(name="a", title="Nodules with ResNet-18"))
    'Nodules with ResNet-18'
    """
    runs = [find_architecture(name).title for name in recipe.network_names]
    if not runs:
        return recipe.title
    options: Any = getattr(recipe, "main", None)
    main = runs[0] if options is None else find_architecture(options.architecture).title
    for entry in architectures().values():
        used = any(entry.title in title for title in runs)
        if not used:
            recipe_title = re.sub(rf"(?<![\w-]){re.escape(entry.title)}(?![\w-])", main, recipe.title)
            if recipe_title != recipe.title:
                return recipe_title
    return recipe.title


def document_of(
    facts: StudyFacts,
    report: Report,
    *,
    model: ModelCard | None,
    limitations: Sequence[str],
    unfinished: Sequence[str],
    trials: Table | None = None,
) -> Document:
    """The whole page of a study; the table of `trials` goes into a CSV file where no section prints it."""
    printed = {block.table.name for part in report.sections for block in part.blocks if isinstance(block, TableBlock)}
    version = facts.software.get("thyrosight", __version__)
    return Document(
        title=report.title or facts.title,
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
        sections=(*(_shortened(part) for part in report.sections), reproduction(facts, model)),
        source="; ".join(part for part in (report.source, facts.source_sentence) if part),
        more=(*report.more, *([] if trials is None or trials.name in printed else [trials])),
        summary=report.summary,
        folded=True,
        own_words=tuple(name for name in (str(facts.cohort.get("name", "")),) if name),
    )


def _shortened(part: Section) -> Section:
    """The section without columns that say nothing: those that no row has, and P values whose correction changed none,
    as there was one test."""
    blocks = [
        block.model_copy(update={"table": _without_idle(block.table)}) if isinstance(block, TableBlock) else block
        for block in part.blocks
    ]
    return part.model_copy(update={"blocks": tuple(blocks)})


def _without_idle(table: Table) -> Table:
    def repeats(key: str) -> bool:
        plain = key.replace("_corrected", "")
        return key != plain and all(row.get(key) == row.get(plain) for row in table.rows)

    def empty(key: str) -> bool:
        return key != table.shown[0].key and not any(key in row for row in table.rows)

    there = [c.model_copy(update={"hidden": True}) if repeats(c.key) or empty(c.key) else c for c in table.columns]
    return table.model_copy(update={"columns": tuple(there)})


def reproduction(facts: StudyFacts, model: ModelCard | None) -> Section:
    """Hashes, versions, command and recipe."""
    rows = [("Cohort hash", f"`{facts.cohort_digest}`"), ("Divisions hash", f"`{facts.split_digest}`")]
    if facts.readings is not None:
        protocol = [("Protocol hash", f"`{facts.readings.protocol}`")] if facts.readings.protocol else []
        rows = [("Hash of the readings", f"`{facts.cohort_digest}`"), *protocol]
    if model:
        none = model.calibration == "none"
        risk = "the network's own risk, not calibrated" if none else f"the calibrated risk ({model.calibration})"
        rows = [
            ("Model", f"saved in `{model.folder}` (of {model.division})"),
            ("Model hash", f"`{model.hash}`"),
            ("Operating point", f"threshold {model.threshold:.4f} on {risk}"),
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
    return Figure(
        name="flow", caption=f"Flow of {what} into the study.", drawing=drawings.Flow(steps=tuple(steps)), wide=True
    )


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
            *columns("count", {"benign": "Benign", "malignant": "Malignant", "all": "All"}),
        ),
        rows=tuple(rows),
        notes=("Groups were ignored in the divisions of this study." if ignored else kept,),
        source="",
    )


def _counted(name: str, benign: int, malignant: int) -> dict[str, Any]:
    return {"images": name, "benign": benign, "malignant": malignant, "all": benign + malignant}


def trials_table(networks: Mapping[str, Network], outcomes: Mapping[str, TrialOutcome]) -> Table:
    """Every trial: what it was, how it ran, and why it failed if it did."""
    own = {item.trial.name: item.trial for network in networks.values() for item in network.tested}
    rows: list[Row] = []
    for name, outcome in outcomes.items():
        trial, found = own.get(name), outcome.result
        row: Row = {"trial": name, "status": outcome.status}
        if trial is not None:
            axes = ", ".join(f"{axis} {value}" for axis, value in trial.axes.items() if value is not None)
            row |= {"division": trial.division, "network": trial.key, "axes": axes}
        row |= {key: found[key] for key in _TRIAL_FACTS if found.get(key) is not None}
        row |= {"seconds": round(outcome.seconds, 1), "machine": outcome.machine, "threads": outcome.threads}
        rows.append(row | {"starts": outcome.starts, "error": outcome.error})
    dice = any("validation_dice" in row for row in rows)
    chosen = "Validation AUC and Dice are those that chose the epoch, the Dice measured at the network's size. "
    return Table(
        name="trials",
        caption=f"All {len(rows)} trials",
        columns=(
            *columns("text", {"trial": "Trial", "status": "Status"}),
            *hidden("division", "network", "axes", "precision", "error"),
            *columns("count", {"train": "Training images", "epochs": "Epochs", "best_epoch": "Epoch kept"}),
            Column(key="validation_auc", title="Validation AUC", kind="area"),
            Column(key="validation_dice", title="Validation Dice", kind="share", hidden=not dice),
            *hidden("images_per_second", kind="number"),
            Column(key="seconds", title="Time", kind="seconds"),
            Column(key="machine", title="Machine"),
            *columns("count", {"threads": "Threads", "starts": "Starts"}),
        ),
        rows=tuple(rows),
        notes=(
            f"{chosen if dice else ''}Time is that of the last start, with preparing and testing; more than one start "
            "means that the trial was interrupted and went on.",
        ),
    )


_TRIAL_FACTS = ("train", "epochs", "best_epoch", "validation_auc", "validation_dice", "images_per_second", "precision")
