"""The text of a protocol: what is read by whom, what is asked, and what is made of it."""

from collections import Counter
from collections.abc import Iterator, Sequence

from thyrosight import __version__
from thyrosight.counting import counted
from thyrosight.documents import Answer, Column, Facts, Figure, FlowStep, Row, Table, columns, section
from thyrosight.documents.drawings import Flow
from thyrosight.readings.cases import Case, Reader
from thyrosight.readings.protocol import Protocol
from thyrosight.readings.sessions import Session
from thyrosight.readings.words import (
    action_in_words,
    answer_in_words,
    design_sentences,
    extra_sentences,
    listed,
    own_words,
)
from thyrosight.readings.writing import Writing

_TRUTHS = {1: "malignant", 0: "benign", None: "of unknown truth"}


def protocol_writing(
    protocol: Protocol,
    cases: Sequence[Case],
    readers: Sequence[Reader],
    sessions: Sequence[Session],
    *,
    power: Answer | str,
) -> Writing:
    """The text of a protocol with its tables and the flow chart of readings.

    Args:
        protocol, cases, readers: of the study.
        sessions: as `orders` returned them.
        power: the answer on the size, or in a sentence why there is none.
    """
    study = [case for case in cases if case.role == "study" and not case.withdrawn]
    sources = sorted({case.label_source or "unstated" for case in study})
    truths = _by_truth(study)
    labels = f"labels: {listed(sources)}"
    flow = flow_of_readings(cases, sessions)
    return Writing(
        title=protocol.title,
        subtitle=f"Protocol of a reader study, version {protocol.version}",
        lead=f"{protocol.aim} {_size(protocol, study, readers, flow)}".strip(),
        facts=(labels, f"{counted(len(study), 'case')}: {truths}", f"protocol {protocol.sha256[:12]}"),
        sections=(
            section("Design", *design_sentences(protocol), *extra_sentences(protocol)),
            section("Cases", *_cases(study, truths, labels)),
            section("Readers", _readers(readers, sessions), _flow_figure(flow)),
            section("Questions", _questions(protocol), "The same questions are asked of every case."),
            section("Blinding and order", *_blinding(protocol)),
            section("Outcomes and analysis", *_outcomes(protocol, study)),
            section("Sample size", *_power(power)),
            section("What may change", _AMENDMENTS),
            section("What is kept", _kept(protocol)),
        ),
        source=f"{labels}; {counted(len(study), 'case')}",
        own=own_words(protocol, readers),
    )


_AMENDMENTS = (
    "Once the study is open, the wording of questions may change, questions may be added, cases and readers may join,"
    " and"
    " cases may be withdrawn. Design, arms, seed, main question, action and the plan of the size stay. Each amendment"
    " makes"
    " a new version, with its reason, and is named in the report."
)


def _by_truth(cases: Sequence[Case]) -> str:
    counts = Counter(case.truth for case in cases)
    return ", ".join(f"{counts[truth]} {word}" for truth, word in _TRUTHS.items() if counts[truth])


def _size(protocol: Protocol, study: Sequence[Case], readers: Sequence[Reader], flow: Sequence[FlowStep]) -> str:
    kind = {
        "crossed": "",
        "nested": ", each by one of them",
        "blocks": f", each by {protocol.readers_per_case} of them",
    }
    return (
        f"{counted(len(readers), 'reader')} read {counted(len(study), 'case')}{kind[protocol.reading]}"
        f" ({protocol.design} design): {flow[-1].n} readings in the main analysis."
    )


def _cases(study: Sequence[Case], truths: str, labels: str) -> Iterator[str]:
    patients = len({case.cluster or f"case {case.key}" for case in study})
    of = "" if patients == len(study) else f" of {patients} patient{'s' if patients > 1 else ''}"
    yield f"{counted(len(study), 'case')}{of} are read: {truths} ({labels})."
    yield "[[How the cases were chosen, from when and where, and who was left out.]]"


def flow_of_readings(cases: Sequence[Case], sessions: Sequence[Session]) -> tuple[FlowStep, ...]:
    """The flow chart of the readings that a design plans: from cases to readings in the main analysis."""
    roles = Counter("withdrawn" if case.withdrawn else case.role for case in cases)
    aside = [(f"for {role}", roles[role]) for role in ("practice", "attention") if roles[role]]
    aside += [("withdrawn", roles["withdrawn"])] if roles["withdrawn"] else []
    tasks = [
        (session, task)
        for session in sessions
        for task in session.tasks
        if not (task.practice or task.attention or task.withdrawn)
    ]
    repeats = sum(task.repeat for _, task in tasks)
    again = sum(
        session.number > 1 and not task.repeat
        for session, task in tasks
        for stage, _ in task.stages
        if stage == "before"
    )
    all_of_them = sum(len(task.stages) for _, task in tasks)
    stages = len(tasks[0][1].stages) if tasks else 1
    excluded = [("second readings of a case", repeats * stages)] if repeats else []
    excluded += [("readings without a model in later sessions", again)] if again else []
    readers = len({session.reader for session in sessions})
    return (
        FlowStep(text="Cases in the table", n=len(cases), excluded=tuple(aside), aside="not analysed"),
        FlowStep(text="Cases of the study", n=roles["study"]),
        FlowStep(
            text=f"Readings by {counted(readers, 'reader')} in {counted(len(sessions), 'session')}",
            n=all_of_them,
            excluded=tuple(excluded),
            aside="for agreement within readers",
        ),
        FlowStep(text="Readings in the main analysis", n=all_of_them - sum(number for _, number in excluded)),
    )


def _flow_figure(steps: Sequence[FlowStep]) -> Figure:
    return Figure(name="readings", caption="Flow chart of the planned readings", drawing=Flow(steps=tuple(steps)))


def _readers(readers: Sequence[Reader], sessions: Sequence[Session]) -> Table:
    rows: list[Row] = []
    for reader in readers:
        own = [session for session in sessions if session.reader == reader.key]
        tasks = [task for session in own for task in session.tasks]
        rows.append(
            {
                "reader": reader.key,
                "group": reader.group or None,
                "arms": ", then ".join(map(_arms, own)),
                "tasks": len(tasks),
                "practice": sum(task.practice for task in tasks),
                "repeats": sum(task.repeat for task in tasks),
                "attention": sum(task.attention for task in tasks),
            }
        )
    counts = {"tasks": "Cases read", "practice": "of these practice", "repeats": "repeats", "attention": "attention"}
    unused = {key for key in counts if not any(row[key] for row in rows)}
    return Table(
        name="readers",
        caption="Readers, their sessions and the cases in them",
        columns=(
            Column(key="reader", title="Reader"),
            Column(key="group", title="Group", hidden=not any(reader.group for reader in readers)),
            Column(key="arms", title="Arm of each session"),
            *(column for column in columns("count", counts) if column.key not in unused),
        ),
        rows=tuple({key: value for key, value in row.items() if key not in unused} for row in rows),
    )


def _arms(session: Session) -> str:
    """The arms of a session in words: those of the stages of a case, or that they differ from case to case."""
    if session.arm is None:
        return "mixed"
    return " and ".join(arm for _, arm in session.tasks[0].stages)


def _questions(protocol: Protocol) -> Table:
    rows: list[Row] = [
        {
            "key": question.key,
            "text": question.wording,
            "answer": answer_in_words(question),
            "required": "yes" if question.required else "no",
            "arms": ", ".join(question.arms) or "all",
        }
        for question in protocol.questions
    ]
    some = any(question.arms for question in protocol.questions)
    return Table(
        name="questions",
        caption="Questions",
        columns=(
            Column(key="key", title="Name"),
            Column(key="text", title="Question"),
            Column(key="answer", title="Answer"),
            Column(key="required", title="Required"),
            Column(key="arms", title="Arms", hidden=not some),
        ),
        rows=tuple(rows),
        source="",
    )


def _blinding(protocol: Protocol) -> Iterator[str]:
    shown = any(arm.model for arm in protocol.arms)
    model = ", and the model's answer only where the arm shows it" if shown else ", and no answer of a model"
    yield (
        "Before an answer is locked, a reader sees no file name, no patient, no truth, no answer of another reader"
        f"{model}. Readers do not know how many cases are malignant."
    )
    yield (
        f"Each reader reads in an order of their own. Orders were drawn from the seed {protocol.seed}, the names of"
        " readers"
        " and cases, and nothing else, so that they can be drawn again."
    )
    yield (
        "The time of a reading counts from its opening to its lock, without pauses, hidden windows and what goes beyond"
        " 60 seconds in which nothing was touched."
    )


def _outcomes(protocol: Protocol, study: Sequence[Case]) -> Iterator[str]:
    clusters = len({case.cluster for case in study if case.cluster})
    grouped = ", and the cases of a patient as a cluster" if clusters else ""
    cites = "obuchowski1995, hillis2007" + (", obuchowski1997" if clusters else "")
    yield (
        f"The main outcome is the area under the ROC curve of the question {protocol.main_question}, by reader and arm."
    )
    if len(protocol.arms) > 1:
        readers = protocol.power.readers if protocol.power else "random"
        yield (
            "Arms are compared by the method of Obuchowski and Rockette with the degrees of freedom of Hillis, with"
            f" {readers} readers and random cases{grouped} [{cites}]."
        )
    if action := action_in_words(protocol):
        yield f"Sensitivity and specificity are computed from {action}, which counts as calling a case malignant."
    if protocol.design == "sequential":
        yield (
            "Changes of mind after the model's answer are counted by their direction, and by whether the model was"
            " right."
        )
    if protocol.marks is not None:
        yield "Marks are compared with the outlines of lesions (free-response ROC)."
    yield "Agreement between readers is reported" + (
        ", and agreement within readers from the second readings." if protocol.repeats else "."
    )
    yield (
        "Every figure names its label source and carries a 95 % interval. Times with and without the model are"
        " compared."
    )


def _power(power: Answer | str) -> Iterator[str | Table]:
    if isinstance(power, str):
        yield f"The size was not computed. {power}"
    else:
        yield power.methods
        yield from power.tables


def _kept(protocol: Protocol) -> Facts:
    return Facts(
        rows=(
            ("Version", str(protocol.version)),
            ("Seed", str(protocol.seed)),
            ("Hash of the protocol (SHA-256)", protocol.sha256),
            ("Software", f"ThyroSight {__version__}"),
        )
    )
