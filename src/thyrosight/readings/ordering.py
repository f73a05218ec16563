"""The order in which each reader reads: drawn from a seed, with practice, attention cases and repeats.

Nothing depends on how the tables of cases happen to be sorted. Readers stand in the order in which they joined; `since`
says when a case joined. A case that joins later stands behind all that were there, so that no place of theirs changes.
"""

from collections.abc import Iterator, Mapping, Sequence

from thyrosight.errors import ReadingsError
from thyrosight.readings.allotment import arms_of_cases, arms_of_sessions, cases_of_readers
from thyrosight.readings.cases import Case, Reader, require_distinct_keys
from thyrosight.readings.drawing_lots import lot, shuffled
from thyrosight.readings.fields import ProtocolFields, Stage
from thyrosight.readings.places import Slot, drawn_order
from thyrosight.readings.sessions import Session, Task


def orders(protocol: ProtocolFields, cases: Sequence[Case], readers: Sequence[Reader]) -> tuple[Session, ...]:
    """Every reader's sessions, by reader and number.

    Args:
        protocol: the plan.
        cases: of all roles, withdrawn ones too, with the truth that was known when they joined: where readers share
            cases out, orders rest on it, and a truth that is corrected later must not change them.
        readers: in the order in which they joined.

    Raises:
        ReadingsError: no case or reader, one named twice, or too few cases or readers for the protocol.
    """
    require_distinct_keys(cases, readers)
    practice = _drawn(cases, "practice", protocol.practice, seed=protocol.seed)
    attention = _drawn(cases, "attention", protocol.attention, seed=protocol.seed)
    allotted = cases_of_readers(protocol, cases, readers)
    mixed = arms_of_cases(protocol, allotted) if protocol.design == "concurrent" else {}
    arms = arms_of_sessions(protocol, readers)
    return tuple(
        session
        for reader in readers
        for session in _sessions(
            protocol, reader.key, allotted[reader.key], arms=arms[reader.key], mixed=mixed, extra=(practice, attention)
        )
    )


def _drawn(cases: Sequence[Case], role: str, wanted: int, *, seed: int) -> tuple[Case, ...]:
    """As many cases of a role as the protocol wants, alike for all readers; of those that joined first."""
    there = shuffled([case for case in cases if case.role == role], seed, role, key=lambda case: case.key)
    if len(there) < wanted:
        raise ReadingsError(
            f"{role}: the protocol wants {wanted} cases for this, but {len(there)} have the role {role!r}; give more of"
            " them, or lower the number."
        )
    return tuple(sorted(there, key=lambda case: case.since)[:wanted])


def _sessions(
    protocol: ProtocolFields,
    reader: str,
    cases: Sequence[Case],
    *,
    arms: Sequence[str | None],
    mixed: Mapping[tuple[str, str], str],
    extra: tuple[Sequence[Case], Sequence[Case]],
) -> Iterator[Session]:
    """The sessions of one reader."""
    practice, attention = extra
    if not cases:
        raise ReadingsError(f"The reader {reader!r} gets no case: there are fewer cases than readers; add cases.")
    earlier: list[list[Slot]] = []
    for number, arm in enumerate(arms, start=1):
        repeated = _repeated(protocol, reader, cases, number)
        order = drawn_order(cases, attention, repeated, words=(protocol.seed, reader, number), earlier=earlier)
        earlier.append(order)
        slots = [*(Slot(case) for case in practice), *order]
        tasks = tuple(
            Task(
                case=case.key,
                position=position,
                stages=_stages(protocol, arm or mixed.get((reader, case.key)) or _by_turns(protocol, reader, position)),
                practice=case.role == "practice",
                attention=case.role == "attention",
                repeat=again,
                withdrawn=case.withdrawn,
            )
            for position, (case, again) in enumerate(slots, start=1)
        )
        yield Session(reader, number, arm, tasks)


def _by_turns(protocol: ProtocolFields, reader: str, position: int) -> str:
    """The arm of a practice or attention case where arms are mixed within a session."""
    start = lot(protocol.seed, "first arm", reader) % len(protocol.arms)
    return protocol.arm_names[(start + position) % len(protocol.arms)]


def _stages(protocol: ProtocolFields, arm: str) -> tuple[tuple[Stage, str], ...]:
    if protocol.design == "sequential":
        return (("before", protocol.arm_names[0]), ("after", arm))
    return (("only", arm),)


def _repeated(protocol: ProtocolFields, reader: str, cases: Sequence[Case], number: int) -> frozenset[str]:
    """Keys of the cases that a reader reads once more in a session: in each session others, while there are any.

    They are among the cases that were there from the beginning, malignant and benign ones in the share of these.
    """
    first = min(case.since for case in cases)
    there = [case for case in cases if case.since == first]
    if protocol.repeats > len(there):
        raise ReadingsError(
            f"repeats: {protocol.repeats} cases are to be read once more, but the reader {reader!r} reads {len(there)};"
            " lower the number."
        )
    classes = [
        shuffled([case.key for case in there if case.truth == truth], protocol.seed, "repeat", reader)
        for truth in (1, 0, None)
    ]
    # Each class is spread evenly over the line, so that every stretch of it holds them in their shares.
    line = sorted(
        ((place + 0.5) / len(keys), index, key) for index, keys in enumerate(classes) for place, key in enumerate(keys)
    )
    start = (number - 1) * protocol.repeats
    return frozenset(line[(start + place) % len(line)][2] for place in range(protocol.repeats))
