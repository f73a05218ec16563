"""Drawing splits: groups are divided into parts of given sizes with balanced labels."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from thyrosight.cohort.columns import LABELS
from thyrosight.cohort.split_checks import require_both_classes
from thyrosight.cohort.splits import GROUPS_IGNORED, PARTS, Division, Split
from thyrosight.cohort.strata import Strata
from thyrosight.cohort.table import Cohort
from thyrosight.errors import SplitError

Drawn = TypeVar("Drawn")
_TRIES = 20  # draws until every part holds both classes


def split_holdout(
    cohort: Cohort,
    *,
    test: float = 0.3,
    validation: float = 0.15,
    repeats: int = 1,
    seed: int = 0,
    stratify: Sequence[str] = ("label",),
) -> Split:
    """Hold out a test part, once or in several independent draws; groups stay whole.

    Args:
        cohort: a cohort with the column `group` of `with_groups`.
        test: share of all images.
        validation: share of the images outside the test part; 0 for no validation part.
        repeats: number of independent splits to draw.
        seed: the same seed gives the same split.
        stratify: columns whose shares are balanced; numbers are balanced by quarters of their range.

    Raises:
        SplitError: there are no groups, a column is unknown, a share is outside 0 to 1, or a class has too few groups.
    """
    _require_share("test", test, least=0.0, open_end=True)
    _require_share("validation", validation, least=0.0, open_end=False)
    if repeats < 1:
        raise SplitError(f"repeats is {repeats}; at least one division must be drawn.")
    parts = 3 if validation else 2
    groups = _groups(cohort)
    _require_groups_per_class(cohort, parts, f"{'training, validation' if validation else 'training'} and test parts")
    strata = Strata(cohort, groups, stratify)
    rng = np.random.default_rng(seed)

    def held_out(number: int) -> Division:
        parts = _held_out(strata, rng, test=test, validation=validation)
        return _division(f"division-{number:02d}", parts, strata)

    divisions = tuple(_until_both_classes(partial(held_out, number)) for number in range(1, repeats + 1))
    times = "once" if repeats == 1 else f"{repeats} times"
    method = f"hold-out {times}: test {test:g} of all images, validation {validation:g} of the rest"
    return _split(cohort, groups, divisions, seed=seed, method=method, stratify=stratify)


def split_folds(
    cohort: Cohort,
    *,
    folds: int = 5,
    validation: float = 0.15,
    seed: int = 0,
    stratify: Sequence[str] = ("label",),
) -> Split:
    """Cross-validation: each group is in the test part of one fold; arguments as in `split_holdout`.

    Raises:
        SplitError: as `split_holdout`, or fewer groups than folds.
    """
    _require_share("validation", validation, least=0.0, open_end=False)
    if folds < 2:
        raise SplitError(f"folds is {folds}; cross-validation needs at least 2.")
    groups = _groups(cohort)
    if len(groups) < folds:
        what = "patients" if cohort.split_kind == "patient-level" else "groups"
        raise SplitError(
            f"Cohort {cohort.name} has {len(groups)} {what}, fewer than the {folds} folds asked for; use fewer folds."
        )
    _require_groups_per_class(cohort, folds, f"{folds} folds")
    strata = Strata(cohort, groups, stratify)
    rng = np.random.default_rng(seed)
    divisions = _until_both_classes(lambda: _folds(strata, rng, folds=folds, validation=validation))
    method = f"{folds}-fold cross-validation, validation {validation:g} of each training part"
    return _split(cohort, groups, divisions, seed=seed, method=method, stratify=stratify)


def split_test_and_folds(
    cohort: Cohort,
    *,
    folds: int = 10,
    test: float = 0.2,
    seed: int = 0,
    stratify: Sequence[str] = ("label",),
) -> Split:
    """Hold out one test part for all folds, and cross-validate on the rest.

    In each fold one part of the rest is for validation and the others are for training; other arguments as in
    `split_holdout`.

    Raises:
        SplitError: as `split_holdout`, or there are too few groups for a test part and the folds.
    """
    _require_share("test", test, least=0.0, open_end=True)
    if folds < 2:
        raise SplitError(f"folds is {folds}; cross-validation needs at least 2.")
    groups = _groups(cohort)
    _require_groups_per_class(cohort, folds + 1, f"a test part and {folds} folds")
    strata = Strata(cohort, groups, stratify)
    rng = np.random.default_rng(seed)
    divisions = _until_both_classes(lambda: _test_and_folds(strata, rng, folds=folds, test=test))
    method = f"test {test:g} of all images, held out once; {folds}-fold cross-validation on the rest"
    return _split(cohort, groups, divisions, seed=seed, method=method, stratify=stratify)


def split_tested(
    cohort: Cohort,
    tested: Collection[str],
    *,
    validation: float = 0.15,
    repeats: int = 1,
    seed: int = 0,
    stratify: Sequence[str] = ("label",),
    method: str = "test part as given",
) -> Split:
    """Test the groups named, and draw the validation part from the others, once or several times.

    Args:
        tested: groups of the test part.
        method: how these were chosen, in words.

    Raises:
        SplitError: as `split_holdout`.
    """
    _require_share("validation", validation, least=0.0, open_end=False)
    if repeats < 1:
        raise SplitError(f"repeats is {repeats}; at least one division must be drawn.")
    groups = _groups(cohort)
    strata = Strata(cohort, groups, stratify)
    rng = np.random.default_rng(seed)
    is_test = np.isin(strata.names, list(tested))
    everyone = np.arange(len(strata.names))

    def drawn(number: int) -> Division:
        parts = [*_with_validation(strata, rng, everyone[~is_test], validation), everyone[is_test].tolist()]
        return _division(f"division-{number:02d}", parts, strata)

    divisions = tuple(_until_both_classes(partial(drawn, number)) for number in range(1, repeats + 1))
    return _split(cohort, groups, divisions, seed=seed, method=method, stratify=stratify)


def split_by_image(
    cohort: Cohort,
    *,
    test: float = 0.3,
    validation: float = 0.15,
    repeats: int = 1,
    seed: int = 0,
    stratify: Sequence[str] = ("label",),
) -> Split:
    """Hold-out that ignores patients and near-duplicates, to show how much that overstates performance.

    Its kind is `image-level, groups ignored`, and `Split.check` refuses it unless called with `allow_leak=True`.
    """
    alone = cohort.table.assign(group=cohort.table["key"])
    ignored = Cohort(table=alone, name=cohort.name, source=cohort.source)
    split = split_holdout(ignored, test=test, validation=validation, repeats=repeats, seed=seed, stratify=stratify)
    return split.model_copy(update={"kind": GROUPS_IGNORED, "method": f"{split.method}; groups ignored on purpose"})


def _held_out(strata: Strata, rng: np.random.Generator, *, test: float, validation: float) -> list[list[int]]:
    """Groups (by position) for training, validation and test."""
    everyone = np.arange(len(strata.names))
    is_test = strata.assign(rng, everyone, (1 - test, test)) == 1
    return [*_with_validation(strata, rng, everyone[~is_test], validation), everyone[is_test].tolist()]


def _with_validation(
    strata: Strata, rng: np.random.Generator, members: NDArray[np.intp], validation: float
) -> list[list[int]]:
    if not validation:
        return [members.tolist(), []]
    part = strata.assign(rng, members, (1 - validation, validation))
    return [members[part == 0].tolist(), members[part == 1].tolist()]


def _folds(strata: Strata, rng: np.random.Generator, *, folds: int, validation: float) -> tuple[Division, ...]:
    everyone = np.arange(len(strata.names))
    fold = strata.assign(rng, everyone, [1 / folds] * folds)
    divisions = []
    for number in range(folds):
        parts = [
            *_with_validation(strata, rng, everyone[fold != number], validation),
            everyone[fold == number].tolist(),
        ]
        divisions.append(_division(f"fold-{number + 1:02d}", parts, strata))
    return tuple(divisions)


def _test_and_folds(strata: Strata, rng: np.random.Generator, *, folds: int, test: float) -> tuple[Division, ...]:
    everyone = np.arange(len(strata.names))
    is_test = strata.assign(rng, everyone, (1 - test, test)) == 1
    rest, tested = everyone[~is_test], everyone[is_test].tolist()
    fold = strata.assign(rng, rest, [1 / folds] * folds)
    return tuple(
        _division(
            f"fold-{number + 1:02d}", [rest[fold != number].tolist(), rest[fold == number].tolist(), tested], strata
        )
        for number in range(folds)
    )


def _until_both_classes(draw: Callable[[], Drawn]) -> Drawn:
    """Draw until each part holds both classes; raise the error of the last draw if none does."""
    for _ in range(_TRIES - 1):
        try:
            return draw()
        except SplitError:
            continue
    return draw()


def _division(name: str, parts: list[list[int]], strata: Strata) -> Division:
    for part, members in zip(PARTS, parts, strict=True):
        labels: Counter[str] = Counter()
        for index in members:
            labels.update(strata.labels[index])
        require_both_classes(name, part, labels)
    train, validation, test = (tuple(strata.names[index] for index in sorted(members)) for members in parts)
    return Division(name=name, train=train, validation=validation, test=test)


def _groups(cohort: Cohort) -> dict[str, tuple[str, ...]]:
    """Keys of each group, in the order of the table."""
    if "group" not in cohort.table:
        raise SplitError(
            f"Cohort {cohort.name} has no groups yet; call with_groups(cohort) first, so that patients stay whole."
        )
    groups: dict[str, list[str]] = {}
    for group, key in zip(cohort.table["group"], cohort.table["key"], strict=True):
        groups.setdefault(str(group), []).append(str(key))
    return {group: tuple(keys) for group, keys in groups.items()}


def _require_groups_per_class(cohort: Cohort, needed: int, what: str) -> None:
    groups_of = cohort.table.groupby("label")["group"].nunique()
    unit = "patients (or groups)" if cohort.split_kind == "patient-level" else "groups"
    found_of = {label: int(groups_of.get(label, 0)) for label in LABELS}
    for label, found in found_of.items():
        if found == 0:
            raise SplitError(f"Cohort {cohort.name} has no {label} image; both classes are needed to train and test.")
    for label, found in found_of.items():
        if found < needed:
            raise SplitError(
                f"Cohort {cohort.name} has {found} {unit} with {label} images, too few for {what}; "
                "use fewer folds or no validation part."
            )


def _require_share(name: str, value: float, *, least: float, open_end: bool) -> None:
    if not (least < value < 1 if open_end else least <= value < 1):
        end = "more than 0" if open_end else "at least 0"
        raise SplitError(f"The {name} share is {value:g}; it must be {end} and less than 1.")


def _split(
    cohort: Cohort,
    groups: dict[str, tuple[str, ...]],
    divisions: tuple[Division, ...],
    *,
    seed: int,
    method: str,
    stratify: Sequence[str],
) -> Split:
    return Split(
        cohort=cohort.digest(),
        kind=cohort.split_kind,
        seed=seed,
        method=method,
        stratified_by=tuple(stratify),
        groups=groups,
        divisions=divisions,
    )
