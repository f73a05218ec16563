"""Checks of a study that simulated readers have read."""

import io
import time

import numpy as np
import pandas as pd

from simulated_reading.driving import Typed
from simulated_reading.readers import Minds, Skill
from simulated_reading.station import OpenStudy
from thyrosight.readings import Case, Reader, orders, parse_protocol
from thyrosight.statistics import ReaderComparison, compare_readers


def table_of(study: OpenStudy) -> pd.DataFrame:
    """The export as a table."""
    return pd.read_csv(io.StringIO(study.export()))


def as_typed(study: OpenStudy, table: pd.DataFrame, typed: dict[str, Typed]) -> list[str]:
    """Readings that are not in the export as they were typed, or the other way round."""
    exported = {
        (row["reader"], row["session"], row["position"]): (
            row["case"], row["score"], bool(row["biopsy"]), row["arm"] == "aided", row["comment"],
        )
        for row in table.to_dict("records")
    }  # fmt: skip
    wanted = {
        (reader, session, number): (study.codes[case], score, biopsy, aided, f"s{session} c{number}")
        for reader, own in typed.items()
        for (session, number), (case, score, biopsy, aided) in own.readings.items()
    }
    keys = sorted(set(exported) | set(wanted))
    return [f"{key}: {wanted.get(key)} != {exported.get(key)}" for key in keys if exported.get(key) != wanted.get(key)]


def as_drawn(study: OpenStudy, table: pd.DataFrame, minds: Minds) -> list[str]:
    """Places at which another case was read than the one that the seed draws."""
    cases = [
        Case(study.codes[number], truth=int(truth), label_source="simulation")
        for number, truth in enumerate(minds.truth)
    ]
    readers = [Reader(code, "simulated") for code in study.names]
    planned = {
        (session.reader, session.number, task.position): (task.case, task.arm("only"))
        for session in orders(parse_protocol(dict(study.protocol)), cases, readers)
        for task in session.tasks
    }
    read = {
        (row["reader"], row["session"], row["position"]): (row["case"], row["arm"]) for row in table.to_dict("records")
    }
    return [f"{key}: {planned.get(key)} != {read.get(key)}" for key in sorted(set(planned) | set(read))
            if planned.get(key) != read.get(key)]  # fmt: skip


def recovered(table: pd.DataFrame, skills: list[Skill]) -> tuple[dict[str, float], ReaderComparison]:
    """Area under the curve of each arm and their difference, beside what was put in; and the comparison itself."""
    found = compare_readers(table, test="arm", reader="reader", case="case", truth="truth", rating="score")
    put_in = {arm: float(np.mean([getattr(skill, arm) for skill in skills])) for arm in ("aided", "unaided")}
    return put_in, found


def as_reported(study: OpenStudy, found: ReaderComparison) -> list[str]:
    """End the reading, have the workstation analyse it, and give what in its report is not as in `found`."""
    study.change("POST", "/close", {})
    made = study.call("POST", f"/reader-studies/{study.id}/results", {"language": "en"})
    while made["state"] in ("waiting", "running"):
        time.sleep(1)
        made = study.call("GET", f"/reader-studies/{study.id}/results")
    if made["state"] != "done":
        return [made["problem"]]
    text = study.designer.call("GET", f"/reader-studies/{study.id}/results/tables/mrmc.csv").text
    table = pd.read_csv(io.StringIO(text), float_precision="round_trip")
    row = table[(table["measure"] == "AUC") & (table["readers"] == "Readers like these")].iloc[0]
    arms = dict(zip(found.tests, found.test_estimates, strict=True))
    (difference,) = found.differences
    assert (difference.test_a, difference.test_b) == ("aided", "unaided")
    wanted = {"reference": arms["unaided"], "new": arms["aided"], "difference": difference.estimate}
    unequal = []
    for name, estimate in wanted.items():
        for part in ("value", "low", "high", "se"):
            column = name if part == "value" else f"{name}_{part}"
            if row[column] != getattr(estimate, part):
                unequal.append(f"{column}: {row[column]!r} in the report, {getattr(estimate, part)!r} from the export")
    return unequal
