"""The tables that follow from the finished networks; what cannot be had is left out and told by the caller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from thyrosight.cohort import UNKNOWN, Cohort, Split
from thyrosight.studies.elasticity_fusion.depths import Depths
from thyrosight.studies.elasticity_fusion.judging import Network, compare, means, nodules_of, row_of
from thyrosight.studies.elasticity_fusion.recipe import ONE_IMAGE, ElasticityFusionRecipe
from thyrosight.studies.elasticity_fusion.result import BestDepth, HiddenRow, PairComparison, PartCount, Row
from thyrosight.studies.elasticity_fusion.wording import row_title
from thyrosight.studies.evaluate import roc
from thyrosight.studies.result import Curve


@dataclass(frozen=True, eq=False)
class Found:
    """Every network that was trained in all divisions.

    Attributes:
        plain: without pretraining, by input.
        depths: by input, in rising depth.
        methods: in the order of Table VI.
        main: of the methods.
    """

    plain: Mapping[str, Sequence[Network]]
    depths: Depths
    methods: Sequence[Network]
    main: Network


def plain_rows(found: Found, recipe: ElasticityFusionRecipe, cohort: Cohort) -> dict[str, list[Row]]:
    """Tables I and II: every network against the first one."""
    units = nodules_of(cohort.table)
    return {
        shown: _table(networks, networks[0], recipe, units, to=networks[0].config.architecture)
        for shown, networks in found.plain.items()
    }


def depth_rows(
    found: Found, best: Sequence[BestDepth], recipe: ElasticityFusionRecipe, cohort: Cohort
) -> dict[str, list[Row]]:
    """Tables III and V: every depth against the one that the validation folds speak for."""
    units, chosen = nodules_of(cohort.table), {item.input: item.depth for item in best}
    tables = {}
    for shown, networks in found.depths.items():
        main = next(item for item in networks if item.config.depth == chosen[shown])
        tables[str(shown)] = _table(networks, main, recipe, units, to=f"{chosen[shown]} layers frozen")
    return tables


def method_rows(found: Found, recipe: ElasticityFusionRecipe, cohort: Cohort) -> list[Row]:
    """Table VI: every method against the main one, and late fusion against each kind of image with the same head."""
    units = nodules_of(cohort.table)
    rows = _table(found.methods, found.main, recipe, units, to=row_title(found.main.config, recipe))
    more = _fusion_against_singles(found.methods, recipe)
    return [row.model_copy(update={"against": [*row.against, *more.get(row.name, [])]}) for row in rows]


def _table(
    networks: Sequence[Network], main: Network, recipe: ElasticityFusionRecipe, units: "pd.Series[str]", *, to: str
) -> list[Row]:
    others = [item for item in networks if item is not main]
    family = f"{len(others)} row{'s' if len(others) != 1 else ''}"
    against = compare([(item.name, item.outcomes(), to, main.outcomes()) for item in others], recipe, family=family)
    return [row_of(item, recipe, units, main=item is main, against=against.get(item.name, ())) for item in networks]


def _fusion_against_singles(
    methods: Sequence[Network], recipe: ElasticityFusionRecipe
) -> dict[str, list[PairComparison]]:
    """Late fusion minus each kind of image alone, head by head."""
    by_place = {(item.config.head, item.config.input): item for item in methods}
    pairs = [
        (late.name, late.outcomes(), row_title(single.config, recipe), single.outcomes())
        for (head, shown), late in by_place.items()
        if shown == "late"
        for kind in ONE_IMAGE
        if (single := by_place.get((head, kind))) is not None
    ]
    return compare(pairs, recipe, family=f"{len(pairs)} comparisons of late fusion with one image")


def hidden_rows(found: Found, recipe: ElasticityFusionRecipe) -> list[HiddenRow]:
    """Methods that can do without one of the images, tested without it, against themselves with both."""
    able = [item for item in found.methods if item.config.input in ("mixed", "late")]
    cases = [(item, image) for item in able for image in ("elastogram", "b-mode")]
    against = compare(
        [(f"{item.name}/{image}", item.hidden(image), "both images", item.outcomes()) for item, image in cases],
        recipe,
        family=f"{len(cases)} rows",
    )
    return [
        HiddenRow(
            name=item.name,
            title=row_title(item.config, recipe),
            hidden=recipe.second_name if image == "elastogram" else "B-mode image",
            mean=means(item.hidden(image), recipe),
            against=against[f"{item.name}/{image}"],
        )
        for item, image in cases
    ]


def curves(found: Found, recipe: ElasticityFusionRecipe) -> dict[str, Curve]:
    """ROC curves of the methods with the main method's head, over the test predictions of all folds' networks."""
    return {
        item.config.input: roc(
            pd.concat([tested.judged.part("test") for tested in item.tested], ignore_index=True),
            options=recipe.evaluation,
            seed=recipe.seed,
        )
        for item in found.methods
        if item.config.head == found.main.config.head
    }


def part_counts(cohort: Cohort, split: Split) -> list[PartCount]:
    """Table IV: patients and images of each class in the training and the test part (of the first division)."""
    division = split.divisions[0]
    test = split.rows(cohort, division, "test")
    training = pd.concat([split.rows(cohort, division, "train"), split.rows(cohort, division, "validation")])
    whole = pd.concat([training, test])
    return [_count(name, rows) for name, rows in (("All", whole), ("Training", training), ("Test", test))]


def _count(name: str, rows: pd.DataFrame) -> PartCount:
    known = bool((rows["patient_id"] != UNKNOWN).all())
    per_class = {label: rows[rows["label"] == label] for label in ("malignant", "benign")}

    def patients(some: pd.DataFrame) -> int | None:
        return int(some["patient_id"].nunique()) if known else None

    return PartCount(
        part=name,
        patients=patients(rows),
        images=len(rows),
        malignant_patients=patients(per_class["malignant"]),
        malignant_images=len(per_class["malignant"]),
        benign_patients=patients(per_class["benign"]),
        benign_images=len(per_class["benign"]),
    )
