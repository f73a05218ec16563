"""Checks of a split against a cohort; each error is one sentence."""

from collections import Counter
from collections.abc import Iterable, Mapping

import pandas as pd

from thyrosight.cohort.columns import UNKNOWN
from thyrosight.cohort.table import Cohort
from thyrosight.errors import SplitError

Groups = Mapping[str, tuple[str, ...]]
Parts = Mapping[str, tuple[str, ...]]


def require_same_cohort(digest: str, groups: Groups, cohort: Cohort) -> None:
    """Refuse a split of another cohort; the error says how the cohorts differ."""
    if digest == cohort.digest():
        return
    listed = {key for keys in groups.values() for key in keys}
    present = set(cohort.table["key"])
    if listed == present:
        difference = "the same images, but another label or patient for some"
    else:
        difference = (
            f"{len(present - listed)} images of the cohort are not in the split{_examples(present - listed)}, "
            f"{len(listed - present)} of the split are not in the cohort{_examples(listed - present)}"
        )
    raise SplitError(
        f"The split belongs to another cohort than {cohort.name} ({difference}); "
        "use the cohort and options it was made with, or make a new split."
    )


def _examples(keys: Iterable[str], *, most: int = 3) -> str:
    names = sorted(keys)
    if not names:
        return ""
    return f" ({', '.join(names[:most])}{', ...' if len(names) > most else ''})"


def check_groups(groups: Groups, cohort: Cohort) -> None:
    """Require each image of the cohort in exactly one group, and no other image."""
    present = set(cohort.table["key"])
    counts = Counter(key for keys in groups.values() for key in keys)
    unknown = [key for key in counts if key not in present]
    if unknown:
        raise SplitError(
            f"The split's groups hold an image the cohort does not have: {unknown[0]!r}; correct the name or remove it."
        )
    twice = [key for key, count in counts.items() if count > 1]
    if twice:
        names = [name for name, keys in groups.items() if twice[0] in keys]
        raise SplitError(
            f"Image {twice[0]!r} stands {counts[twice[0]]} times in the split's groups "
            f"({', '.join(map(repr, names))}); leave it in one."
        )
    missing = sorted(present - set(counts))
    if missing:
        raise SplitError(
            f"The split's groups lack image {missing[0]!r} of the cohort ({len(missing)} are lacking); add it."
        )


def require_known_names(names: list[str]) -> None:
    """Require different names of divisions, because results are stored under them."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise SplitError(f"Two divisions of the split are called {twice[0]!r}; rename one.")


def check_division(division: str, parts: Parts, groups: Groups, cohort: Cohort) -> None:
    """Require each group in one part, and no part that is empty (validation may be) or of one class."""
    places: dict[str, list[str]] = {}
    for part, names in parts.items():
        for name in names:
            if name not in groups:
                raise SplitError(f"{division}, {part}: there is no group {name!r} in the split; correct the name.")
            places.setdefault(name, []).append(part)
    for name, found in places.items():
        if len(found) > 1:
            raise SplitError(f"{division}: group {name!r} stands in {' and '.join(found)}; leave it in one part.")
    lost = [name for name in groups if name not in places]
    if lost:
        raise SplitError(
            f"{division}: group {lost[0]!r} stands in no part ({len(lost)} such groups); put each group into one part."
        )
    labels = dict(zip(cohort.table["key"], cohort.table["label"], strict=True))
    for part, names in parts.items():
        found_labels = Counter(labels[key] for name in names for key in groups[name])
        require_both_classes(division, part, found_labels)


def require_both_classes(division: str, part: str, labels: Mapping[str, int]) -> None:
    """Refuse an empty part (other than validation) and a part of one class."""
    if not labels:
        if part == "validation":
            return
        raise SplitError(f"{division}: the {part} part is empty; move groups into it.")
    if len(labels) == 1:
        (only,) = labels
        raise SplitError(
            f"{division}: the {part} part holds only {only} images ({labels[only]}); both classes are needed to train "
            "and to measure. Move groups, use fewer divisions, or another seed."
        )


def require_whole_groups(division: str, parts: Parts, groups: Groups, cohort: Cohort) -> None:
    """Refuse a division with a patient, or a group of near-duplicates, in two parts."""
    part_of = {key: part for part, names in parts.items() for name in names for key in groups[name]}
    table = cohort.table
    sides = table["key"].map(part_of)
    known = table["patient_id"] != UNKNOWN
    _require_one_part(division, "patient", table.loc[known, "patient_id"], sides[known], table["key"])
    if "group" in table:
        _require_one_part(division, "group of near-duplicates", table["group"], sides, table["key"])


def _require_one_part(
    division: str, what: str, names: "pd.Series[str]", sides: "pd.Series[str]", keys: "pd.Series[str]"
) -> None:
    spread = sides.groupby(names).nunique()
    split = spread[spread > 1]
    if split.empty:
        return
    name = split.index[0]
    of_name = names[names == name].index
    where = [f"{part} ({keys[of_name][sides[of_name] == part].iloc[0]})" for part in dict.fromkeys(sides[of_name])]
    others = f" ({len(split)} such cases)" if len(split) > 1 else ""
    raise SplitError(
        f"{division}: {what} {name!r} stands in {' and '.join(where)}{others}; "
        "put all its images into one part, or make the split again."
    )
