"""Proposing a mapping: what each column probably holds, how sure that is, and what is in doubt."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from thyrosight.cohort.columns import READER_PREFIX
from thyrosight.cohort.mapping.content import content_alone, fit, sample
from thyrosight.cohort.mapping.dates import date_order, has_open_order
from thyrosight.cohort.mapping.diagnoses import bethesda_of
from thyrosight.cohort.mapping.fields import LEAVE_OUT, fields_of_header, known_fields
from thyrosight.cohort.mapping.headers import plain_words, read_header
from thyrosight.cohort.mapping.measures import read_size, states_unit
from thyrosight.cohort.mapping.plan import UNKNOWN_VALUE, ColumnPlan, MappingPlan
from thyrosight.cohort.mapping.values import OPEN_VALUES, labels_of_letters, meaning_of, names_bethesda
from thyrosight.cohort.mapping.words import sex_of_m
from thyrosight.identifiers import names_nobody

SURE: Final = 0.75
"""How sure a column's field must be not to be asked for."""

_DATES: Final = ("exam_date", "birth_date")
_SIZES: Final = ("size_mm", "short_axis_mm")
_ASKED: Final = ("label", "histology", "cytology")
"""Fields whose words are asked for where they are not understood, so that the name of the column is enough."""
_OF_IMAGE: Final = re.compile(
    r"\b(us|usg|sono\w*|ultras\w*|eco|ecogr\w*|imaging|image|radiolog\w*|bildgebung|imagen|ct|mri|mrt|clinical\w*|klinisch\w*|"
    r"clinic[oa]|pre ?op\w*|prae ?op\w*|preliminary|suspect\w*|verdacht\w*|sospech\w*|presum\w*|initial|referral|"
    r"admission|einweisung\w*|ingreso)\b|超声|b超|影像|术前|临床|初步|入院|拟诊"
)
_FROZEN: Final = re.compile(r"\b(frozen|schnellschnitt\w*|intraop\w*|congela\w*)|冰冻|术中")
_NODE: Final = re.compile(r"\b(lymph\w*|lk|ln|ganglio\w*|nodal|node|nodes)\b|淋巴")
_OF_NODULE: Final = ("label", "histology", "cytology", "bethesda", "size_mm")
_NEVER_NUMBERED: Final = ("image", LEAVE_OUT, "patient_name", "patient_id", "report_text")
_MIXED: Final = (3.0, 10.0)
"""Sizes below the first beside sizes from the second on, all without a unit, are probably cm among mm."""
_LISTED: Final = 40
_UNKNOWN_LISTED: Final = 200


@dataclass(frozen=True)
class Column:
    """A column of all sheets that have it: its header, its cells and the sheets."""

    header: str
    cells: tuple[str, ...]
    sheets: frozenset[str] = frozenset({""})


@dataclass(frozen=True)
class Guess:
    """Probable meaning of a column.

    Attributes:
        header: of the column.
        plan: what it becomes.
        sure: from 0 to 1.
        examples: some of its cells.
        others: other fields it may be.
        doubt: what is to be asked; empty where nothing is.
        unknown: values whose meaning is open, most frequent first, each with how many cells hold it.
    """

    header: str
    plan: ColumnPlan
    sure: float
    examples: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    doubt: str = ""
    unknown: tuple[tuple[str, int], ...] = ()


def propose(columns: Sequence[Column], *, images: Collection[str] = ()) -> list[Guess]:
    """Guess what every column is; of several that could be one field the best keeps it.

    Args:
        columns: of the table.
        images: names of the image files there are, in lower case, with and without suffix.
    """
    guesses = [_guess(column, images) for column in columns]
    guesses = _with_nodules(without_weaker(guesses))
    guesses = _one_each(guesses, columns)
    cells = {column.header: column.cells for column in columns}
    guesses = [_with_details(guess, cells[guess.header]) for guess in guesses]
    return _with_common_unit(guesses, cells)


def without_weaker(guesses: list[Guess]) -> list[Guess]:
    """Leave out columns that are no reference standard of the nodule.

    A diagnosis from the image or before surgery never is one. A frozen section is none beside the final histology, and
    a finding in a lymph node is none beside a finding in the nodule.
    """
    result = []
    for guess in guesses:
        to, words = guess.plan.to, plain_words(guess.header)
        why = ""
        if to in ("label", "histology") and _OF_IMAGE.search(words):
            why = "a reading of the image, or before surgery, is no reference standard"
        elif to in _OF_NODULE and (marked := _FROZEN.search(words) or _NODE.search(words)):
            stronger = (to, "histology") if _FROZEN.search(marked[0]) else (to,)
            others = [one for one in guesses if one.plan.to in stronger and one is not guess]
            plain = [one for one in others if not _FROZEN.search(w := plain_words(one.header)) and not _NODE.search(w)]
            if plain:
                what = "a frozen section" if _FROZEN.search(marked[0]) else "a lymph node"
                why = f"of {what}; the field {plain[0].plan.to} is {plain[0].header!r}"
        plan = ColumnPlan(to=LEAVE_OUT, because=why) if why else guess.plan
        result.append(replace(guess, plan=plan, doubt=why or guess.doubt, others=(to,) if why else guess.others))
    return result


def _guess(column: Column, images: Collection[str]) -> Guess:
    some = sample(column.cells)
    examples = tuple(" ".join(cell.split())[:40] for cell in some[:3])
    if column.header.startswith(READER_PREFIX):
        return Guess(column.header, ColumnPlan(to=column.header), 1.0, examples)
    named = fields_of_header(column.header)
    scored = sorted(((_sure(field, sure, some, images), field) for field, sure in named), key=lambda pair: -pair[0])
    if not scored or scored[0][0] < 0.4:
        alone = content_alone(some, images)
        if alone is not None and not any(known_fields()[field].private for _, field in scored):
            return Guess(column.header, ColumnPlan(to=alone[0], because="by its content"), alone[1], examples)
        if not scored or (scored[0][0] < 0.3 and not known_fields()[scored[0][1]].private):
            return Guess(column.header, ColumnPlan(to=LEAVE_OUT, because="not recognised"), 0.5, examples)
    sure, best = scored[0]
    others = tuple(field for value, field in scored[1:] if value >= 0.5)
    if best in ("nothing", "private", "other_date"):
        return Guess(
            column.header, ColumnPlan(to=LEAVE_OUT, because=known_fields()[best].about), max(sure, SURE), examples
        )
    doubt = ""
    if sure < SURE:
        doubt = "its name is not plain" if named[0][1] < 0.9 else "its values are not what the name says"
    return Guess(column.header, ColumnPlan(to=best), sure, examples, others, doubt)


def _sure(field: str, named: float, cells: Sequence[str], images: Collection[str]) -> float:
    """How sure a field is by name and content together."""
    share = fit(field, cells, images)
    if share is None:
        return named * 0.95
    if named >= 0.9 and field in _ASKED and share < 0.8:
        return max(0.6, 0.55 + 0.25 * share)
    if named >= 0.9:
        return named if share >= 0.8 else 0.55 + 0.25 * share if share >= 0.4 else share
    return min(named + 0.15, 0.85) if share >= 0.85 else named * (0.4 + 0.6 * share)


def _with_nodules(guesses: list[Guess]) -> list[Guess]:
    """Columns of several nodules in one row, by the number in their headers."""
    trailing: dict[str, set[int]] = {}
    for guess in guesses:
        number = read_header(guess.header).trailing
        if number is not None and guess.plan.to not in (
            "image",
            LEAVE_OUT,
            "patient_name",
            "patient_id",
            "report_text",
        ):
            trailing.setdefault(guess.plan.to, set()).add(number)
    repeated = [field for field, numbers in trailing.items() if len(numbers) > 1]
    result = []
    for guess in guesses:
        header = read_header(guess.header)
        nodule = header.nodule if guess.plan.to not in ("nodule_id", LEAVE_OUT) else None
        if nodule is None and len(repeated) > 1 and guess.plan.to in repeated:
            nodule = header.trailing
        result.append(replace(guess, plan=guess.plan.model_copy(update={"nodule": nodule})))
    return result


def _one_each(guesses: list[Guess], columns: Sequence[Column]) -> list[Guess]:
    """Of several columns that could be one field, keep the surest; where equal, that with the most different cells."""
    sheets = {column.header: column.sheets for column in columns}
    different = {column.header: len(set(filter(None, column.cells))) for column in columns}
    filled = {column.header: sum(map(bool, column.cells)) for column in columns}
    claims: dict[tuple[str, int | None], list[Guess]] = {}
    for guess in guesses:
        field = known_fields().get(guess.plan.to)
        if field is not None and not field.several:
            claims.setdefault((guess.plan.to, guess.plan.nodule), []).append(guess)
    losers: dict[str, Guess] = {}
    for (field_name, _), claimed in claims.items():

        def worth(guess: Guess, field: str = field_name) -> tuple[float, int, int, int]:
            header = guess.header
            return (round(guess.sure, 2), _rank(header, field), filled[header], different[header])

        kept: list[Guess] = []
        for guess in sorted(claimed, key=worth, reverse=True):
            best = next((one for one in kept if sheets[one.header] & sheets[guess.header]), None)
            if best is None:
                kept.append(guess)
            else:
                plan = ColumnPlan(to=LEAVE_OUT, because=f"the field {field_name} is {best.header!r}")
                doubt = f"the field {field_name} seems to be {best.header!r} as well" if guess.sure >= 0.9 else ""
                losers[guess.header] = replace(guess, plan=plan, sure=0.6, others=(field_name,), doubt=doubt)
    return [losers.get(guess.header, guess) for guess in guesses]


def _rank(header: str, field: str) -> int:
    """How usual a name is for a field; higher is more usual."""
    names = known_fields()[field].names
    found = [names.index(form) for form in read_header(header).words if form in names]
    return -min(found, default=len(names)) // 8


def _with_details(guess: Guess, cells: Sequence[str]) -> Guess:
    """Order of dates, and values whose meaning is open."""
    to = guess.plan.to
    if to in _DATES:
        order = date_order(dict.fromkeys(cells))
        open_order = order is None and has_open_order(dict.fromkeys(cells))
        english = any(word in plain_words(guess.header).split() for word in ("date", "dob", "birth", "of"))
        plan = guess.plan.model_copy(
            update={"dates": order or ("mdy" if open_order and english else "dmy" if open_order else "")}
        )
        doubt = guess.doubt or ("day or month may come first in its dates" if open_order and english else "")
        return replace(guess, plan=plan, doubt=doubt)
    if to in OPEN_VALUES:
        return _with_values(guess, cells)
    return guess


def _with_values(guess: Guess, cells: Sequence[str]) -> Guess:
    counts = Counter(cell for cell in cells if cell and not names_nobody(cell))
    bethesda = guess.plan.to == "cytology" and (
        names_bethesda(guess.header) or any(bethesda_of(cell) for cell in counts)
    )
    letters: dict[str, str] = {}
    if guess.plan.to == "sex" and (m_is := sex_of_m(counts)) is not None:
        letters = {"m": m_is}
    elif guess.plan.to == "label":
        letters = labels_of_letters(counts)
    known: dict[str, str] = {}
    unknown: list[tuple[str, int]] = []
    for cell, count in counts.most_common():
        meant = meaning_of(cell, guess.plan.to, header=guess.header, bethesda=bethesda)
        meant = letters.get(plain_words(cell), meant)
        if meant is None:
            unknown.append((cell, count))
        else:
            known[cell] = meant
    listed = {cell: UNKNOWN_VALUE for cell, _ in unknown[:_UNKNOWN_LISTED]}
    if len(counts) <= _LISTED:
        listed |= known
    plan = guess.plan.model_copy(update={"values": listed, "bethesda": bethesda})
    return replace(guess, plan=plan, unknown=tuple(unknown[:_UNKNOWN_LISTED]))


def _with_common_unit(guesses: list[Guess], cells: Mapping[str, Sequence[str]]) -> list[Guess]:
    """Units of sizes: as the header says, else as the other sizes, else by their amount."""
    stated = {read_header(guess.header).unit for guess in guesses if guess.plan.to in _SIZES} - {""}
    result = []
    for guess in guesses:
        if guess.plan.to not in _SIZES:
            result.append(guess)
            continue
        unit = read_header(guess.header).unit
        doubt, smallest = guess.doubt, 0.0
        bare = [cell for cell in dict.fromkeys(cells[guess.header]) if cell and not states_unit(cell)]
        sizes = sorted(size for cell in bare if (size := read_size(cell)) is not None)
        if not unit and sizes:
            looks_cm = sizes[len(sizes) // 2] < 4 and sizes[-1] < 12
            unit = stated.copy().pop() if len(stated) == 1 else "cm" if looks_cm else "mm"
            if not stated and sizes[0] < _MIXED[0] and sizes[-1] >= _MIXED[1]:
                unit, smallest = "mm", _MIXED[0]
                doubt = (
                    doubt
                    or f"sizes from {sizes[0]:g} to {sizes[-1]:g} without a unit: cm among mm? (small ones: empty)"
                )
            elif looks_cm and not stated:
                doubt = doubt or f"no unit is stated; half of the sizes are below {sizes[len(sizes) // 2]:g}: cm?"
        result.append(
            replace(guess, plan=guess.plan.model_copy(update={"unit": unit, "smallest": smallest}), doubt=doubt)
        )
    return result


def plan_of(guesses: Sequence[Guess], **settings: object) -> MappingPlan:
    """The mapping that follows from guesses."""
    return MappingPlan.model_validate({**settings, "columns": {guess.header: guess.plan for guess in guesses}})
