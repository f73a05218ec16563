"""Allotment of cases to readers and arms: balanced, and never changed by readers who join later."""

from collections import Counter
from collections.abc import Mapping, Sequence

from thyrosight.errors import ReadingsError
from thyrosight.readings.cases import Case, Reader
from thyrosight.readings.drawing_lots import lot, shuffled
from thyrosight.readings.fields import ProtocolFields


def cases_of_readers(
    protocol: ProtocolFields, cases: Sequence[Case], readers: Sequence[Reader]
) -> dict[str, tuple[Case, ...]]:
    """The study cases of each reader.

    Where a case is read by some of the readers, each of these is the one who has the fewest cases of its truth so far,
    then the fewest cases, then the fewest in common with the readers that the case has already. Only who had joined
    when a case joined can get it.

    Raises:
        ReadingsError: fewer readers than a case needs.
    """
    study = [case for case in cases if case.role == "study"]
    if protocol.reading == "crossed":
        return {reader.key: tuple(study) for reader in readers}
    wanted = 1 if protocol.reading == "nested" else protocol.readers_per_case or 1
    found: dict[str, list[Case]] = {reader.key: [] for reader in readers}
    for since in sorted({case.since for case in study}):
        there = [reader.key for reader in readers if reader.since <= since]
        if len(there) < wanted:
            raise ReadingsError(
                f"readers_per_case: each case needs {wanted} readers, but there are {len(there)}; name more readers."
            )
        joined = [case for case in study if case.since == since]
        _share_out(joined, there, wanted, found, seed=protocol.seed)
    return {reader: tuple(own) for reader, own in found.items()}


def _share_out(
    cases: Sequence[Case], readers: Sequence[str], wanted: int, found: dict[str, list[Case]], *, seed: int
) -> None:
    """Give each of the cases that joined together to `wanted` readers."""
    of_truth, of_all = Counter[tuple[str, int | None]](), Counter[str]()
    together = Counter[tuple[str, str]]()
    for case in by_truth(cases, seed, "share out"):
        chosen: list[str] = []
        for _ in range(wanted):
            rest = [reader for reader in readers if reader not in chosen]
            reader = min(
                rest,
                key=lambda one: (
                    of_truth[one, case.truth],
                    of_all[one],
                    sum(together[one, other] for other in chosen),
                    lot(seed, "reader of case", case.key, one),
                ),
            )
            chosen.append(reader)
        for reader in chosen:
            found[reader].append(case)
            of_truth[reader, case.truth] += 1
            of_all[reader] += 1
            together.update((reader, other) for other in chosen if other != reader)


def by_truth(cases: Sequence[Case], *words: object) -> list[Case]:
    """The cases by chance, those of each truth together: malignant, benign, not known."""
    drawn = shuffled(cases, *words, key=lambda case: case.key)
    return sorted(drawn, key=lambda case: {1: 0, 0: 1, None: 2}[case.truth])


def arm_sequences(arms: int) -> list[tuple[int, ...]]:
    """Orders of arms that are balanced together: each arm stands in each place, and directly follows each other arm,
    equally often (Williams 1949, Australian Journal of Scientific Research A 2:149).

    >>> arm_sequences(2)
    [(0, 1), (1, 0)]
    >>> arm_sequences(3)
    [(0, 2, 1), (1, 0, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1), (0, 1, 2)]
    """
    first = [arms - (place + 1) // 2 if place % 2 else place // 2 for place in range(arms)]
    rows = [tuple((arm + shift) % arms for arm in first) for shift in range(arms)]
    return rows if arms % 2 == 0 else [*rows, *(row[::-1] for row in rows)]


def arms_of_sessions(protocol: ProtocolFields, readers: Sequence[Reader]) -> dict[str, tuple[str | None, ...]]:
    """For each reader the arm of each session; None where a session has tasks of several arms.

    Readers come in turn, in the order in which they joined; each gets the order of arms that evens out best what those
    before have got, first within the group and then over all.
    """
    names = protocol.arm_names
    orders: list[tuple[int, ...]]
    if protocol.readers == "nested":
        orders = [(place,) for place in range(len(names))]
    elif protocol.design == "independent":
        orders = arm_sequences(len(names))
    elif protocol.design == "sequential":
        orders = [tuple(place + 1 for place in order) for order in arm_sequences(len(names) - 1)]
    else:
        return {reader.key: (names[0] if len(names) == 1 else None,) for reader in readers}
    in_group, over_all = Counter[tuple[str, int, int]](), Counter[tuple[int, int]]()
    times = Counter[tuple[int, ...]]()
    found: dict[str, tuple[str | None, ...]] = {}
    for reader in readers:
        order = min(
            orders,
            key=lambda one: (
                sum(in_group[reader.group, place, arm] for place, arm in enumerate(one)),
                sum(over_all[place, arm] for place, arm in enumerate(one)),
                times[one],
                lot(protocol.seed, "order of arms", reader.key, one),
            ),
        )
        times[order] += 1
        over_all.update(enumerate(order))
        in_group.update((reader.group, place, arm) for place, arm in enumerate(order))
        found[reader.key] = tuple(names[arm] for arm in order)
    return found


def arms_of_cases(protocol: ProtocolFields, allotted: Mapping[str, Sequence[Case]]) -> dict[tuple[str, str], str]:
    """Arm of each case in a concurrent design, by the keys of reader and case.

    The arms get equal numbers of each reader's cases that joined together, and of each truth among them. They also get
    equal numbers of a case's readers as far as this allows (with two arms and crossed reading: always).
    """
    found: dict[tuple[str, str], str] = {}
    of_case = Counter[tuple[str, str]]()
    for reader, cases in allotted.items():
        of_truth, of_all = Counter[object](), Counter[object]()
        for case in by_truth(cases, protocol.seed, "arm of case"):
            arm = min(
                protocol.arm_names,
                key=lambda one: (
                    of_truth[case.since, case.truth, one],
                    of_case[case.key, one],
                    of_all[case.since, one],
                    lot(protocol.seed, "arm", reader, case.key, one),
                ),
            )
            found[reader, case.key] = arm
            of_truth[case.since, case.truth, arm] += 1
            of_all[case.since, arm] += 1
            of_case[case.key, arm] += 1
    return found
