"""Answers that the software knows to items about data, parts and readers; None where it does not know."""

from thyrosight.studies.guidelines.known import METHODS, Known, Told
from thyrosight.studies.sentences import label_words, listed

_PARTS = {"train": "training", "validation": "validation", "test": "test"}
_PATIENT = {
    **{
        name: name for name in ("age", "sex", "site", "composition", "echogenicity", "margin", "calcification", "shape")
    },
    "margin": "nodule margin",
    "size_mm": "size",
    "tirads": "TI-RADS",
}
"""Columns of the cohort that tell of patients and nodules."""


def key_result(known: Known) -> Told:
    """The result in two or three sentences."""
    return Told(known.document.key_result, "Key result")


def development(known: Known) -> Told | None:
    """Whether networks were developed, tested, or both."""
    if not known.networks:
        return None
    also = ", and tested on external data" if known.external else ""
    return Told(f"Networks were developed and tested on parts of one cohort that were kept apart{also}.")


def data_source(known: Known) -> Told:
    """The cohort in numbers."""
    facts = known.facts
    return Told(
        f"Cohort {facts.cohort.get('name', '')}: {facts.images} images in {facts.groups} groups, "
        f"{facts.patients_text}; {facts.benign} benign, {facts.malignant} malignant.",
        known.table("cohort", "parts", "characteristics") or known.section(*METHODS),
    )


def sites(known: Known) -> Told | None:
    """The sites, where there are several."""
    found = known.facts.cohort.get("by_site") or {}
    counts = [f"{name} ({sum(own.values())} images)" for name, own in found.items()]
    return Told(f"{len(found)} sites: {listed(counts)}.", known.table("cohort")) if len(found) > 1 else None


def exclusions(known: Known) -> Told:
    """Who was left out, and why."""
    reasons = [f"{item['reason']} ({item['count']})" for item in known.facts.cohort.get("exclusions") or []]
    text = f"Images left out: {'; '.join(reasons)}." if reasons else "No image was left out of the cohort."
    return Told(text, known.figure("flow"))


def labels(known: Known) -> Told:
    """Classes that are predicted, and source of the labels."""
    if known.facts.readings is not None:
        return Told(f"Benign or malignant; source of the labels: {label_words(known.facts)}.", known.section(*METHODS))
    found = known.facts.cohort.get("by_label_source") or {}
    sources = [f"{name} ({sum(own.values())} images)" for name, own in found.items()]
    policy = known.facts.label_policy.replace("as given in the manifest", "as the table of the cohort gives them")
    return Told(
        f"Benign or malignant; source of the labels: {listed(sources) if sources else 'not recorded'}"
        f"{f'; policy: {policy}' if policy else ''}.",
        known.section(*METHODS),
    )


def predictors(known: Known) -> Told:
    """Inputs of the networks."""
    second = (known.part("second") or {}).get("source")
    pair = f" and a second image ({second})" if second else ""
    return Told(f"Networks take the pixels of the B-mode image{pair} alone; no clinical variable.")


def marks(known: Known) -> Told | None:
    """Marks of nodules."""
    there = [f"{name} ({known.filled[name]} images)" for name in ("box", "mask") if known.filled.get(name)]
    return Told(f"Nodules are marked in the cohort: {listed(there)}.") if there else None


def sizes(known: Known) -> Told | None:
    """Groups of each class in the parts."""
    parts = known.facts.parts
    said = [
        f"{_PARTS[name]}: {listed([f'{count} {label}' for label, count in groups.items()])} groups"
        for name, groups in parts.items()
        if groups
    ]
    return Told(f"{'; '.join(said)} (the fewest of any division).", known.table("trials")) if said else None


def missing(known: Known) -> Told:
    """Number of images with each recorded property; no value was imputed."""
    images = known.facts.images
    counts = [f"{title} {known.filled[name]}" for name, title in _PATIENT.items() if name in known.filled]
    there = f" Recorded of {images} images: {', '.join(counts)}." if counts else ""
    text = f"Networks take images alone: nothing was imputed for them. {exclusions(known).text}{there}"
    return Told(text, known.figure("flow"))


def division(known: Known) -> Told:
    """How the cohort was divided."""
    facts = known.facts
    return Told(f"{facts.split_method}; {facts.split_kind}; seed {facts.seed} (splits.json).", known.section(*METHODS))


def level(known: Known) -> Told:
    """Unit that a division keeps whole."""
    kind = known.facts.split_kind
    if "groups ignored" in kind:
        return Told("Image: patients and near-duplicates were ignored on purpose.")
    if kind == "patient-level":
        return Told("Patient: all images of a patient, and near-duplicates, stand in one part.")
    return Told("Groups of near-duplicate images; patients are unknown, and may stand in several parts.")


def difference(known: Known) -> Told:
    """How training and test part differ."""
    if known.facts.split_method.startswith("by size"):
        return Told("By size: nodules that train are larger than those that are tested.", known.section(*METHODS))
    return Told("None by design: the parts were drawn from one cohort.", known.section(*METHODS))


def characteristics(known: Known) -> Told | None:
    """Recorded properties of patients and nodules, or of readers."""
    if known.facts.readings is not None:
        return Told("Readers by group; cases by class in the flow chart.", known.table("readers"))
    place = known.table("characteristics", "cohort", "balance", "parts")
    there = [title for name, title in _PATIENT.items() if known.filled.get(name)]
    return Told(f"Recorded: {', '.join(there) if there else 'labels alone'}.", place) if place else None


def parts_compared(known: Known) -> Told | None:
    """Training beside test part."""
    place = known.table("balance", "parts")
    return Told("Training and test part side by side.", place) if place else sizes(known)


def external(known: Known) -> Told:
    """Testing outside the cohort."""
    if not known.external:
        return Told("None: all data come from one cohort.", "Limitations")
    return Told("Performance within the cohort and outside it.", known.external)


def external_differs(known: Known) -> Told:
    """Sizes and classes of external data."""
    if not known.external:
        return Told("No external data.", "Limitations")
    return Told("Sizes and classes of each set.", known.external)


def analysed(known: Known) -> Told | None:
    """Who stands behind each analysis."""
    found = sizes(known)
    return None if found is None else Told(f"{found.text} Training images of each trial are in the table.", found.place)


def limitations(known: Known) -> Told:
    """Limitations that the report states."""
    number = len(known.document.limitations)
    return Told(f"{number} limitation{' is' if number == 1 else 's are'} stated.", "Limitations")


def data_hashes(known: Known) -> Told:
    """Hashes by which data can be recognised."""
    return Told(
        f"Hash of the cohort {known.facts.cohort_digest[:12]}, of its divisions {known.facts.split_digest[:12]}."
    )


def devices(known: Known) -> Told | None:
    """Devices that the cohort records."""
    there = [name for name in ("device", "manufacturer", "probe") if known.filled.get(name)]
    return Told(f"Recorded in the cohort: {listed(there)}.") if there else None
