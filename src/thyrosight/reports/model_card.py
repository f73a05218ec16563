"""The model card: what a bundle is, where it came from, how good it is and what it must not be used for."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from thyrosight.documents.translation import Say
from thyrosight.inference.views import SINGLE
from thyrosight.intervals import limits_in_words, value_in_words
from thyrosight.languages import say, speaking, translator
from thyrosight.reports.markdown import Grid, Part, in_markdown
from thyrosight.statistics import calibration_name, rule_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from thyrosight.inference import BundleInfo, MaskPoint
    from thyrosight.inference.shipped import Measured

_NAMES = {
    "auc": "AUC",
    "dice": "Dice",
    "balanced_accuracy": "Balanced accuracy",
    "accuracy": "Accuracy",
    "recall": "Recall (sensitivity)",
    "specificity": "Specificity",
    "precision": "Precision (PPV)",
    "f1": "F1",
    "ece": "Expected calibration error",
    "slope": "Calibration slope",
    "intercept": "Intercept in the large",
}


def model_card(
    info: "BundleInfo", *, model_hash: str, measured: "Sequence[Measured]" = (), language: str = "en"
) -> str:
    """A model card in Markdown, made from what the bundle itself says, and what was measured after it was made.

    Args:
        info: what the bundle says.
        model_hash: its hash.
        measured: what was measured of it later.
        language: one of `thyrosight.languages.LANGUAGES`.

    Raises:
        LanguageError: there are no cards in that language.
    """
    with speaking(language):
        return card_in_words_of(info, translator(language), model_hash=model_hash, measured=measured)


def card_in_words_of(info: "BundleInfo", said: Say, *, model_hash: str, measured: "Sequence[Measured]" = ()) -> str:
    """The card with `said` done to every text that a reader sees."""
    title = say("{0} trained on {1}", info.spec.architecture, said(info.cohort["name"]))
    head = f"# {title}\n\n**{said(info.research_use)}**\n\n"
    return head + in_markdown(_parts(info, model_hash, measured), said)


def _parts(info: "BundleInfo", model_hash: str, measured: "Sequence[Measured]") -> list[Part]:
    return [
        ("What it does", f"{_task(info)} Labels: {info.label_source}; the model can be no better than they are."),
        ("Data", _data(info)),
        *_metrics(info.metrics),
        *_measured(measured),
        ("How it decides", _decision(info)),
        *_recalibration(info),
        ("Origin", _origin(info, model_hash)),
        (
            "Limits",
            "Not validated on other scanners, hospitals or populations than those of the cohort above. It sees "
            f"{_unseen(info)}. It must not decide about a patient.",
        ),
    ]


def _reads_elastograms(info: "BundleInfo") -> bool:
    return info.pair is not None and info.pair.second_from == "elastogram"


def _images(info: "BundleInfo") -> str:
    return "a B-mode ultrasound image and its elastogram" if _reads_elastograms(info) else "a B-mode ultrasound image"


def _task(info: "BundleInfo") -> str:
    """Describe the model's answer for an image, by its task."""
    risk, outline = f"the probability that a nodule on {_images(info)} is malignant", "the outlines of lesions"
    if info.spec.task == "segmentation":
        return f"Draws {outline} on {_images(info)}; it tells no classes apart."
    return f"Gives {risk}{f', and {outline}' if info.masks is not None else ''}."


def _unseen(info: "BundleInfo") -> str:
    if _reads_elastograms(info):
        return "one still image and its elastogram: no patient history, no Doppler"
    return "one still image: no patient history, no Doppler, no elastography"


def _size(info: "BundleInfo") -> str:
    size = info.spec.input_size
    if info.preparation.shape == "own":
        return f"its own aspect ratio and resolution, sides of at most {size} pixels"
    return f"{size} x {size} pixels"


def _fusion(info: "BundleInfo") -> str | None:
    """How a network of pairs reads them, and what it does where one is absent."""
    if info.pair is None:
        return None
    second = "elastogram" if _reads_elastograms(info) else "a second view of the image itself"
    if info.spec.fusion == "early":
        return f"B-mode image and {second}, joined before the first layer; both must be there"
    how = "one network for both" if info.spec.fusion == "mixed" else "two extractors, joined before the classifier"
    return f"B-mode image and {second}, {how}; where one is absent, the other alone is used and the result says so"


def _data(info: "BundleInfo") -> dict[str, Any]:
    cohort = info.cohort
    return {
        "Cohort": f"{cohort['name']} (hash `{cohort['digest']}`)",
        "Label source": info.label_source,
        "Label policy": cohort.get("label_policy"),
        "Split": cohort["split_kind"],
        "Division": cohort.get("division"),
        "Images": _counts(cohort.get("images")),
        **_described(cohort.get("description")),
    }


def _described(description: Any) -> dict[str, Any]:
    """Whom the whole cohort held, what was left out of it, and what is to be known of it."""
    if not isinstance(description, Mapping):
        return {}
    counts, patients = description.get("by_label") or {}, description.get("patients")
    out = [f"{item['reason']} ({len(item['images'])})" for item in description.get("exclusions") or ()]
    return {
        "Whole cohort": ", ".join(
            [*(f"{n} {label}" for label, n in counts.items()), f"{patients or 'unknown'} patients"]
        ),
        "Left out": "; ".join(out),
        "Notes": "; ".join(description.get("notes") or ()),
    }


def _recalibration(info: "BundleInfo") -> list[Part]:
    """On whom the calibration was fitted anew, and what that repaired; nothing where it was not."""
    record = info.recalibration
    if record is None:
        return []
    rows = tuple(
        (_NAMES.get(name, name), _with_interval(before), _with_interval(record["after"][name]))
        for name, before in record["before"].items()
    )
    facts = {
        "Cases": f"{record['images']} images ({record['malignant']} malignant, {record['groups']} groups) of "
        f"{record['cohort']} (hash `{record['digest']}`)",
        "Label source": record["label_source"],
        "Groups": record["split_kind"],
        "Made from": f"the model with hash `{record['parent']}`, whose weights it has",
    }
    head = ("Measure", "Old calibration", "New, out of fold")
    return [("Calibration fitted anew", facts), ("", Grid(head, rows))]


def _measured(rows: "Sequence[Measured]") -> list[Part]:
    """Section with the table of measurements made after the model; empty where there is none."""
    if not rows:
        return []
    head = ("On", "Truth there", "Measure", "Value (95 % interval)", "Frames", "Groups")
    found = tuple((r.on, r.labels, r.what, r.figure, str(r.n), str(r.groups or "-")) for r in rows)
    return [("Measured after it was made", Grid(head, found))]


def _with_interval(found: Mapping[str, Any]) -> str:
    return value_in_words(*(found.get(key) for key in ("value", "low", "high")))


def _decision(info: "BundleInfo") -> dict[str, Any]:
    point, masks = info.operating_point, info.masks
    given = {"Input": f"{_size(info)}; crop: {info.preparation.crop}", "Images": _fusion(info)}
    if info.views != SINGLE:
        given["Windows"] = f"{info.views.title}; the network's answers are averaged before calibration"
    if masks is not None:
        dice = "" if masks.dice is None else f"; mean Dice there {masks.dice:.3f}"
        given["Outlines"] = f"pixels from a probability of {masks.threshold:g} ({masks.rule}), {masks.chosen_on}{dice}"
        given["Counts as none"] = _none_rule(masks)
    told = info.familiarity
    if told is not None:
        seen = f"{told.images} images in {told.groups} groups"
        given["Tells images unlike its training"] = (
            f"{'; '.join(one.name for one in told.measures)}; {told.rule} ({seen})"
        )
    if info.spec.task == "segmentation":
        return given
    rule = point.rule_in_words
    from_risk = f"malignant from a calibrated risk of {point.threshold:.4f} ({rule})"
    if not info.calibrated:
        from_risk = f"malignant from a risk, not calibrated, of {point.threshold:.4f} ({rule})"
    return given | {
        "Calibration": calibration_name(info.calibration_method),
        "Operating point": from_risk,
        "Chosen on": point.chosen_on,
        "Other thresholds, chosen there": _other_points(info),
    }


def _other_points(info: "BundleInfo") -> str:
    """Thresholds of other rules, which the model does not use itself."""
    points = info.metrics.get("operating points") or ()
    return "; ".join(
        f"{one['threshold']:.4f} ({rule_in_words(one['rule'])}: sensitivity {one['sensitivity']:.3f}, specificity "
        f"{one['specificity']:.3f})"
        for one in points
        if one["rule"] != info.operating_point.rule
    )


def _none_rule(masks: "MaskPoint") -> str | None:
    """Which finds of a model that looks for nodules count as none."""
    small = f"covers less than {masks.least_share:.2%} of the scan area" if masks.least_share else None
    unsure = f"has a mean probability below {masks.least_probability:g}" if masks.least_probability else None
    return "a lesion that " + " or ".join(filter(None, (small, unsure))) if small or unsure else None


def _origin(info: "BundleInfo", model_hash: str) -> dict[str, Any]:
    return {
        "Initial weights": _weights(info),
        "Created": info.created,
        "Made by": f"`{info.cohort['command']}`" if info.cohort.get("command") else None,
        "Seeds of its stages": ", ".join(map(str, info.cohort.get("seeds") or ())),
        "Collections, by the hash of their files": _inputs(info.cohort.get("inputs")),
        "Model hash": f"`{model_hash}`",
        "Weights": f"`{info.weights_sha256}`",
        "Software": ", ".join(f"{name} {value}" for name, value in info.software.items()),
    }


def _inputs(inputs: Any) -> str | None:
    return ", ".join(f"{name} `{sha}`" for name, sha in inputs.items()) if isinstance(inputs, Mapping) else None


def _counts(images: Any) -> str | None:
    return ", ".join(f"{part} {count}" for part, count in images.items()) if isinstance(images, Mapping) else None


def _weights(info: "BundleInfo") -> str:
    origin = info.spec.weights
    if origin.kind == "none":
        return "random numbers"
    return f"{origin.name}, licence {origin.licence}" if origin.licence else origin.name


def _metrics(metrics: Mapping[str, Any]) -> list[Part]:
    """A table of measures with intervals; says so where there are none."""
    heading = "Measured on images kept out of training"
    known = [(name, found) for name, found in metrics.items() if isinstance(found, Mapping) and "value" in found]
    if not known:
        return [(heading, "Nothing was measured.")]
    rows = []
    for name, found in known:
        value, low, high = (found.get(key) for key in ("value", "low", "high"))
        shown, limits = ("undefined", "-") if value is None else (f"{value:.3f}", limits_in_words(low, high))
        rows.append((_NAMES.get(name, name), shown, limits, str(found.get("n", "-"))))
    where = metrics.get("measured on")
    below: list[Part] = [("", f"{_capital(where)}.")] if isinstance(where, str) else []
    return [(heading, Grid(("Measure", "Value", "95 % interval", "n"), tuple(rows))), *below]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
