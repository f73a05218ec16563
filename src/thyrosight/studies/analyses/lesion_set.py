"""One set of tested nodules, with what networks and readers said of them: its tables, and those of its subgroups.

The tables are those of Rho et al.: patients and nodules, network against readers, categories.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from thyrosight.cohort import UNKNOWN
from thyrosight.documents import FlowStep, Measure, Table, Value
from thyrosight.studies.analyses.baseline import (
    BY_CLASS,
    SEX,
    Characteristic,
    Groups,
    baseline_table,
    patients_title,
)
from thyrosight.studies.analyses.diagnosis import NetworkOnSet, diagnose, network_judgements
from thyrosight.studies.analyses.reader_comparison import (
    AgainstReader,
    ReaderMean,
    against_reader,
    mean_of_readers,
    network_table,
    reader_table,
)
from thyrosight.studies.analyses.readers import Reading
from thyrosight.studies.analyses.risk_categories import (
    Systems,
    categories_table,
    categorisation_table,
    category_systems,
    with_categories,
)
from thyrosight.studies.base import Evaluation
from thyrosight.tirads import RiskCategories

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
        readings: of its readers.
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


@dataclass(frozen=True, eq=False)
class Analysis:
    """One set of nodules, all that were tested or a subgroup by size.

    Attributes:
        name, n, malignant: of these nodules.
        readers: the network against each reader.
        tables: printed, in their order.
        more: written as CSV alone: the network without readers, where a table with readers shows it too.
        missing: what could not be computed, and why.
    """

    name: str
    n: int
    malignant: int
    readers: Sequence[AgainstReader]
    tables: Sequence[Table]
    more: Sequence[Table]
    missing: Sequence[str]


@dataclass(frozen=True, eq=False)
class Findings:
    """A tested set with its analyses.

    Attributes:
        item: the set.
        whole, subgroups: of all its nodules, and by size.
        mean: of its readers.
        notes: to be known of the set, its readers and its subgroups.
    """

    item: TestedSet
    whole: Analysis
    subgroups: Sequence[Analysis]
    mean: ReaderMean | None
    notes: Sequence[str]

    @property
    def main(self) -> Mapping[str, Measure]:
        """Measures of the main network at the operating point of its validation part; none without one."""
        return self.item.networks[0].found.measures if self.item.networks else {}


def analysed(item: TestedSet, options: SetOptions, *, first: bool) -> Findings:
    """All analyses of a tested set; the captions of the first one go without its name."""
    prefix = "Table" if first else f"{item.name}, Table"
    parts, notes = subgroups(item, options)
    mean = mean_of_readers(item.nodules, item.readings, options.evaluation)
    said = [*item.notes, *notes, *([mean] if isinstance(mean, str) else [])]
    whole = analyse(item, options, name="all nodules", nodules=item.nodules, prefix=prefix)
    return Findings(item, whole, parts, None if isinstance(mean, str) else mean, said)


def placed(table: Table, item: TestedSet, **keys: Value) -> Table:
    """The table with hidden columns that say of which set it is, and the source of that set."""
    return table.told_apart(**item.keys, **keys).model_copy(update={"source": item.source})


def analyse(item: TestedSet, options: SetOptions, *, name: str, nodules: pd.DataFrame, prefix: str) -> Analysis:
    """Tables 1 to 3 of these nodules; what cannot be computed is named and the rest is still there.

    Args:
        item: the set they are of.
        options: of the analysis.
        name: of these nodules.
        nodules: rows of the set.
        prefix: stands before the numbers of the tables.
    """
    evaluation = options.evaluation
    systems = category_systems(nodules, item.readings, options.rule)
    caption = f"{prefix} 1. Patients and nodules ({name})"
    tables = [] if nodules.empty else [characteristics_table(nodules, systems, caption=caption)]
    more: list[Table] = []
    readers: list[AgainstReader] = []
    if nodules["truth"].nunique() < 2:
        missing = [_one_class(name, nodules)]
    else:
        missing = []
        for reading in item.readings:
            found = against_reader(nodules, reading, evaluation)
            if isinstance(found, str):
                missing.append(found)
            else:
                readers.append(found)
        tables += _reader_tables(readers, caption=f"{prefix} 2", name=name)
        if "risk" in nodules:
            network = diagnose(network_judgements(nodules), evaluation)
            caption = f"{prefix} 2. Diagnostic performance of the CNN ({name}"
            (more if readers else tables).append(network_table(network, caption=caption))
        caption = f"{prefix} 3. Categorisation ({name})"
        sorting, unsorted = categorisation_table(nodules, systems, caption=caption, options=evaluation)
        caption = f"Risk categories of the CNN: malignant of all nodules ({name})"
        categories = categories_table(nodules, systems, caption=caption, rule=options.rule)
        tables += [table for table in (sorting, categories) if table]
        missing += unsorted
    own = [[placed(table, item, nodules=name, size=len(nodules)) for table in group] for group in (tables, more)]
    return Analysis(name, len(nodules), int(nodules["truth"].sum()), readers, own[0], own[1], missing)


def _one_class(name: str, nodules: pd.DataFrame) -> str:
    if nodules.empty:
        return f"{name}: there is no nodule."
    only = nodules["label"].iloc[0]
    return f"{name}: all {len(nodules)} nodules are {only}; AUC, cut-offs and comparisons need both classes."


def _reader_tables(readers: Sequence[AgainstReader], *, caption: str, name: str) -> list[Table]:
    """One table for each reader, with a letter where there are several."""
    letters = _LETTERS if len(readers) > 1 else ("",)
    return [
        reader_table(
            found, caption=f"{caption}{letters[place % len(letters)]}. CNN against {found.reading.name} ({name}"
        )
        for place, found in enumerate(readers)
    ]


def subgroups(item: TestedSet, options: SetOptions) -> tuple[list[Analysis], list[str]]:
    """Nodules up to the recipe's limit against larger ones; and sentences about those that are not there."""
    limit, sizes = options.at_most_mm, item.nodules["nodule_mm"]
    if limit is None or sizes.isna().all():
        return [], []
    notes = []
    if sizes.isna().any():
        notes.append(f"{int(sizes.isna().sum())} nodules of unknown size stand in no subgroup by size.")
    found = []
    for name, chosen in _by_size(sizes, limit):
        if not chosen.any():
            notes.append(f"Subgroup {name}: there is no such nodule.")
            continue
        found.append(analyse(item, options, name=name, nodules=item.nodules[chosen], prefix=f"Subgroup {name}, Table"))
    return found, notes


def _by_size(sizes: "pd.Series[float]", limit: float) -> Iterable[tuple[str, "pd.Series[bool]"]]:
    return (f"≤ {limit:g} mm", sizes <= limit), (f"> {limit:g} mm", sizes > limit)


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
    return baseline_table(
        rows,
        [*_lines(nodules), _SIZE, *categories],
        name="characteristics",
        caption=caption,
        groups=BY_CLASS,
        unit="nodules",
        notes=(_MEANS,),
    )


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
