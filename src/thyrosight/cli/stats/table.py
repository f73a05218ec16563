"""A user's table for the statistics commands: columns by name, numbers, names, labels and missing values."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from thyrosight.identifiers import Policy

NO_COLUMN = "none"
PATIENT_NAMES = (
    "patient_id", "patient", "patientid", "patient id", "pat_id", "pid", "mrn", "subject_id", "subject", "id",
)  # fmt: skip
"""Columns of patients that need not be named, in any case; each only where one of its values has several rows."""
_OF_VALUES = (
    "--a", "--b", "--categorical", "--category", "--column", "--new", "--old", "--predicted", "--predictor",
    "--score", "--value",
)  # fmt: skip
"""Options of columns that answers print as names, whatever they are called."""
_OF_ROWS = (*PATIENT_NAMES, "case", "image", "lesion", "nodule", "rater", "reader", "site", "study", "system", "test")
"""Words for a row, which each language has."""


class StatsTable:
    """A table, with notes on its reading that go with every result.

    `own` are words of its author, such as names of scores and readers, which every language writes as they are.
    """

    def __init__(self, frame: "pd.DataFrame", path: Path, *, decimal_comma: bool) -> None:
        self.frame = frame
        self.path = path
        self.decimal_comma = decimal_comma
        self._joined_decimal_comma: dict[str, bool] = {}
        self.notes: list[str] = []
        self.excluded = 0
        self.untested = ""
        self.patients: Policy = "merge"
        self.own: set[str] = {path.name}

    @classmethod
    def read(cls, path: Path, *, encoding: str | None = None) -> "StatsTable":
        """Read a CSV or TSV file as `thyrosight.tables.read_table` does.

        Raises:
            StatisticsError: no such file, no text, no rows, or rows of unequal length.
        """
        import pandas as pd

        from thyrosight.errors import StatisticsError
        from thyrosight.tables import read_table

        read = read_table(path, error=StatisticsError, encoding=encoding)
        if not read.rows:
            raise StatisticsError(f"{path} has a header but no rows.")
        cells, numbers = [row for _, row in read.rows], [number for number, _ in read.rows]
        frame = pd.DataFrame(cells, columns=list(read.header), index=numbers, dtype=object)
        # Where commas do not part columns they may stand for the decimal point, as spreadsheets write in many places.
        table = cls(frame, path, decimal_comma=read.separator != ",")
        table.notes += read.notes
        return table

    def column(self, given: str | None, *, option: str, candidates: Sequence[str] = (), required: bool = True) -> str:
        """Return the name of the column that `option` names, or the first candidate that is there.

        Raises:
            StatisticsError: there is no such column.
        """
        from thyrosight.errors import StatisticsError

        names = list(self.frame.columns)
        if given is not None:
            if given in names:
                self._take(given, option=option)
                return given
            raise StatisticsError(
                f"{self.path} has no column {given!r} ({option}); it has {_nearest_first(given, names)}."
            )
        lowered = {name.lower(): name for name in reversed(names)}
        for candidate in candidates:
            if candidate in lowered:
                self._take(lowered[candidate], option=option)
                return lowered[candidate]
        if not required:
            return ""
        looked = " or ".join(map(repr, candidates))
        raise StatisticsError(
            f"{self.path} has no column {looked}: name it with {option}; the columns are {', '.join(map(repr, names))}."
        )

    def _take(self, name: str, *, option: str) -> None:
        if option in _OF_VALUES or name.lower() not in _OF_ROWS:
            self.own.add(name)

    def cluster_column(self, given: str | None, *, case: str | None = None) -> str:
        """Return the column of patients: as given, or the first usual one in which a patient has several rows.

        Names that differ only in form become one, or stay apart, as the policy `patients` says. Cells that name nobody
        become empty in a column that is given, and patients of their own elsewhere. Where rows are readings, `case`
        names the column of cases: a patient then needs several of these.
        """
        if given is not None and given.lower() == NO_COLUMN and given not in self.frame.columns:
            return ""
        if given is not None:
            name = self.column(given, option="--cluster")
            self._with_known_names(name, own=None)
            return name
        candidates = [one for one in PATIENT_NAMES if one != (case or "").lower()]
        name = self.column(None, option="--cluster", candidates=candidates, required=False)
        if not name:
            return ""
        before = self.frame, list(self.notes)
        self._with_known_names(name, own=case or "")
        known = self.frame[~self.missing(name)]
        units = known if case is None else known.drop_duplicates([name, case])
        if not units[name].duplicated().any():
            self.frame, self.notes = before
            return ""
        self.notes.append(f"Rows of one {name} were kept together (--cluster none takes them as independent).")
        return name

    def _with_known_names(self, name: str, *, own: str | None) -> None:
        """Give patients one name each; unknown ones none, or one for each cell of the column `own` or for each row."""
        from thyrosight.identifiers import names_in

        found = names_in(self.frame[name], policy=self.patients)
        self.notes += found.notes(name, option="--patients")
        cells = [found.of(cell) for cell in self.frame[name]]
        if own is not None and found.nobody:
            units = self.frame[own] if own else self.frame.index
            cells = [cell or f"unknown, {own or 'row'} {unit}" for cell, unit in zip(cells, units, strict=True)]
            self.notes.append(f"{name}: unknown patients were taken as different ones.")
        self.frame = self.frame.assign(**{name: cells})

    def note_alike(self, name: str) -> None:
        """Say so where names of a column differ only in form; they stay different names."""
        from thyrosight.identifiers import names_in

        found = names_in(self.frame[name], policy="keep")
        if found.alike:
            some = "; ".join(" and ".join(group[:4]) for group in found.alike[:4])
            self.notes.append(f"{name}: {some} were taken as different names; write them alike if they are not.")

    def join(self, other: "StatsTable", *, key: str, column: str, missing: bool = False) -> None:
        """Add a column of another table, matched by `key`; each value of the key stands once in the other table.

        Keys without a match are refused, or get an empty cell where `missing` says so.

        Raises:
            StatisticsError: no such column, a key given twice, or keys without a match.
        """
        from thyrosight.errors import StatisticsError

        other_key = other.column(key, option="--case")
        values = other.frame[other.column(column, option="--system")]
        keys = other.frame[other_key]
        if keys.duplicated().any():
            raise StatisticsError(f"{other.path} gives {other_key} {keys[keys.duplicated()].iloc[0]!r} more than once.")
        found = self.frame[key].map(dict(zip(keys, values, strict=True)))
        if found.isna().any() and not missing:
            absent = self.frame[key][found.isna()].iloc[0]
            raise StatisticsError(
                f"{other.path} has no row for {key} {absent!r}, which {self.path} has; add it, or leave such cases out"
                " with --missing drop-case."
            )
        unread = len(set(keys) - set(self.frame[key]))
        if unread:
            self.notes.append(f"{unread} cases of {other.path.name} were read by nobody and left out.")
        self.notes += [note for note in other.notes if note not in self.notes]
        self._joined_decimal_comma[column] = other.decimal_comma
        self.frame = self.frame.assign(**{column: found.fillna("")})

    def keep_where(self, conditions: Sequence[str]) -> None:
        """Keep the rows that hold the values of conditions such as `site=north`, and note how many those are.

        Raises:
            StatisticsError: a condition of another form, no such column, or no such row.
        """
        from thyrosight.errors import StatisticsError

        for condition in conditions:
            name, equals, value = condition.partition("=")
            if not equals:
                raise StatisticsError(f"--where should be COLUMN=VALUE, got {condition!r}.")
            column = self.column(name.strip(), option="--where")
            kept = self.frame[self.frame[column] == value.strip()]
            if kept.empty:
                there = ", ".join(map(repr, list(dict.fromkeys(self.frame[column]))[:8]))
                raise StatisticsError(f"{self.path}: {column!r} never is {value.strip()!r} (--where); it is {there}.")
            self.own |= {column, value.strip()}
            self.notes.append(f"Only rows with {column} = {value.strip()}: {len(kept)} of {len(self.frame)}.")
            self.frame = kept

    def note_repeats(self) -> None:
        """Say so where rows repeat a patient or a case, for an analysis that takes rows as independent."""
        for candidate in ("nodule_id", "case", "case_id", "patient_id", "patient"):
            name = self.column(None, option="", candidates=(candidate,), required=False)
            if name and self.frame[name].duplicated().any():
                distinct = self.frame[name].nunique()
                self.notes.append(
                    f"{len(self.frame)} rows hold {distinct} different values of {name}: they were taken as independent"
                    " here, so the intervals are too narrow; name the column of patients with --cluster."
                )
                return

    def missing(self, name: str) -> "pd.Series[bool]":
        """Whether each cell of a column is empty, or a word for that such as NA, NULL, None or #N/A."""
        from thyrosight.tables import MISSING_WORDS

        return self.frame[name].str.lower().isin([*MISSING_WORDS, "none"])

    def keep_complete(
        self, columns: Sequence[str], *, drop: bool, hint: str = "leave such rows out with --drop-missing"
    ) -> None:
        """Refuse rows in which one of `columns` is empty, or leave them out where `drop` says so.

        The `hint` says in the refusal what else can be done than filling cells in.

        Raises:
            StatisticsError: an empty cell and no leave to drop it, or nothing left.
        """
        from thyrosight.errors import StatisticsError

        for name in columns:
            empty = self.missing(name)
            if not empty.any():
                continue
            where = int(empty.to_numpy().argmax())
            if not drop:
                raise StatisticsError(
                    f"{self.path}, row {_row_number(self.frame, where)}: {name!r} is empty"
                    f" (in {int(empty.sum())} rows); fill it in, or {hint}."
                )
            self.excluded += int(empty.sum())
            self.frame = self.frame[~empty]
        if self.frame.empty:
            raise StatisticsError(f"{self.path}: no row is complete.")
        if self.excluded:
            self.notes.append(f"{self.excluded} rows with missing values were left out.")

    def numbers(self, name: str, *, missing: bool = False) -> list[float]:
        """Return a column as numbers; decimal commas and percentages are understood where they leave no doubt.

        Empty cells become NaN where `missing` says so.

        Raises:
            StatisticsError: something that is not a number.
        """
        from thyrosight.cells import column_numbers
        from thyrosight.errors import StatisticsError

        given = self.frame[~self.missing(name)] if missing else self.frame
        values, notes = column_numbers(
            list(given[name]),
            decimal_comma=self._joined_decimal_comma.get(name, self.decimal_comma),
            name=name,
            where=lambda position: f"{self.path}, row {_row_number(given, position)}",
            error=StatisticsError,
        )
        self.notes += [note for note in notes if note not in self.notes]
        by_row = dict(zip(given.index, values, strict=True))
        return [by_row.get(row, float("nan")) for row in self.frame.index]

    def truth(self, name: str, positive: str | None) -> list[int]:
        """Return a column of two labels as 0 and 1; `positive` names the label that becomes 1.

        Raises:
            StatisticsError: labels among which the positive one is not plain.
        """
        from thyrosight.cli.stats.words import as_binary

        values, word = as_binary(list(self.frame[name]), positive=positive, where=str(self.path), name=name)
        self.own.add(word)
        if word and positive is None:
            self.notes.append(f"{name}: {word} was taken as positive.")
        return values

    def calls(self, name: str, *, positive: str | None, positive_call: str | None) -> list[int]:
        """Return a column of calls as 0 and 1, whose words may be others than those of the truth.

        Args:
            name: the column.
            positive: the label of the truth that means disease; it counts for calls too where they use it.
            positive_call: the label of the calls that means disease.

        Raises:
            StatisticsError: labels among which the positive one is not plain.
        """
        from thyrosight.cli.stats.words import holds

        if positive_call is None and positive is not None and not holds(list(self.frame[name]), positive):
            return self.truth(name, None)
        return self.truth(name, positive_call or positive)

    def names(self, name: str) -> list[Any]:
        """Return a column of names (cases, readers, patients) as they are written: 1.1 and 1.10 are two names.

        Names that all are plain whole numbers become numbers, so that 2 sorts before 10.
        """
        values = self.words(name)
        plain = all(value.isascii() and value.isdigit() and value == str(int(value[:16])) for value in values)
        return [int(value) for value in values] if plain else values

    def words(self, name: str) -> list[str]:
        """Return a column as it is written; answers in every language write its words so."""
        values = [str(value) for value in self.frame[name]]
        self.own.update(values)
        return values

    def labels(self, name: str) -> list[Any]:
        """Return a column of categories; numbers where all are numbers, so that 2 sorts before 10."""
        from thyrosight.cells import number_of

        values = list(self.frame[name])
        numbers = [number_of(value, decimal_comma=self.decimal_comma) for value in values]
        if any(number is None for number in numbers):
            return list(self.words(name))
        written: dict[float | None, str] = {}
        for number, value in zip(numbers, values, strict=True):
            if "." in value and written.setdefault(number, value) != value:
                self.notes.append(f"{name}: {written[number]} and {value} were taken as one number.")
                written[number] = value
        whole = all(float(number).is_integer() for number in numbers if number is not None)
        return [int(number) if whole else number for number in numbers if number is not None]


def _nearest_first(wanted: str, names: Sequence[str]) -> str:
    from difflib import SequenceMatcher

    def likeness(name: str) -> float:
        return SequenceMatcher(None, wanted.lower(), name.lower()).ratio()

    ordered = sorted(names, key=likeness, reverse=True)
    return ", ".join(map(repr, ordered[:20])) + (f" and {len(ordered) - 20} more" if len(ordered) > 20 else "")


def _row_number(frame: "pd.DataFrame", position: int) -> int:
    """Line of the file, counting the header as line 1."""
    return int(frame.index[position])
