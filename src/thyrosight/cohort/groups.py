"""Groups that must stay whole: patients, linked where they share near-duplicate images."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from thyrosight.cohort.columns import UNKNOWN
from thyrosight.cohort.table import Cohort


def with_groups(cohort: Cohort) -> Cohort:
    """Add the column `group`: images of one patient, and of patients that share near-duplicates, are one group."""
    patients = cohort.table["patient_id"].tolist()
    return replace(cohort, table=cohort.table.assign(group=group_names(patients, cohort.table["key"].tolist(), [])))


def linked(count: int, pairs: Iterable[tuple[int, int]]) -> NDArray[np.intp]:
    """The connected component of each of `count` things, numbered in order of first appearance.

    >>> linked(5, [(0, 3), (3, 4)]).tolist()
    [0, 1, 2, 0, 0]
    """
    edges = np.array(list(pairs), dtype=np.intp).reshape(-1, 2)
    graph = coo_matrix((np.ones(len(edges), dtype=np.int8), (edges[:, 0], edges[:, 1])), shape=(count, count))
    _, components = connected_components(graph, directed=False)
    order: dict[int, int] = {}
    return np.array([order.setdefault(int(component), len(order)) for component in components], dtype=np.intp)


def group_names(patients: list[str], keys: list[str], pairs: Iterable[tuple[int, int]]) -> list[str]:
    """The group of each image, named after its patients, else after its first image.

    >>> group_names(["7", "unknown", "8", "7"], ["a", "b", "c", "d"], [(0, 2)])
    ['7+8', 'b', '7+8', '7+8']
    """
    first: dict[str, int] = {}
    same_patient = [(first.setdefault(patient, row), row) for row, patient in enumerate(patients) if patient != UNKNOWN]
    components = linked(len(keys), [*pairs, *same_patient])
    members: dict[int, list[int]] = {}
    for row, component in enumerate(components.tolist()):
        members.setdefault(component, []).append(row)
    names: dict[int, str] = {}
    taken: set[str] = set()
    for component, rows in members.items():
        known = list(dict.fromkeys(patients[row] for row in rows if patients[row] != UNKNOWN))
        name = plain = _joined(known) if known else keys[rows[0]]
        number = 1
        while name in taken:
            number += 1
            name = f"{plain} ({number})"
        taken.add(name)
        names[component] = name
    return [names[component] for component in components.tolist()]


def _joined(patients: list[str], *, most: int = 4) -> str:
    more = f"+{len(patients) - most} more" if len(patients) > most else ""
    return "+".join(patients[:most]) + more
