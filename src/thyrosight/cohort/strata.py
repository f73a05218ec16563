"""Strata, and their balance over the parts of a split."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thyrosight.cohort.columns import LABELS, UNKNOWN, closest
from thyrosight.cohort.table import Cohort
from thyrosight.errors import SplitError


class Strata:
    """The number of images of each stratum in each group.

    Combinations of several columns would give strata of one or two images. Therefore each column is balanced by itself,
    and within the labels if these are balanced too.

    Attributes:
        names: groups, in a fixed order.
        counts: `(groups, strata)`.
        labels: labels of the images of each group.
    """

    def __init__(self, cohort: Cohort, groups: dict[str, tuple[str, ...]], stratify: Sequence[str]) -> None:
        self.names = list(groups)
        table = cohort.table
        rows = pd.Index(self.names).get_indexer(pd.Index(table["group"]))
        balanced = [_per_group(rows, codes, len(self.names)) for codes in _strata_codes(table, stratify)]
        self.counts: NDArray[np.float64] = np.hstack(balanced)
        self.labels = [Counter[str]() for _ in self.names]
        for row, label in zip(rows, table["label"], strict=True):
            self.labels[row][str(label)] += 1

    def assign(self, rng: np.random.Generator, members: NDArray[np.intp], shares: Sequence[float]) -> NDArray[np.intp]:
        """Divide the groups `members` into parts of the given shares; return the part of each group.

        Groups are taken from large to small, in random order among equals, and each goes to the part that minimises the
        sum over parts and strata of (count - wanted)^2 / wanted. All parts fill at the same pace, so that none collects
        the large groups.
        """
        counts = self.counts[members]
        wanted = np.outer(shares, counts.sum(axis=0))
        wanted = np.maximum(wanted, 1e-9)
        filled = np.zeros_like(wanted)
        order = rng.permutation(len(members))
        order = order[np.argsort(-counts[order].sum(axis=1), kind="stable")]
        part = np.zeros(len(members), dtype=np.intp)
        for index in order:
            added = counts[index]
            cost = ((added * added + 2 * added * (filled - wanted)) / wanted).sum(axis=1)
            best = int(np.argmin(cost))
            part[index] = best
            filled[best] += added
        return self._with_every_label(members, part, len(shares))

    def _with_every_label(self, members: NDArray[np.intp], part: NDArray[np.intp], parts: int) -> NDArray[np.intp]:
        """Give a part that lacks a label the smallest group with that label of the part that has most such groups.

        Otherwise a small part of a small cohort would often hold one class only.
        """
        sizes = np.array([self.labels[member].total() for member in members])
        for label in LABELS:
            holds = np.array([self.labels[member][label] > 0 for member in members], dtype=bool)
            for lacking in range(parts):
                held = np.bincount(part[holds], minlength=parts)
                giver = int(held.argmax())
                if held[lacking] == 0 and held[giver] > 1:
                    of_giver = np.flatnonzero(holds & (part == giver))
                    part[of_giver[sizes[of_giver].argmin()]] = lacking
        return part


def _strata_codes(table: pd.DataFrame, stratify: Sequence[str]) -> list[NDArray[np.intp]]:
    """The stratum of each image, for each property to balance."""
    columns = {name: _bands(table, name) for name in stratify}
    label = columns.get("label")
    keys: list[pd.Index[Any]] = []
    for name, column in columns.items():
        together = [column] if label is None or name == "label" else [label, column]
        keys.append(pd.MultiIndex.from_arrays(together))
    return [np.asarray(pd.factorize(key)[0]) for key in keys] or [np.zeros(len(table), dtype=np.intp)]


def _per_group(rows: NDArray[np.intp], codes: NDArray[np.intp], groups: int) -> NDArray[np.float64]:
    """Images per group and stratum."""
    counts = np.zeros((groups, int(codes.max()) + 1))
    np.add.at(counts, (rows, codes), 1.0)
    return counts


def _bands(table: pd.DataFrame, name: str) -> "pd.Series[Any]":
    """The values of a column to balance: words as they are, numbers in quarters, empty cells as a separate value."""
    if name not in table:
        meant = closest(name, [str(column) for column in table.columns])
        hint = f" Did you mean {meant}?" if meant else ""
        raise SplitError(f"Cannot stratify by {name!r}: the cohort has no such column.{hint}")
    column = table[name]
    if pd.api.types.is_numeric_dtype(column):
        column = pd.qcut(column, 4, duplicates="drop").astype(str).where(column.notna())
    return column.astype(object).fillna(UNKNOWN)
