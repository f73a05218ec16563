"""Materials and Methods of a study of readers, from its facts and what its report says of them."""

import yaml

from thyrosight.documents import Facts
from thyrosight.studies.outline import manuscript_tables
from thyrosight.studies.result import Result
from thyrosight.studies.sentences import label_words

_WAYS = (
    ("DeLong covariance", "The covariance of areas under the ROC curve was DeLong's [delong1988]."),
    ("Obuchowski covariance of clusters", "The covariance of areas under the ROC curve was Obuchowski's for several "
     "cases of one patient [obuchowski1997]."),
    ("Wilson", "Each reader's sensitivity and specificity had Wilson's intervals [wilson1927]."),
    ("GEE", "Shares of decisions had intervals of generalised estimating equations with robust variance over patients "
     "[liang1986]."),
    ("Fleiss' kappa", "Agreement on categories was measured by Fleiss' kappa [fleiss1971, gwet2021] and Gwet's AC1 "
     "[gwet2008]."),
    ("Krippendorff's alpha", "Agreement on ordered ratings was measured by Krippendorff's alpha [krippendorff2018]."),
    ("ICC(2,1)", "Agreement on scores was measured by the intraclass correlation of single readings, two-way random "
     "effects [shrout1979]."),
    ("jackknife covariance", "Marks were analysed by the wAFROC area [chakraborty2016] with a jackknife over "
     "patients."),
    ("by Holm", "P values of several comparisons were corrected by Holm's method [holm1979]."),
)  # fmt: skip
"""Sentences on the methods that the notes of a table name."""


def materials(result: Result) -> str:
    """The sentence of the abstract on data and methods."""
    facts = result.facts
    found = facts.readings
    readers = 0 if found is None else found.readers
    return (
        f"Materials and Methods: {readers} readers judged {facts.images} cases ({facts.benign} benign, "
        f"{facts.malignant} malignant; source of the labels: {' and '.join(facts.label_sources)}). "
        "[[to be written: period, hospitals, who the readers were]]"
    )


def methods(result: Result) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Every part of Materials and Methods with its paragraphs."""
    facts, said = result.facts, methods_of(result)
    found = facts.readings
    readers = 0 if found is None else found.readers
    return (
        (
            "Study design and cases",
            (
                "[[to be written: hospitals and period, how patients and cases were selected, approval of the ethics "
                "committee with its number, informed consent or its waiver, registration]]",
                f"{readers} readers judged {facts.images} cases ({facts.malignant} malignant, {facts.benign} benign; "
                f"{facts.patients_text}) ({{figure:flow}}). Design: {said.get('Design', '')}. "
                f"Arms: {said.get('Arms', '')}.",
            ),
        ),
        (
            "Reference standard",
            (
                f"Labels came from: {label_words(facts)}.",
                "[[to be written: who established the reference standard, by which criteria, and whether blinded to "
                "the readings]]",
            ),
        ),
        (
            "Readers and readings",
            (
                "[[to be written: who the readers were, their experience, what they were told, what the pictures "
                "showed, and the time between sessions]]",
                f"Rated was: {said.get('Rated', '')}. Called positive: {said.get('Called positive', '')}.",
            ),
        ),
        ("Statistical analysis", statistics(result)),
        ("Software and reproduction", software(result)),
    )


def methods_of(result: Result) -> dict[str, str]:
    """The methods as the report has them, by name."""
    return {
        name: text
        for part in result.document.sections
        for block in part.blocks
        if part.title == "Methods" and isinstance(block, Facts)
        for name, text in block.rows
    }


def statistics(result: Result) -> tuple[str, ...]:
    """How readings were analysed, as the notes of the tables have it."""
    said, recipe = methods_of(result), yaml.safe_load(result.facts.recipe_yaml)
    notes = " ".join(text for table in manuscript_tables(result) for text in (*table.methods(), *table.notes))
    ways = [text for needle, text in _WAYS if needle in notes]
    level = 100 * recipe["evaluation"]["confidence"]
    margin = said.get("Smallest difference that matters", "")
    paired = (
        f"A difference of {margin} was regarded as the smallest that matters: better or worse was said where the whole "
        "interval lay beyond it and the corrected P value was small, practically equal where the interval lay within "
        "[schuirmann1987], and that it cannot be told otherwise."
    )
    sequential = (
        "In a sequential design the readings of both arms stem from one session; how this compares with sessions apart "
        "was studied by Schalekamp et al. [schalekamp2014]."
    )
    return (
        "Means of the readers were analysed by the method of Obuchowski and Rockette [obuchowski1995] with the degrees "
        "of freedom of Hillis [hillis2007, hillis2014], with readers as random and as fixed, and cases as random. Mean "
        "ROC curves average the readers' sensitivities at the same specificity [chen2014]. Intervals are "
        f"{level:g} % confidence intervals (CI).",
        f"{' '.join(ways)} Which method holds for which figure stands below each table.",
        *((paired,) if len(_arms(result)) > 1 else ()),
        *((sequential,) if said.get("Design", "").startswith("sequential") else ()),
        f"Missing readings: {said.get('Missing readings', '')}.",
        "[[to be written: how the numbers of readers and cases were determined]]",
    )


def _arms(result: Result) -> tuple[str, ...]:
    return () if result.facts.readings is None else result.facts.readings.arms


def software(result: Result) -> tuple[str, ...]:
    """Software that computed the results, and the way to compute them again."""
    facts = result.facts
    left_out = ("thyrosight", "system", "torch", "torchvision", "lightning-fabric", "pillow")
    versions = ", ".join(f"{name} {value}" for name, value in facts.software.items() if name not in left_out)
    protocol = facts.readings.protocol if facts.readings else ""
    return (
        f"All figures were computed with ThyroSight {facts.software.get('thyrosight', '')} (research software; "
        f"{versions}), with seed {facts.seed}. The readings have the hash `{facts.cohort_digest[:16]}`"
        f"{f', the protocol the hash `{protocol[:16]}`' if protocol else ''}. Readings, recipe and versions are in the "
        "reproduction folder beside this manuscript; `thyrosight study rerun` checks them.",
    )
