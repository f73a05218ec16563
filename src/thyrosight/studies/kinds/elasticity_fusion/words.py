"""Words of a study of fusion: the main method, the gain by fusion, the choice of depths, the cases left out."""

from typing import Any

from thyrosight.documents import FlowStep, Table, with_interval
from thyrosight.studies.analyses.pairs import has_second
from thyrosight.studies.kinds.elasticity_fusion.recipe import BEST, HEAD_NAMES, HEADS, INPUTS
from thyrosight.studies.kinds.elasticity_fusion.study import Study
from thyrosight.studies.limitations import random_starts
from thyrosight.studies.sentences import chance_words, classes_words, in_words, listed, methods_rows, preparation_words
from thyrosight.studies.tested import RANDOM_START


def main_words(study: Study) -> list[str]:
    line, area = study.line, study.line.mean["auc"]
    return [
        f"{line.title} ({study.main.title}, {line.configuration.depth} convolution layers frozen): mean AUC "
        f"{in_words(area)} over {area.divisions} networks on {len(study.test)} test images.",
        chance_words(area),
    ]


def gain_words(study: Study, fusion: Table | None) -> str:
    """The gain of late fusion over each kind of image, with the main head."""
    head = study.line.configuration.head
    late = [item for item in study.methods if (item.configuration.input, item.configuration.head) == ("late", head)]
    words = []
    for row in fusion.rows if fusion and late else ():
        gain: Any = row["difference"]
        if row["title"] == late[0].title:
            words.append(f"against {row['minus']} {with_interval(gain, 'points')}, {row['verdict']}")
    return f"Difference in AUC of {late[0].title}, in points of per cent: {'; '.join(words)}." if words else ""


def depth_words(study: Study) -> str:
    """Whether the validation folds choose a depth; inputs with the same answer stand together."""
    said: dict[str, list[str]] = {}
    for name, item in study.best.items():
        said.setdefault(item.words, []).append(name)
    return " ".join(f"Frozen layers, {listed(names)}: {words}" for words, names in said.items())


def facts_rows(study: Study) -> tuple[tuple[str, str], ...]:
    facts, recipe = study.finished.facts, study.recipe
    second = recipe.pair("own").second.model_dump(mode="json")
    sized = ", ".join(f"{key} {value}" for key, value in recipe.any_size.items())
    return methods_rows(
        facts,
        (study.name("elastogram"), preparation_words(second)),
        ("Heads of any size", f"images for SPP and GAP: {sized or 'the same square'}"),
        ("Network", f"{study.main.title}, first weights: {study.main.start}"),
        ("Frozen layers", choice(study)),
        ("Sweep", f"{len(study.finished.outcomes)} trials, engine {facts.engine}"),
    )


def choice(study: Study) -> str:
    """How the depths of the methods came about."""
    recipe, plan = study.recipe, study.plan
    if recipe.freeze.chosen != BEST:
        return f"The recipe fixes the depth of every method at {recipe.freeze.chosen} frozen layers."
    named = "; ".join(f"{study.name(shown).removesuffix(' image')} {depth}" for shown, depth in plan.chosen.items())
    rest = [study.name(shown) for shown in plan.chosen if shown not in plan.best]
    where = f" {' and '.join(rest)} take the depth that is best on average over the kinds of image." if rest else ""
    return (
        f"Each method freezes as many layers as have the best mean AUC on the validation folds ({named}).{where} The "
        "test part had no say."
    )


def flow(study: Study) -> list[FlowStep]:
    """The flow chart; at its end who is trained with, and who is tested."""
    second, table, test = study.recipe.second, study.cohort.table, study.test
    pairs, tested = (int(has_second(rows, second).sum()) for rows in (table, test))
    without = len(test) - tested
    labels = ", ".join(study.cohort.label_sources)
    kind = "an elastogram" if second.source == "elastogram" else "a second view"
    return [
        *study.finished.facts.flow[:-1],
        FlowStep(
            text=f"Images used: {classes_words(table)} (labels: {labels}); {pairs} with {kind}",
            n=len(table),
            excluded=((f"training and validation ({len(study.split.divisions)} folds)", len(table) - len(test)),),
            aside="to training",
        ),
        FlowStep(
            text=f"Images of the held-out test part: {classes_words(test)}",
            n=len(test),
            excluded=(("without an elastogram", without),) if without else (),
            aside="not tested",
        ),
        FlowStep(text="Pairs tested by every fold's network", n=tested),
    ]


def limitations(study: Study) -> list[str]:
    found = [
        f"The {len(study.split.divisions)} networks of a row share one test part: their standard "
        "deviation tells how much training varies, the interval how much other patients would have changed the mean."
    ]
    if study.main.start == RANDOM_START:
        found.append(
            "The network started from random weights: frozen layers hold random filters, and nothing was transferred. "
            "What is said of depths is about random filters, not about transfer learning."
        )
    if study.recipe.second.source == "image":
        found.insert(
            0,
            "The second image is another view of the same B-mode image. This run exercises training on pairs; it says "
            "nothing about elastography.",
        )
    return found


def unfinished(study: Study) -> list[str]:
    """Sentences on parts left undone, beside failed trials, the model and the figures."""
    recipe, table = study.recipe, study.cohort.table
    told = random_starts({study.main.title: study.main})
    alone = len(table) - int(has_second(table, recipe.second).sum())
    if alone:
        told.append(
            f"{alone} of {len(table)} images have no elastogram: networks for the B-mode image, mixed training and "
            "late fusion learn from them, the others do not; only pairs are tested."
        )
    absent = [HEAD_NAMES[head] for head in HEADS if head not in recipe.methods.heads]
    absent += [study.name(item) for item in INPUTS if item not in recipe.methods.inputs]
    if absent:
        told.append(f"Methods left out by the recipe: {', '.join(absent)}.")
    return told
