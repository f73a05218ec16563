"""Run a micronodule study: select, train on one side of the size rule, test on the other and on external sets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from thyrosight.cohort import Cohort, Split, open_cohort
from thyrosight.errors import ImageError, SplitError
from thyrosight.files import write_json
from thyrosight.networks import architectures
from thyrosight.studies.common import (
    base_facts,
    check_networks,
    cohort_limitations,
    grouped_cohort,
    random_starts,
)
from thyrosight.studies.divisions import keep_split, split_source
from thyrosight.studies.evaluate import mean_history, start_of
from thyrosight.studies.external import open_external
from thyrosight.studies.micronodule.diagnosis import diagnose, network_judgements
from thyrosight.studies.micronodule.examples import choose_examples, choose_worst, picture
from thyrosight.studies.micronodule.model import save_main
from thyrosight.studies.micronodule.networks import Trained, train_networks
from thyrosight.studies.micronodule.recipe import MicronoduleRecipe
from thyrosight.studies.micronodule.result import MicronoduleResult, Picture, TestSet, TrainedNetwork
from thyrosight.studies.micronodule.selection import Selection, require_sizes, select
from thyrosight.studies.micronodule.sets import Tested
from thyrosight.studies.micronodule.tables import write_tables
from thyrosight.studies.micronodule.tested import External, external_set, part_off_sites, tested_rows
from thyrosight.studies.units import Plan
from thyrosight.studies.workspace import Workspace
from thyrosight.studies.writing import write_arrays
from thyrosight.training import prepare_set

Progress = Callable[[str, int, int], None]
PICTURES = "pictures.npz"


@dataclass(frozen=True, eq=False)
class _Sets:
    """What was selected: the study's cohort and the external sets."""

    selection: Selection
    externals: list[External]
    workspace: Workspace


def run_micronodule(
    recipe: MicronoduleRecipe,
    source: Cohort | Path | str,
    out: Path | str,
    *,
    progress: Progress,
    split_file: Path | None = None,
    command: str = "",
) -> MicronoduleResult:
    """Run a micronodule study and leave everything in the folder `out`; see `run_study` for the arguments.

    Raises:
        CohortError, SplitError, RecipeError, NetworkError, ImageError, OutputError: with one sentence each.
    """
    check_networks(recipe.networks, size=recipe.preparation.size)
    whole = grouped_cohort(recipe.cohort, _opened(recipe, source), progress=progress)
    within, sites = part_off_sites(whole, recipe)
    selection = select(within, recipe)
    workspace = Workspace(Path(out), recipe, cohort=selection.cohort.digest())
    selection = _with_stored_split(selection, workspace, split_file)
    externals = _externals(recipe, selection.cohort, sites, workspace, progress)
    sets = _Sets(selection, externals, workspace)
    plan = _plan(recipe, sets, progress) if selection.trainable else None
    networks = train_networks(plan, externals) if plan else {}
    tested = _tested_sets(recipe, sets, networks)
    result = _result(recipe, sets, plan, networks, tested, command=command)
    write_json(workspace.folder / "results.json", result.model_dump(mode="json"))
    write_tables(result, workspace.folder / "tables")
    return result


def _opened(recipe: MicronoduleRecipe, source: Cohort | Path | str) -> Cohort:
    """Open the cohort, and find what is wrong with it or an external set now, before minutes of comparing images."""
    options: dict[str, Any] = dict(recipe.cohort.options)
    cohort = source if isinstance(source, Cohort) else open_cohort(source, **options)
    require_sizes(cohort, recipe)
    for item in recipe.external:
        open_cohort(item.cohort, **dict[str, Any](item.options))
    return cohort


def _with_stored_split(selection: Selection, workspace: Workspace, file: Path | None) -> Selection:
    """Take the division that the user gives, or that an earlier run left, in place of the one just made."""
    source = split_source(workspace, file)
    split = selection.split
    if source is not None:
        stored = Split.load(source)
        if stored != split:
            stored.check(selection.cohort)
            if len(stored.divisions) != 1:
                raise SplitError(f"{source} holds {len(stored.divisions)} divisions; this kind of study takes one.")
            split = stored
    keep_split(split, selection.cohort, workspace, source=source)
    return replace(selection, split=split)


def _externals(
    recipe: MicronoduleRecipe,
    training: Cohort,
    sites: Sequence[tuple[str, Cohort]],
    workspace: Workspace,
    progress: Progress,
) -> list[External]:
    """Sites of the cohort first, then further cohorts."""
    found = [external_set(name, part, recipe) for name, part in sites]
    for item in recipe.external:
        cache = workspace.folder / "external" / f"{item.title}.json"
        cohort = open_external(item, recipe, training, cache=cache, progress=progress)
        found.append(external_set(item.title, cohort, recipe))
    return found


def _plan(recipe: MicronoduleRecipe, sets: _Sets, progress: Progress) -> Plan:
    cohort = sets.selection.cohort
    prepared = prepare_set(
        cohort.table,
        recipe.preparation,
        cache=sets.workspace.cache,
        progress=lambda _, done, total: progress("Preparing images", done, total),
    )
    return Plan(recipe, cohort, sets.selection.split, prepared, sets.workspace, progress)


def _tested_sets(recipe: MicronoduleRecipe, sets: _Sets, networks: Mapping[str, Trained]) -> list[tuple[Tested, str]]:
    """Every tested set with the name of its part among predictions."""
    selection = sets.selection
    split = selection.split
    rows = split.rows(selection.cohort, split.divisions[0], "test")
    found: list[tuple[Tested, str]] = []
    if len(rows):
        own = Tested(
            selection.cohort.name,
            tested_rows(selection.cohort, rows["key"]),
            selection.flow(recipe),
            recipe,
            external=False,
        )
        found.append((own, "test"))
    for item in sets.externals:
        outside = Tested(item.name, tested_rows(item.cohort), item.flow, recipe, external=True, notes=item.notes)
        found.append((outside, item.part))
    main = next(iter(networks.values()), None)
    if main is not None:
        for tested, part in found:
            tested.with_network(main, part)
    return found


def _result(
    recipe: MicronoduleRecipe,
    sets: _Sets,
    plan: Plan | None,
    networks: Mapping[str, Trained],
    tested: Sequence[tuple[Tested, str]],
    *,
    command: str,
) -> MicronoduleResult:
    selection, main = sets.selection, next(iter(networks.values()), None)
    found = [item.result(networks, part, recipe, split_kind=selection.split.kind) for item, part in tested]
    titles = {name: architectures()[name].title for name in networks}
    asked = {network.architecture: network.weights for network in recipe.networks}
    starts = {titles[name]: (asked[name], start_of(item.unit.spec)) for name, item in networks.items()}
    examples, worst, problems = _pictures(recipe, tested, sets.workspace.folder / PICTURES)
    facts: dict[str, Any] = base_facts(recipe, selection.cohort, selection.split, command=command)
    facts["flow"] = found[0].flow if found and not found[0].external else selection.flow(recipe)
    return MicronoduleResult(
        **facts,
        size_rule=_size_rule(recipe),
        reference=selection.reference,
        readers_note=list(dict.fromkeys(note for item, _ in tested for note in item.notes)),
        categories_rule=recipe.categories.rule().text(),
        networks=[_trained(item, recipe) for item in networks.values()],
        sets=found,
        examples=examples,
        worst=worst,
        model=save_main(plan, main) if plan and main else None,
        limitations=[
            *cohort_limitations(selection.cohort, selection.split.kind, single_source=not sets.externals),
            *_own_limitations(recipe, found),
        ],
        unfinished=[*_left_out(recipe, selection, found), *random_starts(starts), *problems],
    )


def _size_rule(recipe: MicronoduleRecipe) -> str:
    """Who trains and who is tested, in words."""
    if recipe.sizes.rule == "none":
        return "no size rule: an ordinary division by patient or group stands in for training on larger nodules"
    limit = f"{recipe.sizes.train_from_mm:g} mm"
    return f"trained on nodules of at least {limit}, tested on smaller ones"


def _left_out(recipe: MicronoduleRecipe, selection: Selection, found: Sequence[TestSet]) -> list[str]:
    """What the paper has and this study has not, and why; printed before everything else."""
    sentences = list(selection.warnings)
    if recipe.sizes.rule == "none":
        sentences.append(
            "No size rule (`sizes.rule: none`): the study did not train on larger nodules and test on smaller ones. An "
            "ordinary division stands in, so nothing here speaks about micronodules."
        )
        if recipe.subgroups.at_most_mm is not None and all(not item.subgroups for item in found):
            sentences.append("Subgroups by size: left out, because no sizes are recorded.")
    without = [item.name for item in found if not item.analysis.readers]
    if without:
        sentences.append(
            f"Comparison with readers: left out for {', '.join(without)}, because no usable reader's categories are "
            "recorded and none were computed; tables hold the network alone."
        )
    for item in found:
        parts = (item.analysis, *item.subgroups)
        sentences += [f"{item.name}: {sentence}" for part in parts for sentence in part.missing]
        if recipe.sizes.rule != "none":
            sentences += [f"{item.name}: {note}" for note in item.notes if note.startswith("Subgroup")]
        sentences += [note for note in item.notes if "no box and no outline" in note]
    return sentences


def _own_limitations(recipe: MicronoduleRecipe, found: Sequence[TestSet]) -> list[str]:
    sentences = [
        "Cut-offs of the diagnostic tables are chosen on the nodules that they are judged by, as the paper does; this "
        "flatters network and readers alike. The tables with the operating point of the validation part do not."
    ]
    if any(item.analysis.readers for item in found):
        sentences.append(
            "Readers saw whole examinations and knew of the patient; the network saw one square of one image."
        )
    if recipe.images_per_nodule == "all":
        sentences.append("Several images of one nodule count as several; intervals keep those of one patient together.")
    return sentences


def _trained(item: Trained, recipe: MicronoduleRecipe) -> TrainedNetwork:
    record, options = item.unit.record, item.unit.network
    entry = architectures()[options.architecture]
    validation = item.predictions.part("validation")
    return TrainedNetwork(
        architecture=entry.name,
        title=entry.title,
        role=options.role,
        start=start_of(item.unit.spec),
        parameters=record["parameters"],
        seconds=record["seconds"],
        train=record["train"],
        mirrored=len(record.get("mirrored", ())),
        validation=len(validation),
        threshold=item.predictions.threshold,
        best_epoch=record["best_epoch"],
        history=mean_history([record["history"]]),
        validated=diagnose(
            network_judgements(validation),
            recipe.evaluation,
            seed=recipe.seed,
            threshold=item.predictions.threshold,
            chosen_on="these nodules",
        ).measures,
    )


def _pictures(
    recipe: MicronoduleRecipe, tested: Sequence[tuple[Tested, str]], path: Path
) -> tuple[list[Picture], list[Picture], list[str]]:
    """Examples and worst errors of the first set; their frames go into `path`."""
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    found: list[list[Picture]] = [[], []]
    problems = []
    if tested:
        first = tested[0][0]
        nodules, readings = first.nodules, first.readings
        chosen = (choose_examples(nodules, readings, recipe), choose_worst(nodules, recipe.examples.worst))
        for place, rows in enumerate(chosen):
            for row, why in rows:
                try:
                    item, pixels = picture(nodules, row, why, readings, recipe)
                except ImageError as error:
                    problems.append(f"An example could not be shown: {error}")
                    continue
                found[place].append(item)
                arrays[f"{item.key}/pixels"] = pixels
    write_arrays(arrays, path)
    return found[0], found[1], problems
