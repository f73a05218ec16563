"""The words of a report on micronodules: result, methods, limitations, and what could not be done."""

from collections.abc import Sequence

from thyrosight.documents import Measure
from thyrosight.inference import NOT_CALIBRATED
from thyrosight.studies.analyses.lesion_set import AnalysedSet
from thyrosight.studies.base import Evaluation
from thyrosight.studies.kinds.micronodule.recipe import Recipe
from thyrosight.studies.result import StudyFacts
from thyrosight.studies.sentences import (
    chance_words,
    in_words,
    p_equals,
    preparation_words,
    rule_words,
    small_validation,
    training_words,
)
from thyrosight.studies.verdicts import better_or_worse, verdict

NOTHING = "Nothing was tested: no nodule is left on the side of the rule that is tested, and there is no other set."
_STATISTICS = (
    "cut-offs redefined in each set and subgroup; proportions compared by logistic regression with "
    "generalised estimating equations over patients; AUC by Obuchowski's method for clustered data; categories by "
    "linear trend, likelihood ratio and Akaike's criterion"
)


def said_of(found: AnalysedSet, *, first: bool, options: Evaluation) -> list[str]:
    """The result of network and readers on the first set."""
    item = found.item
    if not first:
        return []
    said = []
    if item.main:
        area = item.main["auc"]
        start = f"On {item.name} ({len(item.nodules)} nodules) {item.networks[0].title} had an AUC of"
        said += [f"{start} {in_words(area)}.", chance_words(area)]
        if area.high is not None and area.high < 0.5:
            said.append("It is below 0.5: the network orders these nodules the wrong way round.")
    for name, table in list(found.whole.readers.items())[:3]:
        row = table.row(quantity="auc")
        difference, p = row.get("difference"), row.get("p_corrected")
        against = ""
        if isinstance(difference, Measure):
            p_words = f" (corrected P {p_equals(p)})" if isinstance(p, float) else ""
            reached = verdict(difference, options, p=p if isinstance(p, float) else None)
            against = f"; {better_or_worse('the network', reached)}{p_words}"
        said.append(f"{name}: AUC {in_words(table.at(quantity='auc', column='reader'))}{against}.")
    return said


def limitations(recipe: Recipe, found: Sequence[AnalysedSet]) -> list[str]:
    """Limitations to know before believing the tables."""
    sentences = [
        "Cut-offs of the diagnostic tables are chosen on the nodules that they are judged by, as the paper does; this "
        "flatters network and readers alike. The tables with the operating point of the validation part do not."
    ]
    if any(one.whole.readers for one in found):
        simulated = any("simulated" in one.item.label_sources for one in found)
        sentences.append(
            "Readers are simulated; they say nothing about radiologists."
            if simulated
            else "What readers saw and knew of the patient is not recorded; the network saw one square of one image."
        )
    if recipe.images_per_nodule == "all":
        sentences.append("Several images of one nodule count as several; intervals keep those of one patient together.")
    return sentences


def unfinished(recipe: Recipe, warnings: Sequence[str], found: Sequence[AnalysedSet]) -> list[str]:
    """Parts of the paper that this study lacks, and why; printed before everything else."""
    sentences = list(warnings)
    if not recipe.by_size:
        sentences.append(
            "No size rule (sizes.rule: none): the study did not train on larger nodules and test on smaller ones. An "
            "ordinary division stands in, so nothing here speaks about micronodules."
        )
        if recipe.subgroups.at_most_mm is not None and not any(one.subgroups for one in found):
            sentences.append("Subgroups by size: left out, because no sizes are recorded.")
    without = [one.item.name for one in found if not one.whole.readers]
    if without:
        sentences.append(
            f"Comparison with readers: left out for {', '.join(without)}, because no usable reader's categories are "
            "recorded and none were computed; tables hold the network alone."
        )
    for one in found:
        name = one.item.name
        sentences += [f"{name}: {said}" for part in (one.whole, *one.subgroups) for said in part.missing]
        if recipe.by_size:
            sentences += [f"{name}: {note}" for note in one.notes if note.startswith("Subgroup")]
        sentences += [note for note in one.notes if "no box and no outline" in note]
    return sentences


def methods(recipe: Recipe, facts: StudyFacts, *, reference: str) -> tuple[tuple[str, str], ...]:
    """The methods as name and text."""
    mirrored = "mirrored left to right: exactly as many randomly drawn images of the smaller class as it lacks"
    rows = [
        ("Who trains, who is tested", size_rule(recipe)),
        ("Reference standard", reference),
        ("Division", f"{facts.split_method}; {facts.split_kind}; seed {facts.seed}"),
        ("Preparation", preparation_words(recipe.preparation.model_dump(mode="json"))),
        ("Training", training_words(recipe.training.model_dump(mode="json"))),
        ("Balance", mirrored if recipe.training.balance == "mirror" else "none"),
        ("Risk categories of the CNN", f"{recipe.categories.rule().text()}, from {_risk(recipe, facts)}"),
        ("Cut-offs", rule_words(recipe.statistics.operating_point)),
        ("Statistics", _STATISTICS),
        ("After the paper", facts.paper),
    ]
    return tuple((name, text) for name, text in rows if text)


def _risk(recipe: Recipe, facts: StudyFacts) -> str:
    fitted = recipe.evaluation.calibration != NOT_CALIBRATED and not small_validation(facts.parts)
    return "the calibrated risk" if fitted else "the network's own risk, not calibrated"


def size_rule(recipe: Recipe) -> str:
    """Who trains and who is tested, in words."""
    if not recipe.by_size:
        return "no size rule: an ordinary division by patient or group stands in for training on larger nodules"
    return f"trained on nodules of at least {recipe.limit}, tested on smaller ones"
