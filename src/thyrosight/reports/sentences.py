"""What a study found and did, in plain words made from its result."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from thyrosight.studies import ResultBase, StudyResult

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
    "platt": "Platt scaling",
    "temperature": "temperature scaling",
    "isotonic": "isotonic regression",
    "beta": "beta calibration",
    "none": "not at all",
    "youden": "Youden's index",
    "closest": "closest to the perfect corner",
}


def label_words(result: "ResultBase") -> str:
    """Where the labels came from."""
    return " and ".join(_SOURCES.get(source, source) for source in result.label_sources)


def key_result(result: "StudyResult") -> str:
    """The result in two or three sentences: measure, interval, size, and whether chance is excluded."""
    main, auc = result.main, result.main.mean.get("auc")
    divisions = len(main.divisions)
    many = "one division" if divisions == 1 else f"{divisions} divisions"
    if auc is None or auc.value is None:
        return f"The AUC of {main.title} is not defined on the test parts of {many}."
    interval = "" if auc.low is None or auc.high is None else f" (95 % interval {auc.low:.2f} to {auc.high:.2f})"
    spread = "" if auc.spread is None else f"; it varied by {auc.spread:.2f} (standard deviation) between divisions"
    chance = ""
    if auc.low is not None and auc.high is not None and auc.low <= 0.5 <= auc.high:
        chance = " The interval includes 0.5: this cannot be told from guessing."
    return (
        f"On images kept out of training, {main.title} told nodules labelled malignant from those labelled benign "
        f"with a mean AUC of {auc.value:.2f}{interval} over {many}{spread}.{chance} {comparison_words(result)}"
    ).strip()


def comparison_words(result: "StudyResult") -> str:
    """How the comparators stand to the main network, by their corrected P values."""
    compared = [(n.title, n.against_main) for n in result.networks if n.against_main]
    if not compared:
        return ""
    better = [t for t, c in compared if c and c.p_corrected < 0.05 and c.difference > 0]
    worse = [t for t, c in compared if c and c.p_corrected < 0.05 and c.difference < 0]
    found = []
    if better:
        found.append(f"{_list(better)} did significantly better")
    if worse:
        found.append(f"{_list(worse)} did significantly worse")
    rest = [t for t, _ in compared if t not in better and t not in worse]
    if rest:
        found.append(f"{_list(rest)} did not differ significantly")
    return "; ".join(found) + " (corrected for the number of comparators)."


def faithfulness(result: "StudyResult") -> str:
    """What the deletion test says of the heat maps; empty where it was not made."""
    found = result.explanations
    if found is None or found.deletion is None or found.deletion.value is None:
        return ""
    item = found.deletion
    start = (
        f"Deletion test on {found.explained} test images: removing the hottest pixels first instead of pixels in "
        f"random order changed the score by {item.value:+.3f} on average"
    )
    if item.low is None or item.high is None:
        return start + "."
    interval = f" (95 % interval {item.low:+.3f} to {item.high:+.3f})."
    if item.high < 0:
        return start + interval + " It fell: the maps point at what the network uses."
    if item.low > 0:
        return start + interval + " It rose: the maps do not point at what the network uses; do not rely on them."
    return start + interval + " This does not show that the maps point at what the network uses; do not rely on them."


def facts_line(result: "ResultBase") -> list[str]:
    """What must stand beside every figure of the study."""
    patients = "patients unknown" if result.patients is None else f"{result.patients} patients"
    return [
        f"Labels: {label_words(result)}",
        f"Split: {result.split_kind}",
        f"{result.images} images ({result.benign} benign, {result.malignant} malignant), "
        f"{result.groups} groups, {patients}",
    ]


def methods_rows(result: "StudyResult") -> list[tuple[str, str]]:
    """The methods as name and text, from the recipe with all its defaults."""
    recipe: Mapping[str, Any] = yaml.safe_load(result.recipe_yaml) or {}
    patients = "patients unknown" if result.patients is None else f"{result.patients} patients"
    rows = [
        ("Cohort", f"{result.cohort.get('name', '')}: {result.images} images, {result.groups} groups, {patients}"),
        ("Labels", f"{label_words(result)}. Policy: {result.label_policy}"),
        ("Division", f"{result.split_method}; {result.split_kind}; seed {result.seed}"),
        ("Preparation", preparation_words(recipe.get("preparation", {}))),
        ("Training", training_words(recipe.get("training", {}))),
        ("Augmentation", _augmentation(recipe.get("training", {}).get("augmentation", {}))),
        ("Evaluation", _evaluation(recipe.get("evaluation", {}))),
    ]
    if result.explanations:
        rows.append(("Explanation", result.explanations.method))
    if result.paper:
        rows.append(("After the paper", result.paper))
    return [(name, text) for name, text in rows if text]


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
    shape = "square, aspect ratio kept" if facts.get("shape") == "square" else str(facts.get("shape"))
    cut = "; machine text and borders outside the scan area removed" if facts.get("scan_area") else ""
    return (
        f"{crop}{around}, {shape}, {size} x {size} pixels, {facts.get('colour')}, padding {facts.get('padding')}{cut}"
    )


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


def _augmentation(facts: Mapping[str, Any]) -> str:
    named = [
        f"{key.replace('_', ' ')} {value:g}" for key, value in facts.items() if isinstance(value, int | float) and value
    ]
    return ", ".join(named)


def _evaluation(facts: Mapping[str, Any]) -> str:
    if not facts:
        return ""
    level = 100 * float(facts.get("confidence", 0.95))
    names = [str(facts.get(key)) for key in ("calibration", "operating_point")]
    calibration, rule = (_NAMES.get(name, name) for name in names)
    return (
        f"risks calibrated ({calibration}) and operating point chosen ({rule}) on the "
        f" validation part; test part used once; {level:g} % intervals"
    )


def _list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
