"""Orders: who reads what, drawn alike for ever, balanced, and never changed by whoever joins later."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.readings.conftest import ATTENTION, PRACTICE, cases, protocol_with
from thyrosight.errors import ReadingsError
from thyrosight.readings import Case, Protocol, Reader, Session, orders

TWO = [{"name": "unaided"}, {"name": "aided", "model": "risk"}]
THREE = [*TWO, {"name": "second", "model": "other"}]
INDEPENDENT = {"design": "independent", "arms": TWO, "practice": 0, "attention": 0}


def readers(number: int, *, groups: Sequence[str] = ("",), since: int = 1) -> list[Reader]:
    return [Reader(f"R{since}.{place}", groups[place % len(groups)], since) for place in range(number)]


def of_reader(sessions: Sequence[Session], reader: str) -> list[Session]:
    return [session for session in sessions if session.reader == reader]


def places(session: Session) -> dict[str, int]:
    """Of each study case the place where it is read first."""
    return {task.case: task.position for task in session.tasks if not (task.practice or task.attention or task.repeat)}


def test_the_orders_of_a_seed_never_change() -> None:
    protocol = protocol_with(**INDEPENDENT | {"repeats": 2, "practice": 2, "attention": 2})
    found = orders(protocol, [*cases(6, malignant=2), *PRACTICE, *ATTENTION], readers(2))
    assert [
        (session.key, session.arm, " ".join(task.case + "'" * task.repeat for task in session.tasks))
        for session in found
    ] == [
        ("R1.0 1", "unaided", "p1 p0 a1 c3 c1 c4 c2 a0 c5 c0 c3' c1'"),
        ("R1.0 2", "aided", "p1 p0 c2 c4 c5 a1 c1 c0 c3 a0 c2' c4'"),
        ("R1.1 1", "aided", "p1 p0 c4 a0 c1 c3 c0 c2 c5 a1 c4' c1'"),
        ("R1.1 2", "unaided", "p1 p0 c3 a1 c2 c1 c5 c4 c0 c3' a0 c2'"),
    ]


@st.composite
def plans(draw: st.DrawFn) -> tuple[Protocol, list[Case], list[Reader]]:
    """A study of any design."""
    design, arms = draw(
        st.sampled_from(
            [("single", TWO[:1]), ("single", TWO[1:]), ("independent", TWO), ("independent", THREE),
             ("sequential", TWO), ("sequential", THREE), ("concurrent", TWO), ("concurrent", THREE[1:])]
        )
    )  # fmt: skip
    reading = draw(st.sampled_from(["crossed", "nested", "blocks"]))
    number = draw(st.integers(2, 7))
    per_case = draw(st.integers(1, number)) if reading == "blocks" else None
    count = draw(st.integers(2 * number, 30))
    changes: dict[str, Any] = {
        "design": design, "arms": arms, "reading": reading, "readers_per_case": per_case,
        "seed": draw(st.integers(0, 999)), "practice": draw(st.integers(0, 3)), "attention": draw(st.integers(0, 2)),
        "repeats": draw(st.integers(0, 2)),
    }  # fmt: skip
    groups = draw(st.sampled_from([("",), ("junior", "senior")]))
    there = [*cases(count, malignant=draw(st.integers(0, count))), *PRACTICE, *ATTENTION]
    return protocol_with(**changes), there, readers(number, groups=groups)


@given(plans())
@settings(max_examples=60, deadline=None)
def test_every_reader_reads_what_the_protocol_says(plan: tuple[Protocol, list[Case], list[Reader]]) -> None:
    protocol, there, who = plan
    sessions = orders(protocol, there, who)
    assert sessions == orders(protocol, there[::-1], who)
    read_by = Counter[str]()
    for reader in who:
        own = of_reader(sessions, reader.key)
        assert [session.number for session in own] == list(range(1, len(own) + 1))
        keys = set(places(own[0]))
        read_by.update(keys)
        for session in own:
            assert [task.position for task in session.tasks] == list(range(1, len(session.tasks) + 1))
            first = [task.case for task in session.tasks if not task.repeat]
            assert len(first) == len(set(first)) and set(places(session)) == keys
            assert [task.practice for task in session.tasks] == [
                place < protocol.practice for place in range(len(session.tasks))
            ]
            assert sum(task.attention for task in session.tasks) == protocol.attention
            assert sum(task.repeat for task in session.tasks) == protocol.repeats
    wanted = {"crossed": len(who), "nested": 1, "blocks": protocol.readers_per_case}[protocol.reading]
    assert set(read_by.values()) == {wanted} and len(read_by) == sum(case.role == "study" for case in there)


@given(plans())
@settings(max_examples=40, deadline=None)
def test_each_arm_is_read_once_for_each_case(plan: tuple[Protocol, list[Case], list[Reader]]) -> None:
    protocol, there, who = plan
    times = Counter(
        (session.reader, task.case, arm)
        for session in orders(protocol, there, who)
        for task in session.tasks
        for _, arm in task.stages
        if not (task.repeat or task.practice or task.attention)
    )
    of_case = Counter((reader, case) for reader, case, _ in times)
    if protocol.design == "concurrent":
        assert set(times.values()) == set(of_case.values()) == {1}
    else:
        assert set(of_case.values()) == {len(protocol.arms)}
        models = len(protocol.arms) - 1
        assert set(times.values()) == ({1, models} if protocol.design == "sequential" else {1})


@given(plans(), st.integers(1, 9), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_whoever_joins_later_changes_nobody_elses_order(
    plan: tuple[Protocol, list[Case], list[Reader]], more: int, newcomers: int
) -> None:
    protocol, there, who = plan
    before = orders(protocol, there, who)
    joined = cases(max(more, 2 * (len(who) + newcomers)), malignant=1, since=2, name="late")
    withdrawn = [Case(case.key, case.truth, role=case.role, withdrawn=place == 3) for place, case in enumerate(there)]
    after = orders(protocol, [*withdrawn, *joined], [*who, *readers(newcomers, since=2)])
    found = {session.key: session for session in after}
    for session in before:
        later = found[session.key]
        assert later.arm == session.arm
        same = later.tasks[: len(session.tasks)]
        assert [(task.case, task.position, task.stages, task.repeat) for task in same] == [
            (task.case, task.position, task.stages, task.repeat) for task in session.tasks
        ]
        assert all(task.withdrawn == (task.case == there[3].key) for task in same)
        assert {task.case for task in later.tasks[len(session.tasks) :]} <= {case.key for case in joined}


@given(st.integers(0, 999), st.integers(1, 9), st.sampled_from([TWO, THREE]), st.integers(3, 40), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_arms_and_places_are_balanced_over_sessions(
    seed: int, number: int, arms: list[dict[str, str]], count: int, repeats: int
) -> None:
    protocol = protocol_with(**INDEPENDENT | {"arms": arms, "seed": seed, "attention": 2, "repeats": repeats})
    sessions = orders(protocol, [*cases(count, malignant=count // 3), *ATTENTION], readers(number))
    for place in range(1, len(arms) + 1):
        times = Counter(session.arm for session in sessions if session.number == place)
        assert max(times.values()) - min(times[arm["name"]] for arm in arms) <= 1
    if count >= 2 * len(arms):
        for reader in readers(number):
            of_case = defaultdict(list)
            for session in of_reader(sessions, reader.key):
                for case, place in places(session).items():
                    of_case[case].append(place)
            assert all(len(set(found)) == len(arms) for found in of_case.values())


def test_groups_of_readers_are_balanced_each() -> None:
    protocol = protocol_with(**INDEPENDENT)
    sessions = orders(protocol, cases(5), readers(10, groups=("junior", "junior", "senior")))
    groups = {reader.key: reader.group for reader in readers(10, groups=("junior", "junior", "senior"))}
    first = Counter((groups[session.reader], session.arm) for session in sessions if session.number == 1)
    assert abs(first["junior", "unaided"] - first["junior", "aided"]) <= 1
    assert abs(first["senior", "unaided"] - first["senior", "aided"]) <= 1
    assert sum(times for (_, arm), times in first.items() if arm == "aided") == 5


@given(st.integers(0, 999), st.integers(2, 9), st.integers(1, 9), st.integers(0, 40), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_blocks_are_balanced_over_truth_and_readers(
    seed: int, number: int, per_case: int, malignant: int, benign: int
) -> None:
    per_case = min(per_case, number)
    count = malignant + benign
    if count * per_case < number:
        return
    changes = {"reading": "blocks", "readers_per_case": per_case, "seed": seed, "practice": 0, "attention": 0}
    sessions = orders(protocol_with(**changes), cases(count, malignant=malignant), readers(number))
    truth = {case.key: case.truth for case in cases(count, malignant=malignant)}
    loads = [Counter(truth[task.case] for task in session.tasks) for session in sessions]
    for value in (0, 1):
        assert max(load[value] for load in loads) - min(load[value] for load in loads) <= 1
    totals = [load.total() for load in loads]
    assert max(totals) - min(totals) <= 2 and sum(totals) == count * per_case


def test_pairs_of_readers_share_cases_evenly() -> None:
    changes = {"reading": "blocks", "readers_per_case": 2, "practice": 0, "attention": 0}
    sessions = orders(protocol_with(**changes), cases(60, malignant=20), readers(4))
    read = [set(places(session)) for session in sessions]
    shared = [len(one & other) for place, one in enumerate(read) for other in read[:place]]
    assert sum(shared) == 60 and min(shared) >= 8 and max(shared) <= 12


@given(st.integers(0, 999), st.integers(2, 6), st.integers(0, 15), st.integers(0, 15))
@settings(max_examples=40, deadline=None)
def test_a_concurrent_design_balances_arms_over_truth_and_readers(
    seed: int, number: int, malignant: int, benign: int
) -> None:
    if not malignant + benign:
        return
    there = cases(malignant + benign, malignant=malignant)
    protocol = protocol_with(design="concurrent", arms=TWO, seed=seed, practice=0, attention=0)
    truth = {case.key: case.truth for case in there}
    of_case, aided = Counter[str](), Counter[tuple[str, int | None]]()
    for session in orders(protocol, there, readers(number)):
        chosen = [task.case for task in session.tasks if task.arm("only") == "aided"]
        of_case.update(chosen)
        aided.update((session.reader, truth[case]) for case in chosen)
    for reader in readers(number):
        assert abs(2 * aided[reader.key, 1] - malignant) <= 1
        assert abs(2 * aided[reader.key, 0] - benign) <= 1
    assert all(abs(2 * of_case[case.key] - number) <= 1 for case in there)


@given(st.integers(0, 999), st.integers(1, 20), st.integers(0, 20))
@settings(max_examples=40, deadline=None)
def test_repeats_are_as_far_off_as_can_be(seed: int, count: int, repeats: int) -> None:
    repeats = min(repeats, count)
    protocol = protocol_with(design="single", arms=TWO[:1], seed=seed, repeats=repeats, practice=0, attention=0)
    (session,) = orders(protocol, cases(count, malignant=count // 2), readers(1))
    first = places(session)
    gaps = [task.position - first[task.case] for task in session.tasks if task.repeat]
    assert gaps == [count] * repeats


def test_repeats_hold_both_truths_and_change_from_session_to_session() -> None:
    protocol = protocol_with(**INDEPENDENT | {"repeats": 10})
    there = cases(60, malignant=12)
    truth = {case.key: case.truth for case in there}
    one, two = (
        {task.case for task in session.tasks if task.repeat}
        for session in of_reader(orders(protocol, there, readers(1)), "R1.0")
    )
    assert not one & two
    assert {sum(truth[case] or 0 for case in one), sum(truth[case] or 0 for case in two)} == {2}


def test_nested_readers_have_one_arm_each() -> None:
    sessions = orders(protocol_with(**INDEPENDENT | {"readers": "nested"}), cases(5), readers(7))
    assert len(sessions) == 7
    assert sorted(Counter(session.arm for session in sessions).values()) == [3, 4]


def test_attention_cases_lie_apart() -> None:
    protocol = protocol_with(design="single", arms=TWO[:1], practice=0, attention=2)
    (session,) = orders(protocol, [*cases(40), *ATTENTION], readers(1))
    found = [task.position for task in session.tasks if task.attention]
    assert found[0] <= 21 < found[1]


@pytest.mark.parametrize(
    ("changes", "there", "who", "said"),
    [
        ({}, [], readers(1), "The study has no case"),
        ({}, cases(3), [], "The study has no reader"),
        ({}, [*cases(3), *cases(1)], readers(1), "The case 'c0' is named twice"),
        ({"practice": 4}, [*cases(3), *PRACTICE], readers(1), "practice: the protocol wants 4 cases"),
        ({"practice": 0, "attention": 0, "repeats": 4}, cases(3), readers(1), "repeats: 4 cases"),
        (
            {"practice": 0, "attention": 0, "reading": "blocks", "readers_per_case": 3},
            cases(3),
            readers(2),
            "readers_per_case: each case needs 3 readers, but there are 2",
        ),
        ({"practice": 0, "attention": 0, "reading": "nested"}, cases(2), readers(3), "gets no case"),
    ],
)
def test_what_the_protocol_cannot_have_is_said(
    changes: dict[str, Any], there: list[Case], who: list[Reader], said: str
) -> None:
    with pytest.raises(ReadingsError) as error:
        orders(protocol_with(**changes), there, who)
    assert said in str(error.value)
