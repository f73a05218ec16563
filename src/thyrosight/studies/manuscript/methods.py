"""Materials and Methods of a study in the past tense, from its facts, its recipe and the notes of its tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from thyrosight.documents import Table, sentence
from thyrosight.inference import NOT_CALIBRATED
from thyrosight.networks import find_architecture
from thyrosight.studies.base import RecipeBase
from thyrosight.studies.predictions import LEAST_VALIDATED
from thyrosight.studies.result import Result, StudyFacts
from thyrosight.studies.sentences import augmentation_words, listed, rule_words

_LABELS = {
    "pathology": "pathology",
    "cytology": "cytology of fine-needle aspirates",
    "TI-RADS": "TI-RADS categories as read by radiologists, not pathology",
    "unstated": "a source that is not stated",
}
_NO_RULE = "as given in the manifest"
_NETWORKS = {
    "resnet18": "he2016",
    "resnet101": "he2016",
    "alexnet": "krizhevsky2014",
    "vgg16": "simonyan2015",
    "vgg16_quarter": "simonyan2015",
    "inception_v3": "szegedy2016",
    "googlenet": "szegedy2015",
    "efficientnet_lite0": "tan2019",
    **dict.fromkeys(("ynet", "ynet_residual"), "mehta2018"),
    "unet": "ronneberger2015",
    "unet_efficientnet_lite0": "ronneberger2015, tan2019",
}
_OPTIMISERS = {
    "adam": "Adam [kingma2015]",
    "adamw": "AdamW [loshchilov2019]",
    "sgd": "stochastic gradient descent with momentum {momentum:g}",
}
_SCHEDULES = {
    "constant": "was constant",
    "cosine": "fell to zero along a cosine",
    "step": "was multiplied by {step_factor:g} every {step_epochs} epochs",
}
_CALIBRATIONS = {
    "none": "Risks were used as the networks gave them.",
    "platt": "Risks were calibrated by Platt scaling [platt1999] on the validation part.",
    "temperature": "Risks were calibrated by temperature scaling [guo2017] on the validation part.",
    "isotonic": "Risks were calibrated by isotonic regression [zadrozny2002] on the validation part.",
    "beta": "Risks were calibrated by beta calibration [kull2017] on the validation part.",
}
_POINTS = {
    "youden": "by Youden's index [youden1950]",
    "closest": "as the point of the ROC curve closest to perfect sensitivity and specificity",
}
_CONTRADICTIONS = {
    "exclude": "were left out",
    "majority": "took the label of the majority",
    "keep": "were kept with their labels",
    "worst": "took the worse label",
}
_TESTS = (
    ("mean over divisions", "Measures were averaged over the divisions; the intervals of these means came from a "
     "bootstrap that drew groups anew, each in all of its divisions together [efron1993]."),
    ("Obuchowski, logit", "Areas under the ROC curve and their intervals followed Obuchowski's method for clustered "
     "data, with limits on the logit scale [obuchowski1997, pepe2003]."),
    ("DeLong", "Areas under the ROC curve and their intervals followed DeLong et al. [delong1988]."),
    ("percentile bootstrap", "Measures at the operating point, and means of Dice, had percentile intervals of a "
     "bootstrap that drew groups anew [efron1993]."),
    ("paired patient-clustered bootstrap", "Differences on the same test images had intervals of a paired bootstrap "
     "that drew groups anew [efron1993]."),
    ("Paired Obuchowski", "Areas on the same nodules were compared by Obuchowski's test for clustered data "
     "[obuchowski1997]."),
    ("GEE", "Proportions and odds were analysed by generalised estimating equations over patients with robust "
     "variance [liang1986]."),
    ("Firth", "Where the levels of a feature separated the outcomes, logistic regression with Firth's penalty and "
     "profile likelihood intervals was used [firth1993, heinze2002]."),
    ("exact, counting groups", "Where a class had too few groups for a bootstrap or a P value, exact intervals that "
     "count groups were given and nothing was tested [altman2000]."),
    ("Clopper-Pearson", "Where all outcomes were alike, exact (Clopper-Pearson) intervals over groups were used."),
    ("Wilson", "Simple proportions had Wilson's score intervals [wilson1927]."),
    ("Obuchowski-Rockette", "The mean of the readers was compared with the network by the method of Obuchowski and "
     "Rockette with random readers and cases [obuchowski1995, hillis2007]."),
    ("Student", "Means between patients were compared by Student's t test."),
    ("Mann-Whitney", "Distributions between patients were compared by the Mann-Whitney test."),
    ("chi-square, between", "Categories were compared by Pearson's chi-square test."),
    ("score test, variance between", "Levels of features were compared by a score test with the variance between "
     "clusters."),
    ("by Holm", "P values were corrected for the number of comparisons by Holm's method where the tables say so "
     "[holm1979]."),
)  # fmt: skip
"""Sentences for a Methods section on the methods that the notes of a table name."""
WHICH_TESTS = "Which method holds for which figure stands below each table."


def data(facts: StudyFacts, recipe: RecipeBase) -> tuple[str, ...]:
    """Whose images they were, and what was left out."""
    left_out = [f"{item['reason']} ({len(item['images'])})" for item in facts.cohort.get("exclusions") or ()]
    groups = f"{facts.images} images ({facts.benign} labelled benign, {facts.malignant} labelled malignant)"
    who = (
        f"The cohort held {groups} of {facts.patients} patients"
        if facts.patients is not None
        else f"The cohort held {groups}; patients were not identified"
    )
    without = f"Left out: {'; '.join(left_out)}. " if left_out else ""
    duplicates = (
        "Near-duplicate images were found by their content and kept together with the images of the same patient, in "
        f"{facts.groups} groups; near-duplicates with contradicting labels "
        f"{_CONTRADICTIONS[recipe.cohort.contradictions]}."
    )
    return (
        "[[to be written: design of the study (retrospective or prospective), hospitals and period, how patients were "
        "selected and whether consecutively, approval of the ethics committee with its number, informed consent or its "
        "waiver, registration]]",
        f"{who} ({{figure:flow}}). {without}{duplicates}",
    )


def reference_standard(facts: StudyFacts) -> tuple[str, ...]:
    """Where the labels came from, and how many from where."""
    if "simulated" in facts.label_sources:
        return (f"Images and labels were simulated, so that no patient stood behind them. {_policy(facts)}",)
    counts: Mapping[str, Mapping[str, int]] = facts.cohort.get("by_label_source") or {}
    named = [
        _LABELS.get(source, source) + (f" ({sum(counts[source].values())} images)" if source in counts else "")
        for source in facts.label_sources
    ]
    return (
        f"Labels came from {listed(named)}. {_policy(facts)}",
        "[[to be written: who established the reference standard, by which criteria, and whether blinded to the "
        "images]]",
    )


def _policy(facts: StudyFacts) -> str:
    if not facts.label_policy or facts.label_policy.startswith(_NO_RULE):
        return "[[to be written: by which rule each nodule was labelled]]"
    return f"Rule of the labels: {facts.label_policy.rstrip('.')}."


def preparation(facts: StudyFacts, recipe: RecipeBase) -> tuple[str, ...]:
    """How images were acquired (for the authors to write) and what was done to them."""
    options: Any = getattr(recipe, "preparation", None)
    acquired = "[[to be written: ultrasound machines, probes, settings, and who acquired the images]]"
    if options is None:
        return (acquired,)
    around = ""
    if options.crop == "nodule" and options.margin.value:
        fraction = options.margin.unit == "fraction"
        around = f" with a margin of {100 * options.margin.value:g} % of its size on each side" if fraction else (
            f" with a margin of {options.margin.value:g} {options.margin.unit} on each side"
        )  # fmt: skip
    shape = {
        "square": f"brought to {options.size} x {options.size} pixels with its aspect ratio kept",
        "width square": "made as high as wide, which cut taller nodules, and brought to "
        f"{options.size} x {options.size} pixels",
        "rectangle": f"stretched to {options.size} x {options.size} pixels",
        "own": f"kept in its own shape, with sides of at most {options.size} pixels",
    }[options.shape]
    steps = [
        "The scan area was found in each frame, and everything outside of it (borders, machine text) was blackened."
        if options.scan_area
        else "Frames were used as they were, with what stands around the scan area.",
        f"{_taken(facts, options.crop, around)}, {shape}, in "
        f"{'grey levels' if options.colour == 'grey' else 'colour'}; room outside was filled ({options.padding}).",
    ]
    if options.text == "removed":
        steps.append("Text inside the scan area was painted over with the grey around it.")
    if options.contrast == "stretch":
        steps.append("Grey levels of the scan area were stretched from their 1st to their 99th percentile.")
    return (acquired, " ".join(steps))


def _taken(facts: StudyFacts, crop: str, around: str) -> str:
    """Part of each image that the network saw: the nodule where its place is known, else the scan area."""
    if crop != "nodule":
        return f"From each image the {crop} was taken"
    filled = facts.cohort.get("filled") or {}
    box, mask = (int(filled.get(column, 0)) for column in ("box", "mask"))
    if facts.images in (box, mask):
        return f"From each image the nodule{around} was taken"
    if not box and not mask:
        return "No image had a box or an outline of the nodule, so that from each the whole scan area was taken"
    many = "" if box and mask else f" ({max(box, mask)} of {facts.images})"
    return (
        f"From images with a box or an outline of the nodule{many} it was taken{around}, from the others the scan area"
    )


def divisions(facts: StudyFacts, recipe: RecipeBase) -> tuple[str, ...]:
    """How the cohort was divided."""
    if "groups ignored" in facts.split_kind:
        kept = "Images were divided without regard to patients, so that images of one patient stood on both sides."
    elif facts.split_kind.startswith("patient"):
        kept = "All images of a patient, and their near-duplicates, stood in the same part."
    else:
        kept = (
            "Patients were not identified; near-duplicate images stood in the same part, but other images of one "
            "patient may have stood in two."
        )
    plain = recipe.evaluation.calibration == NOT_CALIBRATED
    return (
        f"Division of the cohort ({facts.split_kind}, seed {facts.seed}): {facts.split_method.rstrip('.')}. {kept} The "
        f"validation part stopped training early{'' if plain else ', calibrated risks'} and chose operating points; "
        "the test part was used for the figures of this paper alone.",
    )


def networks(result: Result, recipe: RecipeBase) -> tuple[str, ...]:
    """Which networks, how they began, and how they were trained."""
    names = recipe.network_names
    titles = [find_architecture(name).title + (f" [{_NETWORKS[name]}]" if name in _NETWORKS else "") for name in names]
    training: Any = getattr(recipe, "training", None)
    started = f"{'Networks were' if len(titles) > 1 else 'The network was'} {listed(titles)}. {_starts(result, recipe)}"
    return (started, _training(training.model_dump(mode="json"))) if training is not None else (started,)


def _starts(result: Result, recipe: RecipeBase) -> str:
    """With which weights training began; the tables of the supplement name them for each network."""
    told: Any = getattr(recipe, "networks", None) or [getattr(recipe, "network", None)]
    failed = " ".join(one for one in result.unfinished if "began from random weights" in one)
    groups: dict[str, list[str]] = {}
    for item in told:
        if item is None:
            continue
        title = find_architecture(item.architecture).title
        if item.weights == "none" or title in failed:
            where = "from random weights"
        elif item.weights.startswith("imagenet"):
            where = "from weights pretrained on ImageNet [deng2009]"
        else:
            where = "from the weights of another model"
        groups.setdefault(where, []).append(title)
    said = [f"training of {listed(list(dict.fromkeys(titles)))} began {where}" for where, titles in groups.items()]
    return sentence("; ".join(said)) if said else ""


def _training(facts: Mapping[str, Any]) -> str:
    """How networks were trained."""
    loss = facts["loss"]
    weights = {"balanced": ", classes weighted by their inverse frequency"}.get(str(loss.get("alpha")), "")
    named = f"focal loss [lin2017] with gamma {loss['gamma']:g}" if loss["name"] == "focal" else "cross-entropy loss"
    changed = augmentation_words({k: v for k, v in facts["augmentation"].items() if k != "margin_range"})
    drawn = facts["augmentation"].get("margin_range")
    patience = facts.get("patience")
    said = [
        f"Networks were trained with {_OPTIMISERS[facts['optimiser']].format(**facts)} at a learning rate of "
        f"{facts['learning_rate']:g}, which {_SCHEDULES[facts['schedule']].format(**facts)}, in batches of "
        f"{facts['batch_size']}, for at most {facts['epochs']} epochs"
        + (f" or until {patience} epochs had brought no improvement on the validation part" if patience else ""),
        f"The loss was {named}{weights}",
        f"The weights of the {'best epoch (validation part)' if facts['keep'] == 'best' else 'last epoch'} were kept",
        f"Training images were altered at random (probabilities of flips, degrees of rotation, shares of the rest): "
        f"{changed}"
        if changed
        else "Training images were not altered",
    ]
    if drawn:
        said.append(f"The margin around the nodule was drawn between {drawn[0]:g} and {drawn[1]:g} each time")
    if facts["balance"] == "mirror":
        said.append("Mirrored copies of images of the smaller class made both classes equally frequent")
    return " ".join(sentence(one) for one in said)


def statistics(recipe: RecipeBase, tables: Sequence[Table], *more: str) -> tuple[str, ...]:
    """How predictions were judged, as the notes of the tables have it."""
    options = recipe.statistics
    point = _POINTS.get(options.operating_point) or rule_words(options.operating_point)
    notes = " ".join(text for table in tables for text in (*table.methods(), *table.notes))
    named = " ".join(said for needle, said in _TESTS if needle in notes)
    verdicts = (
        f" A difference of {options.margin:g} was regarded as the smallest that matters: better or worse was said "
        "where the whole interval lay beyond it and the corrected P value was below "
        f"{1 - options.confidence:.2g}, practically equal where the interval lay within [schuirmann1987], and that it "
        "cannot be told otherwise."
        if "Verdict:" in notes
        else ""
    )
    return (
        f"Malignant was the positive class. {_CALIBRATIONS[options.calibration]} The operating point was chosen on the "
        f"validation part {point}. Where that part held fewer than {LEAST_VALIDATED} groups of a class, risks were "
        "used as the networks gave them, with a cut-off of 0.5. Intervals are "
        f"{100 * options.confidence:g} % confidence intervals (CI).",
        f"{named} {WHICH_TESTS}{verdicts}",
        *more,
        "[[to be written: how the size of the sample was determined, or that all available images were used]]",
    )


def software(result: Result) -> tuple[str, ...]:
    """Software that computed the results, and the way to compute them again."""
    facts = result.facts
    versions = ", ".join(
        f"{name} {value}" for name, value in facts.software.items() if name not in ("thyrosight", "system")
    )
    model = f", the model the hash `{result.model.hash[:16]}`" if result.model else ""
    return (
        f"All steps were done with ThyroSight {facts.software.get('thyrosight', '')} (research software; {versions}), "
        f"whose networks run on PyTorch [paszke2019], with seed {facts.seed}. The cohort has the hash "
        f"`{facts.cohort_digest[:16]}`, the division the hash `{facts.split_digest[:16]}`{model}. Recipe, division, "
        "predictions and versions are in the reproduction folder beside this manuscript; "
        "`thyrosight study rerun` checks them.",
    )
