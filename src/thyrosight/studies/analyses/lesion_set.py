"""One set of tested nodules, with what networks and readers said of them: its tables, and those of its subgroups.

The tables are those of Rho et al.: patients and nodules, network against readers, categories.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from thyrosight.cohort import UNKNOWN
from thyrosight.cohort.records.readers import Reading
from thyrosight.documents import FlowStep, Measure, Table, Value
from thyrosight.studies.analyses.baseline import SEX, Characteristic, Groups, baseline_table, patients_title
from thyrosight.studies.analyses.diagnosis import NetworkOnSet
from thyrosight.studies.analyses.reader_comparison import network_table, reader_mean_table, reader_table
from thyrosight.studies.analyses.risk_categories import (
    Systems,
    categories_table,
    categorisation_table,
    category_systems,
    with_categories,
)
from thyrosight.studies.base import Evaluation
from thyrosight.studies.measures import correct_rows
from thyrosight.tirads import RiskCategories

_READERS = "readers"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SIZE = Characteristic("Nodule size (mm)", "nodule_mm", "regression")
_DIAGNOSIS = Characteristic("Diagnosis", "label", "regression", levels={"benign": "benign", "malignant": "malignant"})
_MEANS = (
    "Means ± standard deviation with their range, or numbers with percentages of the class. A patient with nodules of "
    "both classes counts in both."
)


@dataclass(frozen=True)
class SetOptions:
    """How a set is analysed.

    Attributes:
        evaluation: rule of cut-offs, confidence, bootstrap.
        rule: that gives a probability its category.
        at_most_mm: size up to which nodules are a subgroup of their own; None for no subgroups.
    """

    evaluation: Evaluation
    rule: RiskCategories
    at_most_mm: float | None


@dataclass(frozen=True, eq=False)
class TestedSet:
    """Nodules that were tested, and everything that was said of them.

    Attributes:
        name, external, split_kind, flow: of the set.
        nodules: a row each, with truth, group, nodule_mm and, where there is a network, probability and risk of the
            main one.
        networks: at the operating points of their validation parts; the main one first, none where none was trained.
        notes: to be known of the set and its readers.
    """

    __test__ = False  # not a test of pytest

    name: str
    external: bool
    split_kind: str
    flow: Sequence[FlowStep]
    nodules: pd.DataFrame
    readings: Sequence[Reading]
    networks: Sequence[NetworkOnSet]
    notes: Sequence[str]

    @property
    def label_sources(self) -> list[str]:
        """Sources of the labels."""
        return sorted({str(source) for source in self.nodules["label_source"]})

    @property
    def keys(self) -> dict[str, str]:
        """Name, sources of the labels and kind of split, for rows of tables that travel without their report."""
        split = "external set" if self.external else self.split_kind
        return {"set": self.name, "labels": " and ".join(self.label_sources), "split": split}

    @property
    def source(self) -> str:
        """Label source, kind of split and numbers, for every figure and table of the set."""
        malignant, nodules = int(self.nodules["truth"].sum()), self.nodules
        where = "external set" if self.external else f"{self.split_kind} split"
        return (
            f"labels: {self.keys['labels']}; {where}; {len(nodules)} nodules of {self.name} "
            f"({len(nodules) - malignant} benign, {malignant} malignant) in {nodules['group'].nunique()} groups"
        )

    @property
    def main(self) -> Mapping[str, Measure]:
        """Measures of the main network at the operating point of its validation part; none without one."""
        return self.networks[0].found.measures if self.networks else {}


@dataclass(frozen=True, eq=False)
class Analysis:
    """One set of nodules, all that were tested or a subgroup by size.

    Attributes:
        more: written as CSV alone: the network without readers, where a table with readers shows it too.
        missing: what could not be computed, and why.
    """

    name: str
    nodules: pd.DataFrame
    tables: Sequence[Table]
    more: Sequence[Table]
    missing: Sequence[str]

    @property
    def readers(self) -> dict[str, Table]:
        """The network against each reader, by the reader's name."""
        return {str(table.rows[0]["read_by"]): table for table in self.tables if table.name == _READERS}


@dataclass(frozen=True, eq=False)
class AnalysedSet:
    """A tested set with its analyses.

    Attributes:
        whole, subgroups: of all its nodules, and by size.
        notes: to be known of the set, its readers and its subgroups.
    """

    item: TestedSet
    whole: Analysis
    subgroups: Sequence[Analysis]
    mean: Table | None
    notes: Sequence[str]


def analysed(item: TestedSet, options: SetOptions, *, first: bool) -> AnalysedSet:
    """All analyses of a tested set; the captions of the first one go without its name."""
    prefix = "Table" if first else f"{item.name}, Table"
    parts, notes = subgroups(item, options)
    mean = reader_mean_table(item.nodules, item.readings, options.evaluation)
    said = [*item.notes, *notes, *([mean] if isinstance(mean, str) else [])]
    whole = analyse(item, options, name="all nodules", nodules=item.nodules, prefix=prefix)
    whole, *parts = corrected_together([whole, *parts])
    return AnalysedSet(item, whole, parts, placed(mean, item) if isinstance(mean, Table) else None, said)


def corrected_together(parts: Sequence[Analysis]) -> list[Analysis]:
    """The parts with the P values of all comparisons with readers corrected by Holm over all of them."""
    rows = [dict(row) for part in parts for table in part.tables if table.name == _READERS for row in table.rows]
    correct_rows(rows)
    tests, left = sum(row.get("p") is not None for row in rows), iter(rows)
    note = f"P corrected by Holm over the {tests} comparisons with readers in this set and its subgroups."
    return [
        replace(
            part,
            tables=[
                table.model_copy(
                    update={
                        "rows": tuple(next(left) for _ in table.rows),
                        "notes": (*table.notes, *([note] if tests > 1 and _tested(table) else [])),
                    }
                )
                if table.name == _READERS
                else table
                for table in part.tables
            ],
        )
        for part in parts
    ]


def _tested(table: Table) -> bool:
    return any(row.get("p") is not None for row in table.rows)


def placed(table: Table, item: TestedSet, **keys: Value) -> Table:
    """The table with hidden columns that name its set, and the source of that set."""
    return table.told_apart(**item.keys, **keys).model_copy(update={"source": item.source})


def analyse(item: TestedSet, options: SetOptions, *, name: str, nodules: pd.DataFrame, prefix: str) -> Analysis:
    """Tables 1 to 3 of these nodules; what cannot be computed is named and the rest is still there."""
    evaluation = options.evaluation
    systems = category_systems(nodules, item.readings, options.rule)
    tables: list[Table] = []
    more: list[Table] = []
    missing: list[str] = []
    if len(nodules):
        tables.append(characteristics_table(nodules, systems, caption=f"{prefix} 1. Patients and nodules ({name})"))
    if nodules["truth"].nunique() < 2:
        missing.append(_one_class(name, nodules))
    else:
        compared = [reader_table(nodules, reading, evaluation, name=name) for reading in item.readings]
        readers = [found for found in compared if isinstance(found, Table)]
        missing += [found for found in compared if isinstance(found, str)]
        letters = _LETTERS if len(readers) > 1 else ("",)
        for place, table in enumerate(readers):
            caption = f"{prefix} 2{letters[place % len(letters)]}. {table.caption}"
            tables.append(table.model_copy(update={"caption": caption}))
        if "risk" in nodules:
            caption = f"{prefix} 2. Diagnostic performance of the CNN ({name}"
            (more if readers else tables).append(network_table(nodules, evaluation, caption=caption))
        caption = f"{prefix} 3. Categorisation ({name})"
        sorting, unsorted = categorisation_table(nodules, systems, caption=caption, options=evaluation)
        caption = f"Malignant nodules in each risk category of the CNN ({name})"
        categories = categories_table(nodules, systems, caption=caption, rule=options.rule, options=evaluation)
        tables += [found for found in (sorting, categories) if found]
        missing += unsorted
    own = [[placed(table, item, nodules=name, size=len(nodules)) for table in group] for group in (tables, more)]
    return Analysis(name, nodules, own[0], own[1], missing)


def _one_class(name: str, nodules: pd.DataFrame) -> str:
    if nodules.empty:
        return f"{name}: there is no nodule."
    only = nodules["label"].iloc[0]
    return f"{name}: all {len(nodules)} nodules are {only}; AUC, cut-offs and comparisons need both classes."


def subgroups(item: TestedSet, options: SetOptions) -> tuple[list[Analysis], list[str]]:
    """Nodules up to the recipe's limit against larger ones; and sentences about those that are not there."""
    limit, sizes = options.at_most_mm, item.nodules["nodule_mm"]
    if limit is None or sizes.isna().all():
        return [], []
    found, notes = [], []
    if sizes.isna().any():
        notes.append(f"{int(sizes.isna().sum())} nodules of unknown size stand in no subgroup by size.")
    for name, chosen in ((f"≤ {limit:g} mm", sizes <= limit), (f"> {limit:g} mm", sizes > limit)):
        if chosen.any():
            own = item.nodules[chosen]
            found.append(analyse(item, options, name=name, nodules=own, prefix=f"Subgroup {name}, Table"))
        else:
            notes.append(f"Subgroup {name}: there is no such nodule.")
    return found, notes


def _lines(nodules: pd.DataFrame) -> list[Characteristic]:
    """Patients, their age and sex, and nodules, as the paper compares them."""
    unknown = "nodule_id" in nodules and bool((nodules["nodule_id"] == UNKNOWN).all())
    return [
        Characteristic(f"No. of {patients_title(nodules)}", patients=True),
        Characteristic("Age (years)", "age", "student", patients=True),
        SEX,
        Characteristic("No. of images (nodules unknown)" if unknown else "No. of nodules"),
    ]


def characteristics_table(nodules: pd.DataFrame, systems: Systems, *, caption: str) -> Table:
    """Patients, nodules and categories by class."""
    rows, categories = with_categories(nodules, systems)
    lines = [*_lines(nodules), _SIZE, *categories]
    return baseline_table(rows, lines, name="characteristics", caption=caption, unit="nodules", notes=(_MEANS,))


def sizes_table(nodules: pd.DataFrame, limit: float, *, caption: str) -> Table | None:
    """Patients and nodules of at most `limit` mm against larger ones; None where there are not both."""
    known = nodules[nodules["nodule_mm"].notna()]
    small = known["nodule_mm"] <= limit
    if not small.any() or small.all():
        return None
    return baseline_table(
        known.assign(size_group=np.where(small, "small", "large")),
        [*_lines(known), _DIAGNOSIS],
        name="sizes",
        caption=caption,
        groups=Groups("size_group", {"small": f"≤ {limit:g} mm", "large": f"> {limit:g} mm"}),
        unit="nodules",
    )
