"""Words of a study of readers: its methods, its result and its limitations."""

from collections.abc import Sequence

from thyrosight.documents import Measure, Table, with_interval
from thyrosight.readings import Protocol
from thyrosight.studies.analyses.readings.flow import few_readers
from thyrosight.studies.analyses.readings.reading_set import ReadingSet
from thyrosight.studies.kinds.reader_study.arranging import Arranged
from thyrosight.studies.limitations import SMALL, label_limitations
from thyrosight.studies.result import StudyFacts
from thyrosight.studies.sentences import in_words, label_words, listed, p_equals
from thyrosight.studies.verdicts import UNTOLD

MISSING = {
    "analyse": "every reading that there is counts; each reader's measures rest on the cases that the reader read",
    "drop-case": "cases of which a reading is missing are left out for all readers",
    "refuse": "none may be missing",
}


def methods_rows(
    arranged: Arranged, facts: StudyFacts, protocol: Protocol | None, *, amendments: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """The methods as name and text."""
    found, own = arranged.found, facts.readings
    options = found.evaluation
    arms = [f"{arm} (with a model)" if arm in found.aided else arm for arm in found.arms]
    versions = sorted(arranged.counted.rows["protocol_version"].dropna().unique())
    rows = [
        ("Aim", f"“{protocol.aim}”" if protocol and protocol.aim else ""),
        ("Design", own.design if own else ""),
        ("Arms", listed(arms)),
        ("Readers", f"{len(found.readers)} readers, {facts.images} cases ({facts.malignant} malignant)"),
        ("Labels", label_words(facts)),
        ("Rated", rated_words(found, protocol)),
        ("Called positive", found.action or "not known"),
        (
            "Analysis",
            "means of the readers by the method of Obuchowski and Rockette with Hillis's degrees of freedom, for "
            f"{'readers like these' if found.options.readers == 'random' else 'these readers alone'} first; "
            f"{100 * options.confidence:g} % intervals",
        ),
        ("Patients", "cases of one patient count as a cluster" if found.clustered else "every case counts as its own"),
        ("Missing readings", MISSING[found.options.missing]),
        ("Smallest difference that matters", f"{options.margin:g}"),
        ("Protocol", f"version {protocol.version}, hash {protocol.sha256[:12]}" if protocol else "none was given"),
        ("Versions of the protocol in the table", listed([f"{int(one)}" for one in versions]) if len(versions) > 1
         else ""),
        ("Amendments", " ".join(f"“{one}”" for one in amendments)),
        ("Reading of the table", " ".join(arranged.notes)),
        ("After the paper", facts.paper),
    ]  # fmt: skip
    return tuple((name, text) for name, text in rows if text)


def rated_words(found: ReadingSet, protocol: Protocol | None) -> str:
    """Rating, with the words of its question where they are known."""
    asked = protocol.question(protocol.main_question).wording if protocol else ""
    return f"{found.rating} (“{asked}”)" if asked else found.rating


def key_result(found: ReadingSet, table: Table | None) -> str:
    """The main result in one or two sentences."""
    cases = found.rows["case"].nunique()
    start = f"{len(found.readers)} readers read {cases} cases."
    return f"{start} {_areas_words(found, table)}"


def _areas_words(found: ReadingSet, table: Table | None) -> str:
    if table is None:
        return "Their AUC is not defined."
    row = table.rows[0]
    first = in_words(_measure(row.get("reference")))
    if len(found.arms) == 1:
        return f"Their mean AUC was {first}."
    second, apart, p = found.arms[1], _measure(row.get("difference")), row.get("p")
    tested = p_equals(float(p)) if isinstance(p, int | float) else ""
    said = _verdict_words(second, found.reference, str(row.get("verdict")), apart, tested=bool(tested))
    return (
        f"Their mean AUC was {first} in the arm {found.reference} and {in_words(_measure(row.get('new')))} in the arm "
        f"{second}, the difference {with_interval(apart, 'difference')}{f', P {tested}' if tested else ''}: {said} "
        f"(margin {found.evaluation.margin:g})."
    )


def _verdict_words(second: str, first: str, verdict: str, apart: Measure | None, *, tested: bool) -> str:
    low, high = (None, None) if apart is None else (apart.low, apart.high)
    above, below = low is not None and low > 0, high is not None and high < 0
    if verdict == UNTOLD and tested and (above or below):
        return (
            f"{second} is {'above' if above else 'below'} {first}, but whether by a difference that matters cannot be "
            "told"
        )
    if verdict == UNTOLD:
        return f"whether {second} is better or worse than {first} cannot be told"
    if verdict == "practically equal":
        return f"{second} and {first} are practically equal"
    return f"{second} is {'better' if verdict == 'better' else 'worse'} than {first}"


def _measure(value: object) -> Measure | None:
    return value if isinstance(value, Measure) else None


def bias_words(table: Table) -> str:
    """How often right decisions were given up where the model was wrong."""
    row = next(line for line in table.rows if line["what"] == "misled")
    share = _measure(row.get("share"))
    if share is None:
        return "No decision that was right at first met a model that was wrong."
    return (
        f"Where the model was wrong, readers gave up {in_words(share, percent=True)} of the decisions that were right "
        f"at first ({row['changed']} of {row['n']} readings; cases: {row['cases']})."
    )


def limitations(arranged: Arranged, facts: StudyFacts) -> list[str]:
    """Limitations to know before believing the result."""
    found = arranged.found
    said = label_limitations(facts.label_sources)
    classes = [(facts.benign, "benign"), (facts.malignant, "malignant")]
    few = [f"{n} {label}" for n, label in classes if n < SMALL]
    if few:
        said.append(f"Few cases: {listed(few)}; intervals are wide and subgroups cannot be judged.")
    if reason := found.few():
        said.append(f"Few patients: {reason}. Intervals that rest on so few may be far too narrow.")
    if reason := few_readers(found.readers):
        said.append(reason)
    if "cluster" not in arranged.given:
        said.append("Patients are not named: every case counts as its own, so that intervals may be too narrow.")
    if found.sequential:
        said.append(
            "Sequential design: the second answer was given right after the first, by the same reader on the same "
            "case; it measures a second look together with the model."
        )
    if not arranged.counted.crossed and _parts(found):
        said.append("Readers read parts of the cases: their own measures rest on different cases.")
    said.append(
        "Cases were selected for a study: the share of malignant cases, and that nothing follows for a patient, may "
        "make readers read otherwise than in practice."
    )
    return said


def _parts(found: ReadingSet) -> bool:
    return len(found.rows) < len(found.arms) * len(found.readers) * found.rows["case"].nunique()
