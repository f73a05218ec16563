"""The plan of a study and its dry run, as answers that are printed and written like those of every analysis."""

from pathlib import Path

from thyrosight.cohort import Cohort
from thyrosight.cohort.records.readers import read_readers
from thyrosight.documents import Answer, Table, duration
from thyrosight.progress import Progress, silent
from thyrosight.studies.base import RecipeBase
from thyrosight.studies.limitations import small_parts
from thyrosight.studies.plans.aim import Aim
from thyrosight.studies.plans.draft import Draft, drafted
from thyrosight.studies.plans.effort import Effort, effort_of, trials_table
from thyrosight.studies.plans.expected import expected_table, joined_words, parts_table, unit_of
from thyrosight.studies.plans.needed import aims_table, among
from thyrosight.studies.plans.worth import Counted

_METHODS = (
    "Expected intervals are those of Wilson for sensitivity and specificity [wilson1927], and symmetric in log odds "
    "for the AUC, with the variance of the empirical area of normal scores; differences of two areas were planned with "
    "their correlation on the same cases [hanley1983]. Images of one patient, and patients tested in several "
    "divisions, count for the independent cases that they are worth (design effect) [kish1965]."
)


def plan_study(
    recipe: RecipeBase | Path | str,
    source: Cohort | Path | str,
    aim: Aim,
    *,
    split_file: Path | None = None,
    progress: Progress = silent,
) -> Answer:
    """State what the test part of a study can show, and how many patients its aims need.

    Args:
        recipe: a recipe, the name of a shipped one, or a YAML file.
        source: a cohort, or anything that `open_cohort` reads.
        aim: what is to be shown, and what is assumed.
        split_file: divisions to use instead of drawing them.
        progress: called with what is being done.

    Raises:
        CohortError, RecipeError, SplitError, NetworkError, ImageError: as a run would.
        StatisticsError: a class is absent and no prevalence was given, or no number of patients suffices.
    """
    with drafted(recipe, source, split_file=split_file, progress=progress) as draft:
        tested = Counted.of(draft, prevalence=aim.prevalence)
        expected, needed = expected_table(draft, tested, aim), aims_table(tested, aim, unit=unit_of(draft))
        parts = parts_table(draft)
        unit, method = unit_of(draft), "" if draft.setup is None else f"{draft.setup.split.method}; "
        cautions = _cautions(draft)
    return Answer(
        title=f"Plan of the study {draft.recipe.name} on {draft.cohort.name}",
        summary=_summary(expected, needed, unit=unit, aim=aim, obstacle=draft.obstacle, counts=among(tested)),
        tables=(_noted(parts, cautions), expected, needed),
        methods=_sample_size_words(needed, unit=unit, aim=aim) + " " + _methods(aim),
        result={
            "recipe": draft.recipe.name,
            "cohort": draft.cohort.name,
            "division": f"{method}{draft.cohort.split_kind}",
            "obstacle": draft.obstacle,
            **{table.name: table.records() for table in (parts, expected, needed)},
        },
    )


def dry_run(
    recipe: RecipeBase | Path | str,
    source: Cohort | Path | str,
    *,
    split_file: Path | None = None,
    progress: Progress = silent,
) -> Answer:
    """State what a run would train, how long on this machine, and what its test part can show; nothing is kept.

    Raises:
        SplitError: the cohort cannot be divided as the recipe asks for.
        CohortError, RecipeError, NetworkError, ImageError: as a run would.
    """
    with drafted(recipe, source, split_file=split_file, progress=progress) as draft:
        aim = Aim(confidence=draft.recipe.evaluation.confidence)
        draft.require_divided()
        effort = effort_of(draft, progress=progress)
        tables = [_noted(trials_table(effort), _effort_notes(draft, effort))] if effort.works else []
        tables += [_noted(parts_table(draft), _cautions(draft)), expected_table(draft, Counted.of(draft), aim)]
    return Answer(
        title=f"Dry run of the study {draft.recipe.name} on {draft.cohort.name}",
        summary=_effort_summary(effort),
        tables=tuple(tables),
        methods=_METHODS,
        result={
            "recipe": draft.recipe.name,
            "trials": len(effort.works),
            "seconds_at_least": effort.least,
            "seconds_at_most": effort.most,
            "bytes": effort.disk,
            **{table.name: table.records() for table in tables},
        },
    )


def _summary(expected: Table, needed: Table, *, unit: str, aim: Aim, obstacle: str, counts: str) -> str:
    first = needed.rows[0]
    area = expected.row(measure="AUC").get("all")
    cannot = f"The study cannot be run on this cohort: {obstacle} " if obstacle else ""
    shows = "no interval of an AUC can be given."
    if area is not None:
        low, high = area.low, area.high  # type: ignore[union-attr]
        shows = f"an AUC of {aim.auc:g} would have the interval {low:.2f} to {high:.2f}."
    return (
        f"{cannot}With {first['there']} {unit}, {shows} For one no wider than {aim.width:g}, {first['needed']} {unit} "
        f"are needed, {counts}."
    )


def _sample_size_words(needed: Table, *, unit: str, aim: Aim) -> str:
    asked = "; ".join(
        f"{str(row['aim'])[0].lower()}{str(row['aim'])[1:]}: {row.get('needed', 'none')}" for row in needed.rows
    )
    return (
        f"The number of {unit} was planned from the mix, the images of each and the divisions of the cohort ({asked}), "
        f"assuming a correlation of {aim.cluster_correlation:g} of the results of two images of one of the {unit}."
    )


def _methods(aim: Aim) -> str:
    readers = "" if aim.readers is None else " Readers were planned by the Obuchowski-Rockette model [hillis2011]."
    return _METHODS + readers


def _cautions(draft: Draft) -> list[str]:
    """Cautions on parts that are too small, and on patients who are not counted."""
    found = [f"The cohort cannot be divided: {draft.obstacle}"] if draft.obstacle else []
    if draft.setup is not None:
        found += small_parts(draft.cohort, draft.setup.split)
    left_out = [f"{item.count} images: {item.reason}" for item in draft.cohort.exclusions if item.count]
    if left_out:
        found.append(f"Left out, and not counted: {'; '.join(left_out)}.")
    found += filter(None, [joined_words(draft), _no_readers(draft)])
    if draft.cohort.split_kind != "patient-level":
        found.append(
            "Patients are unknown: groups hold near-duplicates alone, several may be of one patient, and the study can "
            "show less than it seems."
        )
    return found


def _no_readers(draft: Draft) -> str:
    """Caution of a study that sets networks against readers, on a cohort of which nobody's readings are recorded."""
    asked = getattr(draft.recipe, "readers", None)
    if asked is None or read_readers(draft.cohort.table, asked, label_sources=draft.cohort.label_sources)[0]:
        return ""
    return "No reader is recorded, by a column reader:NAME or tirads: tables against readers would be left out."


def _noted(table: Table, notes: list[str]) -> Table:
    return table.model_copy(update={"notes": (*table.notes, *filter(None, notes))})


def _effort_summary(effort: Effort) -> str:
    if not effort.works:
        return "No network would be trained on this cohort."
    count = "1 trial" if len(effort.works) == 1 else f"{len(effort.works)} trials"
    return f"{count}, {_span(effort)} on this machine, and about {_bytes(effort.disk)} on the disk."


def _span(effort: Effort) -> str:
    least, most = duration(effort.least), duration(effort.most)
    return most if least == most else f"{least} (if every training stops early) to {most}"


def _effort_notes(draft: Draft, effort: Effort) -> list[str]:
    stopping = any(work.least < work.most for work in effort.works)
    mirrored = any(trial.training.balance == "mirror" for trial in draft.trials)
    kept = any(trial.activations for trial in draft.trials)
    later = "Later trials depend on the results of earlier ones; they may become others of about the same cost."
    return [
        "Times are for one trial after the other on this machine, from three training steps of each kind of trial "
        f"({effort.measured}), measured now; other work on the machine makes them longer.",
        "Images are counted with the mirrored copies that make both classes equally frequent." if mirrored else "",
        "At least: every training stops as early as it may; at most: all epochs." if stopping else "",
        f"Reading and preparing {effort.prepared} images takes about {duration(effort.preparing)} of the time. "
        "Measures, heat maps and figures of the report come on top.",
        f"While trials run, about {_bytes(effort.passing)} more are taken for checkpoints"
        f"{' and kept activations' if kept else ''}.",
        later if draft.stages > 1 else "",
    ]


def _bytes(count: float) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(count / 1e6, 1):.0f} MB"
