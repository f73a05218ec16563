"""Groups of nodules by size, and the candidate that is best in each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from thyrosight.counting import counted
from thyrosight.documents import Column, Row, Table, columns, hidden
from thyrosight.errors import StatisticsError
from thyrosight.studies.analyses.candidates import Candidate, Choice, choose, measure_columns


@dataclass(frozen=True, eq=False)
class SizeGroup:
    """A group with the candidate chosen for it, and the main one, both judged on the images of the group.

    Attributes:
        counts: images per class and part: the fewest validation images of any division, all test images.
        choice, main: with calibration and operating point from the validation images of the group.
        tried: candidates to choose from.
    """

    name: str
    counts: dict[str, int]
    choice: Choice
    main: Candidate
    tried: int

    @property
    def chosen(self) -> Candidate:
        """The candidate with the best validation AUC."""
        return self.choice.best


def size_group(
    name: str, keys: Iterable[str], found: Sequence[Candidate], main: Candidate, *, least: int
) -> SizeGroup | str:
    """Choose for one size group, or say why that cannot be.

    Args:
        name, keys: of the group and its images.
        found: candidates to choose from: those trained on all nodules or on this group.
        least: images of each class that the validation and the test part must hold.
    """
    chosen_from = set(keys)
    counts = _counts(main, chosen_from)
    few = [counted(count, f"{words.replace('_', ' ')} image") for words, count in counts.items() if count < least]
    if few:
        return f"Size group {name} was left out: {', '.join(few)}; {least} of each are needed to choose and to judge."
    try:
        own = [candidate.only(chosen_from) for candidate in found]
        choice, there = choose(own, what="configurations"), main.only(chosen_from)
    except StatisticsError as error:
        return f"Size group {name} was left out: {error}"
    assert choice is not None, "both classes are in the validation part"
    return SizeGroup(name, counts, choice, there, len(own))


def _counts(main: Candidate, keys: set[str]) -> dict[str, int]:
    """Images of the group per part and class: the fewest of any division, as each is judged by itself."""
    counts = {}
    for part in ("validation", "test"):
        for truth, label in ((0, "benign"), (1, "malignant")):
            rows = [item.part(part) for item in main.judged]
            found = [int((table["key"].isin(keys) & (table["truth"] == truth)).sum()) for table in rows]
            counts[f"{label}_{part}"] = min(found) if part == "validation" else sum(found)
    return counts


def size_groups_table(groups: Sequence[SizeGroup], *, caption: str) -> Table:
    """Each group with its chosen candidate (described by its fact `words`), and the main one on the same images."""
    rows: list[Row] = []
    for group in groups:
        for which, item in (("chosen", group.chosen), ("main", group.main)):
            row: Row = {"group": group.name, "which": which, "tried": group.tried, **group.counts}
            row["configuration"] = item.facts["words"] if which == "chosen" else "main choice"
            rows.append({**row, **item.measures})
    few = ", ".join(
        f"{group.name}: {group.counts['benign_validation']} benign and {group.counts['malignant_validation']} malignant"
        for group in groups
    )
    return Table(
        name="size-groups",
        caption=caption,
        columns=(
            Column(key="group", title="Group"),
            *hidden("which"),
            *columns("count", {"benign_test": "Benign", "malignant_test": "Malignant"}),
            *hidden("benign_validation", "malignant_validation", "tried", kind="count"),
            Column(key="configuration", title="Chosen"),
            *measure_columns(),
        ),
        rows=tuple(rows),
        notes=(
            f"Chosen among {groups[0].tried} by uncalibrated AUC on the validation images of the group ({few}); "
            "calibration and operating point from the same images.",
            *(f"{group.name}: {group.choice.words}" for group in groups if group.tried > 1),
        ),
    )
