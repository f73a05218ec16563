"""Answers that the software knows to items about readers, and to every item where the study is one of readers; None
where it does not know."""

from thyrosight.documents import Facts
from thyrosight.studies.guidelines.known import METHODS, Known, Told
from thyrosight.studies.sentences import listed


def images(known: Known) -> Told | None:
    """Whether networks judged images; a study of readers alone trains none."""
    return Told("Images were judged by networks.") if known.facts.readings is None else None


def several_readers(known: Known) -> Told | None:
    """Whether this is a study of readers."""
    return readers(known) if known.facts.readings is not None else None


def readers(known: Known) -> Told | None:
    """Readers and their readings."""
    if (own := known.facts.readings) is not None:
        text = f"{own.readers} readers, {known.facts.images} cases, {own.readings} readings analysed."
        return Told(text, known.table("readers"))
    names = [name.partition(":")[2] for name in known.filled if name.startswith("reader:")]
    if not names or not known.table("readers", "reader-mean"):
        return None
    counts = [f"{name} {known.filled[f'reader:{name}']} images" for name in names]
    return Told(f"{len(names)} readers: {', '.join(counts)}; one reading each.", known.table("readers"))


def reading_scale(known: Known) -> Told | None:
    """Scale on which readers rated."""
    if known.facts.readings is None:
        place = known.table("readers")
        return Told("The scale of each reader stands in the notes.", place) if place else None
    return _said(known, "Rated", "Rated: {}.")


def reader_statistics(known: Known) -> Told | None:
    """How readers were analysed."""
    if known.facts.readings is not None:
        return _said(known, "Analysis", "Analysed: {}.")
    place = known.table("reader-mean", "readers")
    return Told("Notes below the tables of readers.", place) if place else None


def reader_results(known: Known) -> Told | None:
    """Agreement between and within readers."""
    places = [place for name in ("agreement", "repeats") if (place := known.table(name))]
    return Told("Agreement with its intervals.", "; ".join(places)) if places else None


def audit(known: Known) -> Told:
    """Single results that are kept."""
    if known.facts.readings is not None:
        return Told("Every reading is kept beside the report (readings.csv).")
    return Told("Predictions of every test image are kept beside the report (predictions/, trials/).")


def reader_margin(known: Known) -> Told | None:
    """The smallest difference that matters."""
    return _said(known, "Smallest difference that matters", "Smallest difference that matters: {}.")


def reader_design(known: Known) -> Told | None:
    """The design."""
    return _said(known, "Design", "Design: {}.")


def reader_arms(known: Known) -> Told | None:
    """The ways of reading."""
    return _said(known, "Arms", "Arms: {}.")


def reader_action(known: Known) -> Told | None:
    """Rule by which a case counts as called positive."""
    told = _said(known, "Called positive", "Called positive: {}.")
    return None if told is None or "not known" in told.text else told


def reader_clusters(known: Known) -> Told | None:
    """Treatment of several cases of one patient."""
    return _said(known, "Patients", "Patients: {}.")


def reader_protocol(known: Known) -> Told | None:
    """The protocol and its amendments."""
    told = _said(known, "Protocol", "Protocol: {}.")
    if told is None or "none was given" in told.text:
        return None
    later = _said(known, "Amendments", "Amendments: {}") or Told("No amendment was named.")
    return Told(f"{told.text} {later.text}", told.place)


def reader_order(known: Known) -> Told | None:
    """The order in which cases were read; it is known from the protocol alone."""
    if reader_protocol(known) is None:
        return None
    return Told("Random for each reader and session, drawn from the seed of the protocol.", known.section(*METHODS))


def reader_groups(known: Known) -> Told | None:
    """Number of readers, and their groups."""
    told = several_readers(known)
    if told is None:
        return None
    groups = [str(row["group"]) for row in known.document.table("readers").rows if row.get("group")]
    if not groups:
        return told
    counts = [f"{name} ({groups.count(name)})" for name in dict.fromkeys(groups)]
    return Told(f"{told.text} Groups: {listed(counts)}.", told.place)


def reader_practice(known: Known) -> Told | None:
    """Practice that was left out of the analysis."""
    for step in known.facts.flow:
        for reason, n in step.excluded:
            if reason == "practice":
                return Told(f"{n} readings for practice, which were not analysed.", known.figure("flow"))
    return None


def reader_cases(known: Known) -> Told | None:
    """How many cases of each class there were."""
    facts = known.facts
    if facts.readings is None:
        return None
    return Told(
        f"{facts.images} cases, {facts.malignant} malignant and {facts.benign} benign, {facts.patients_text}.",
        known.figure("flow"),
    )


def reader_missing(known: Known) -> Told | None:
    """Missing readings."""
    told = _said(known, "Missing readings", "Missing readings: {}.")
    return None if told is None else Told(told.text, known.table("missing", "readers"))


def reader_corrections(known: Known) -> Told | None:
    """Corrections for several comparisons."""
    if known.facts.readings is None:
        return None
    return Told(
        "P values of several comparisons in one table are corrected by Holm.", known.table("mrmc-decisions", "mrmc")
    )


def reader_flow(known: Known) -> Told | None:
    """The flow of readings."""
    place = known.figure("flow")
    return Told("Flow chart of readings, with what was left out.", place) if known.facts.readings and place else None


def reader_areas(known: Known) -> Told | None:
    """Areas under the ROC curve."""
    return _table(known, "AUC of each reader and of the mean reader.", "mrmc", "readers-auc")


def reader_curves(known: Known) -> Told | None:
    """ROC curves of the readers."""
    place = known.figure("roc")
    return Told("Mean ROC curve of each arm with the readers' own points.", place) if place else None


def reader_decisions(known: Known) -> Told | None:
    """Sensitivity and specificity."""
    return _table(
        known, "Sensitivity and specificity of each reader and of the mean reader.", "mrmc-decisions", "calls"
    )


def reader_changes(known: Known) -> Told | None:
    """Changes of mind."""
    return _table(known, "Changes of mind, and where the model was right or wrong.", "changes", "reliance")


def reader_times(known: Known) -> Told | None:
    """Times of readings."""
    return _table(known, "Median time for a reading, and the ratio between arms.", "times")


def _table(known: Known, text: str, *names: str) -> Told | None:
    """A sentence with the places of tables, where any of them is there."""
    places = [place for name in names if (place := known.table(name))]
    return Told(text, "; ".join(places)) if known.facts.readings is not None and places else None


def _said(known: Known, name: str, text: str) -> Told | None:
    """Quote the methods of a study of readers under a name."""
    if known.facts.readings is None:
        return None
    rows = dict(
        row
        for part in known.document.sections
        for block in part.blocks
        if part.title.startswith(METHODS) and isinstance(block, Facts)
        for row in block.rows
    )
    return Told(text.format(rows[name].rstrip(".")), known.section(*METHODS)) if name in rows else None
