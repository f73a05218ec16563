"""The methods of a study in plain words, made from its facts and its recipe."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import yaml

from thyrosight.documents import Measure, Tile, p_text
from thyrosight.documents.cells import interval_with_level, write
from thyrosight.documents.columns import Kind
from thyrosight.inference import NOT_CALIBRATED
from thyrosight.statistics import calibration_name, rule_in_words
from thyrosight.studies.predictions import LEAST_VALIDATED
from thyrosight.studies.result import StudyFacts

_SOURCES = {
    "pathology": "pathology",
    "cytology": "cytology (fine-needle aspiration), not pathology",
    "TI-RADS": "TI-RADS categories as read by radiologists, not pathology",
    "unstated": "of unstated origin",
    "simulated": "simulated: no patient is behind them",
}

_NAMES = {
    "adam": "Adam",
    "adamw": "AdamW",
    "sgd": "stochastic gradient descent",
}

_SHAPES = {
    "square": "square, aspect ratio kept",
    "own": "in the nodule's own shape",
    "width square": "square as high as it is wide, aspect ratio kept, taller nodules cut",
}


def rule_words(rule: str) -> str:
    """How a cut-off is chosen, by the operating point of the recipe.

    >>> rule_words("youden"), rule_words("sensitivity>=0.95")
    ("by Youden's index", 'for a sensitivity of at least 0.95')
    """
    named = {
        "youden": "by Youden's index",
        "closest": "as the point of the ROC curve closest to perfection",
        "cost": "for the lowest expected cost",
    }
    if rule in named:
        return named[rule]
    kind, _, least = rule_in_words(rule).partition(" at least ")
    return f"for a {kind} of at least {least}"


def label_words(facts: StudyFacts) -> str:
    """The sources of the labels."""
    words = [_SOURCES.get(source, source) for source in facts.label_sources]
    return words[0] if len(words) == 1 else listed([one.removesuffix(", not pathology") for one in words])


def facts_line(facts: StudyFacts) -> tuple[str, ...]:
    """Label source, kind of split and numbers, which must stand beside every figure of the study."""
    if facts.readings is not None:
        return (
            f"Labels: {label_words(facts)}",
            "Nothing was trained, so that there is no split",
            f"{facts.readings.readings} readings of {facts.images} cases ({facts.benign} benign, {facts.malignant} "
            f"malignant) by {facts.readings.readers} readers, {facts.patients_text}",
        )
    return (
        f"Labels: {label_words(facts)}",
        f"Split: {facts.split_kind}",
        f"{facts.images} images ({facts.benign} benign, {facts.malignant} malignant), "
        f"{facts.groups} groups, {facts.patients_text}",
    )


def methods_rows(facts: StudyFacts, *more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """The methods as name and text, from the recipe with all its defaults; `more` stands before the paper."""
    recipe: Mapping[str, Any] = yaml.safe_load(facts.recipe_yaml) or {}
    training = recipe.get("training", {})
    rows = [
        (
            "Cohort",
            f"{facts.cohort.get('name', '')}: {facts.images} images, {facts.groups} groups, {facts.patients_text}",
        ),
        ("Labels", f"{label_words(facts)}. Policy: {facts.label_policy}"),
        ("Division", f"{facts.split_method}; {facts.split_kind}; seed {facts.seed}"),
        ("Preparation", preparation_words(recipe.get("preparation", {}))),
        ("Training", training_words(training)),
        ("Augmentation", augmentation_words(training.get("augmentation", {}))),
        ("Evaluation", evaluation_words(recipe.get("evaluation", {}), facts.parts)),
        *more,
        ("After the paper", facts.paper),
    ]
    return tuple((name, text) for name, text in rows if text)


def preparation_words(facts: Mapping[str, Any]) -> str:
    """How images are prepared, from that part of a recipe."""
    if not facts:
        return ""
    size, crop = facts.get("size"), facts.get("crop")
    margin = facts.get("margin") or {}
    value, unit = margin.get("value", 0), margin.get("unit", "pixels")
    around = ""
    if value and crop == "nodule":
        around = f" with {100 * value:g} % margin" if unit == "fraction" else f" with a margin of {value:g} {unit}"
    shape = _SHAPES.get(str(facts.get("shape")), str(facts.get("shape")))
    colour = "in colour" if facts.get("colour") == "rgb" else facts.get("colour")
    steps = [f"{crop}{around}, {shape}, {size} x {size} pixels, {colour}, padding {facts.get('padding')}"]
    if facts.get("scan_area"):
        steps.append("machine text and borders outside the scan area removed")
    if facts.get("text") == "removed":
        steps.append("text found in the scan area painted over")
    if facts.get("contrast") == "stretch":
        steps.append("grey levels of the scan area stretched from the 1st to the 99th percentile")
    return "; ".join(steps)


def training_words(facts: Mapping[str, Any]) -> str:
    """How networks are trained, from that part of a recipe."""
    if not facts:
        return ""
    loss = facts.get("loss") or {}
    name = str(loss.get("name", ""))
    detail = f" (gamma {loss.get('gamma')}, alpha {loss.get('alpha')})" if name == "focal" else ""
    optimiser = _NAMES.get(str(facts.get("optimiser")), facts.get("optimiser"))
    patience = facts.get("patience")
    stop = f", stopped after {patience} epochs without improvement" if patience else ""
    return (
        f"{optimiser}, learning rate {facts.get('learning_rate'):g}, {facts.get('schedule', 'constant')} "
        f"schedule, batches of {facts.get('batch_size')}, at most {facts.get('epochs')} epochs{stop}; "
        f"{name} loss{detail}; {facts.get('keep')} epoch kept; precision {facts.get('precision')}"
    )


def mask_loss_words(facts: Mapping[str, Any]) -> str:
    """The loss of networks that outline and tell classes, from that part of a recipe's training.

    >>> mask_loss_words({"cross_entropy": 1.0, "dice": 0.5, "gamma": 2, "classification": 1.0})
    '1 x focal loss (gamma 2) of the pixels + 0.5 x (1 - Dice) + 1 x the loss of the classes'
    """
    terms = []
    if facts.get("cross_entropy"):
        gamma = facts.get("gamma") or 0
        kind = f"focal loss (gamma {gamma:g})" if gamma else "cross-entropy"
        terms.append(f"{facts['cross_entropy']:g} x {kind} of the pixels")
    if facts.get("dice"):
        terms.append(f"{facts['dice']:g} x (1 - Dice)")
    return " + ".join([*terms, f"{facts.get('classification', 1):g} x the loss of the classes"]) if terms else ""


def augmentation_words(facts: Mapping[str, Any]) -> str:
    """How training images are altered at random, from that part of a recipe."""
    named = [
        f"{key.replace('_', ' ')} {value:g}" for key, value in facts.items() if isinstance(value, int | float) and value
    ]
    return ", ".join(named)


def small_validation(parts: Mapping[str, Mapping[str, int]]) -> bool:
    """Whether some division's validation part has too few groups to calibrate and to choose a cut-off.

    Args:
        parts: of `StudyFacts`: the fewest groups of each class in each part.
    """
    return min(parts.get("validation", {}).values(), default=LEAST_VALIDATED) < LEAST_VALIDATED


def evaluation_words(facts: Mapping[str, Any], parts: Mapping[str, Mapping[str, int]]) -> str:
    """How predictions are judged, from that part of a recipe and the sizes of the parts (`StudyFacts.parts`).

    >>> own = {"calibration": "none", "operating_point": "youden"}
    >>> evaluation_words(own, {})
    "risks as the networks gave them, not calibrated; operating point chosen (Youden's index) on the validation part;
    test part used once; 95 % intervals"
    >>> evaluation_words(own | {"calibration": "platt"}, {"validation": {"benign": 9, "malignant": 4}})
    "risks calibrated (Platt scaling, fitted to Platt's smoothed targets) and operating point chosen (Youden's index) on
    the validation part where that holds 5 groups of each class; elsewhere risks are the networks' own and the cut-off
    is 0.5; test part used once; 95 % intervals"
    """
    if "calibration" not in facts:
        return ""
    level = 100 * float(facts.get("confidence", 0.95))
    calibration, rule = (str(facts.get(key)) for key in ("calibration", "operating_point"))
    rule = rule_in_words(rule)
    small, told = small_validation(parts), f"test part used once; {level:g} % intervals"
    if calibration == NOT_CALIBRATED:
        where = f", where that holds {LEAST_VALIDATED} groups of each class, else 0.5" if small else ""
        return (
            f"risks as the networks gave them, not calibrated; operating point chosen ({rule}) on the validation part"
            f"{where}; {told}"
        )
    fitted = f"risks calibrated ({calibration_name(calibration)}) and operating point chosen ({rule})"
    if not small:
        return f"{fitted} on the validation part; {told}"
    return (
        f"{fitted} on the validation part where that holds {LEAST_VALIDATED} groups of each class; elsewhere risks are "
        f"the networks' own and the cut-off is 0.5; {told}"
    )


def classes_words(rows: pd.DataFrame) -> str:
    """How many rows of a cohort are of each class.

    >>> classes_words(pd.DataFrame({"label": ["benign", "malignant", "benign"]}))
    '2 benign, 1 malignant'
    """
    return ", ".join(f"{int((rows['label'] == label).sum())} {label}" for label in ("benign", "malignant"))


def listed(names: Sequence[str]) -> str:
    """Names in a sentence.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def in_words(measure: Measure | None, *, percent: bool = False) -> str:
    """A measure with its interval in running text.

    >>> in_words(Measure(value=0.36, low=0.21, high=0.53))
    '0.36 (95 % interval 0.21 to 0.53)'
    >>> in_words(Measure(value=0.36, low=0.21, high=0.53), percent=True)
    '36 % (95 % interval 21 to 53)'
    """
    shown = tile("", measure, percent=percent)
    return f"{shown.value} ({shown.below})" if shown.below else shown.value


def chance_words(area: Measure | None) -> str:
    """Says that an AUC cannot be told from guessing, where its interval includes 0.5; else nothing."""
    if area is None or area.low is None or area.high is None or not area.low <= 0.5 <= area.high:
        return ""
    return "The interval includes 0.5: this cannot be told from guessing."


def p_equals(p: float | None) -> str:
    """A P value behind the letter P.

    >>> p_equals(0.2), p_equals(0.00001)
    ('= 0.200', '< 0.001')
    """
    text = p_text(p)
    return text if p is None or text.startswith("<") else f"= {text}"


def tile(name: str, measure: Measure | None, *, digits: int = 2, percent: bool = False, signed: bool = False) -> Tile:
    """A measure in large type, with `digits` decimals, in percent or with its sign, and its interval below."""
    if measure is None or measure.value is None:
        return Tile(name=name, value="undefined")
    kind: Kind = "percent" if percent else "difference" if signed else "area"
    value = write(kind, measure.value, digits=0 if percent else digits)
    below = interval_with_level(measure, kind, digits=0 if percent else max(digits, 2))
    return Tile(name=name, value=f"{value} %" if percent else value, below=below)
