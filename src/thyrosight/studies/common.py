"""Steps that studies of every kind take: opening the cohort, checking networks, facts that every result states."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from thyrosight.cohort import UNKNOWN, Cohort, Split, flow_chart_steps, open_cohort, with_groups
from thyrosight.files import sha256_of_json
from thyrosight.networks import create
from thyrosight.studies.base import CohortOptions, FlowStep, RecipeBase
from thyrosight.studies.evaluate import RANDOM_START
from thyrosight.studies.limitations import limitations
from thyrosight.studies.software import software_versions

Progress = Callable[[str, int, int], None]


class AskedNetwork(Protocol):
    """What a recipe says of a network: its architecture and where its first weights come from."""

    @property
    def architecture(self) -> str: ...

    @property
    def weights(self) -> str: ...


def check_networks(networks: Iterable[AskedNetwork], *, size: int) -> None:
    """Find an unknown network, an unfit input size or absent weights now, not after hours of training.

    Raises:
        NetworkError: names the first problem.
    """
    for network in networks:
        create(network.architecture, weights=network.weights, input_size=size)


def grouped_cohort(options: CohortOptions, source: Cohort | Path | str, *, progress: Progress) -> Cohort:
    """Open a cohort and find its groups; a cohort that has them already is taken as it is.

    Raises:
        CohortError, ImageError: with one sentence each.
    """
    chosen: dict[str, Any] = dict(options.options)
    cohort = source if isinstance(source, Cohort) else open_cohort(source, **chosen)
    if "group" in cohort.table.columns:
        return cohort
    return with_groups(cohort, contradictions=options.contradictions, progress=progress)


def base_facts(recipe: RecipeBase, cohort: Cohort, split: Split, *, command: str) -> dict[str, Any]:
    """The fields of `ResultBase` that follow from recipe, cohort and division; all but kind, model, limitations and
    unfinished.

    A kind may replace any of them, for example `flow` by a flow chart of its own.
    """
    table = cohort.table
    known = table.loc[table["patient_id"] != UNKNOWN, "patient_id"]
    return {
        "recipe": recipe.name,
        "title": recipe.title,
        "paper": recipe.paper,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "seed": recipe.seed,
        "label_sources": list(cohort.label_sources),
        "label_policy": cohort.label_policy,
        "split_kind": split.kind,
        "split_method": split.method,
        "cohort": cohort.describe().model_dump(mode="json"),
        "cohort_digest": cohort.digest(),
        "split_digest": sha256_of_json(split.model_dump(mode="json")),
        "images": len(table),
        "groups": table["group"].nunique(),
        "patients": known.nunique() if len(known) == len(table) else None,
        "benign": int((table["label"] == "benign").sum()),
        "malignant": int((table["label"] == "malignant").sum()),
        "flow": [FlowStep(text=s.text, n=s.n, excluded=list(s.excluded)) for s in flow_chart_steps(cohort)],
        "recipe_yaml": recipe.to_yaml(),
        "software": software_versions(),
    }


def cohort_limitations(cohort: Cohort, split_kind: str, *, single_source: bool = True) -> list[str]:
    """What a reader must know before believing a result on this cohort."""
    groups = cohort.table.drop_duplicates("group")["label"].value_counts()
    return limitations(
        label_sources=list(cohort.label_sources),
        split_kind=split_kind,
        groups_benign=int(groups.get("benign", 0)),
        groups_malignant=int(groups.get("malignant", 0)),
        single_source=single_source,
    )


def random_starts(networks: Mapping[str, tuple[str, str]]) -> list[str]:
    """Say which networks were to start from ImageNet weights and could not.

    Args:
        networks: per title the weights that were asked for, and the start as it was (`NetworkResult.start`).

    >>> random_starts({"A": ("imagenet-if-present", "random weights"), "B": ("none", "random weights")})[0][:13]
    'A: ImageNet w'
    """
    titles = [
        title for title, (asked, start) in networks.items() if asked.startswith("imagenet") and start == RANDOM_START
    ]
    if not titles:
        return []
    return [
        f"{', '.join(titles)}: ImageNet weights were not on this machine, so training began from random weights, which "
        "costs accuracy; the command 'thyrosight models' lists them."
    ]
