"""Reading a user's table for the statistics commands: separators, columns by name, labels, missing values."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_POSITIVE_WORDS = {"malignant": "benign", "positive": "negative", "yes": "no", "true": "false", "cancer": "benign"}
NO_COLUMN = "none"


class StatsTable:
    """A table, with notes on its reading that go with every result."""

    def __init__(self, frame: "pd.DataFrame", path: Path, *, decimal_comma: bool) -> None:
        self.frame = frame
        self.path = path
        self.decimal_comma = decimal_comma
        self.notes: list[str] = []
        self.excluded = 0

    @classmethod
    def read(cls, path: Path) -> "StatsTable":
        """Read a CSV or TSV file; the separator (comma, semicolon, tab) is the one most frequent in its header.

        Raises:
            StatisticsError: no such file, no text, no rows, or rows of unequal length.
        """
        import csv

        from thyrosight.errors import StatisticsError

        lines = _text_of(path).split("\n")
        separator = max(",;\t", key=lines[0].count)
        reader = csv.reader((line + "\n" for line in lines), delimiter=separator, skipinitialspace=True)
        try:
            rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(map(str.strip, row))]
        except csv.Error as error:
            raise StatisticsError(f"{path}, row {reader.line_num} cannot be read as a table: {error}.") from error
        header = [name or f"column {index + 1}" for index, name in enumerate(rows[0][1])]
        for number, row in rows[1:]:
            if len(row) != len(header):
                raise StatisticsError(f"{path}, row {number} has {len(row)} cells, but the header has {len(header)}.")
        if len(rows) == 1:
            raise StatisticsError(f"{path} has a header but no rows.")
        for name in header:
            if header.count(name) > 1:
                raise StatisticsError(f"{path} has two columns named {name!r}; rename one.")
        import pandas as pd

        frame = pd.DataFrame([row for _, row in rows[1:]], columns=header, index=[n for n, _ in rows[1:]], dtype=object)
        # Where commas do not part columns they may stand for the decimal point, as spreadsheets write in many places.
        return cls(frame, path, decimal_comma=separator != ",")

    def column(self, given: str | None, *, option: str, candidates: Sequence[str] = (), required: bool = True) -> str:
        """Return the name of the column that `option` names, or the first candidate that is there.

        Raises:
            StatisticsError: there is no such column.
        """
        from thyrosight.errors import StatisticsError

        names = list(self.frame.columns)
        if given is not None:
            if given in names:
                return given
            raise StatisticsError(
                f"{self.path} has no column {given!r} ({option}); it has {_nearest_first(given, names)}."
            )
        lowered = {name.lower(): name for name in reversed(names)}
        for candidate in candidates:
            if candidate in lowered:
                return lowered[candidate]
        if not required:
            return ""
        looked = " or ".join(map(repr, candidates))
        raise StatisticsError(
            f"{self.path} has no column {looked}: name it with {option}; the columns are {', '.join(map(repr, names))}."
        )

    def cluster_column(self, given: str | None, *, case: str | None = None) -> str:
        """Return the column of patients: as given, or `patient_id` or `patient` where a patient has several rows.

        Where rows are readings, `case` names the column of cases: a patient then needs several of these.
        """
        if given is not None and given.lower() == NO_COLUMN and given not in self.frame.columns:
            return ""
        if given is not None:
            return self.column(given, option="--cluster")
        name = self.column(None, option="--cluster", candidates=("patient_id", "patient"), required=False)
        if not name:
            return ""
        values = self.frame[name]
        if (values.str.lower() == "unknown").any():
            self.notes.append(f"Patients of some rows are unknown ({name}): all rows were taken as independent.")
            return ""
        units = self.frame[values != ""] if case is None else self.frame[values != ""].drop_duplicates([name, case])
        if not units[name].duplicated().any():
            return ""
        self.notes.append(f"Rows of one {name} were kept together (--cluster none takes them as independent).")
        return name

    def join(self, other: "StatsTable", *, key: str, column: str) -> None:
        """Add a column of another table, matched by `key`, of which each value stands once in the other table.

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
        if found.isna().any():
            missing = self.frame[key][found.isna()].iloc[0]
            raise StatisticsError(f"{other.path} has no row for {key} {missing!r}, which {self.path} has.")
        unread = len(set(keys) - set(self.frame[key]))
        if unread:
            self.notes.append(f"{unread} cases of {other.path.name} were read by nobody and left out.")
        self.frame = self.frame.assign(**{column: found})

    def note_repeats(self) -> None:
        """Say so where rows repeat a patient or a case, for an analysis that takes rows as independent."""
        for candidate in ("nodule_id", "case", "case_id", "patient_id", "patient"):
            name = self.column(None, option="", candidates=(candidate,), required=False)
            if name and self.frame[name].duplicated().any():
                distinct = self.frame[name].nunique()
                self.notes.append(
                    f"{len(self.frame)} rows hold {distinct} different values of {name}: they were taken as independent"
                    " here, so the intervals are too narrow."
                )
                return

    def keep_complete(self, columns: Sequence[str], *, drop: bool) -> None:
        """Refuse rows in which one of `columns` is empty, or leave them out where `drop` says so.

        Raises:
            StatisticsError: an empty cell and no leave to drop it, or nothing left.
        """
        from thyrosight.errors import StatisticsError

        for name in columns:
            empty = self.frame[name].str.lower().isin(["", "na", "nan", "n/a", "null", "none"])
            if not empty.any():
                continue
            where = int(empty.to_numpy().argmax())
            if not drop:
                raise StatisticsError(
                    f"{self.path}, row {_row_number(self.frame, where)}: {name!r} is empty"
                    f" (in {int(empty.sum())} rows); fill it in, or leave such rows out with --drop-missing."
                )
            self.excluded += int(empty.sum())
            self.frame = self.frame[~empty]
        if self.frame.empty:
            raise StatisticsError(f"{self.path}: no row is complete.")
        if self.excluded:
            self.notes.append(f"{self.excluded} rows with missing values were left out.")

    def numbers(self, name: str) -> list[float]:
        """Return a column as numbers; a decimal comma is understood where commas do not part the columns.

        Raises:
            StatisticsError: something that is not a number.
        """
        from thyrosight.errors import StatisticsError

        result = []
        for position, text in enumerate(self.frame[name]):
            number = self._number_or_none(text)
            if number is None:
                row = _row_number(self.frame, position)
                raise StatisticsError(f"{self.path}, row {row}: {name!r} should be a number, got {text!r}.")
            result.append(number)
        return result

    def truth(self, name: str, positive: str | None) -> list[int]:
        """Return a column of two labels as 0 and 1; `positive` names the label that becomes 1.

        Raises:
            StatisticsError: labels among which the positive one is not plain.
        """
        from thyrosight.errors import StatisticsError

        values = self.frame[name]
        labels = sorted(set(values))
        if positive is not None:
            if positive not in labels:
                found = _nearest_first(positive, labels)
                raise StatisticsError(f"{self.path}: {name!r} never is {positive!r} (--positive); it is {found}.")
            return [int(value == positive) for value in values]
        as_numbers = [self._number_or_none(label) for label in labels]
        if all(number in (0, 1) for number in as_numbers):
            return [int(float(value)) for value in values]
        lowered = {label.lower() for label in labels}
        for yes, no in _POSITIVE_WORDS.items():
            if lowered <= {yes, no} and yes in lowered:
                self.notes.append(f"{name}: {yes} was taken as positive.")
                return [int(value.lower() == yes) for value in values]
        shown = ", ".join(map(repr, labels[:8])) + (" and more" if len(labels) > 8 else "")
        raise StatisticsError(
            f"{self.path}: {name!r} should be 0 and 1, but it is {shown}; say which value is positive with --positive."
        )

    def labels(self, name: str) -> list[Any]:
        """Return a column of names; numbers where all are numbers, so that 2 sorts before 10."""
        values = list(self.frame[name])
        numbers = [self._number_or_none(value) for value in values]
        if any(number is None for number in numbers):
            return values
        whole = all(float(number).is_integer() for number in numbers if number is not None)
        return [int(number) if whole else number for number in numbers if number is not None]

    def _number_or_none(self, text: str) -> float | None:
        try:
            return float(text.replace(",", ".") if self.decimal_comma else text)
        except ValueError:
            return None


def _text_of(path: Path) -> str:
    from thyrosight.errors import StatisticsError

    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise StatisticsError(f"There is no file {path}.") from error
    except OSError as error:
        raise StatisticsError(f"{path} cannot be read: {error.strerror}.") from error
    if data[:4] == b"PK\x03\x04":
        raise StatisticsError(f"{path} is a spreadsheet; save it as CSV first (File, Save as, CSV UTF-8).")
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise StatisticsError(f"{path} is not a text file; expected a table as CSV.")
    for encoding in ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not text.strip():
            raise StatisticsError(f"{path} is empty.")
        return text.replace("\r\n", "\n").replace("\r", "\n")
    raise StatisticsError(f"{path} is not text that can be read; save it as CSV UTF-8.")


def _nearest_first(wanted: str, names: Sequence[str]) -> str:
    from difflib import SequenceMatcher

    def likeness(name: str) -> float:
        return SequenceMatcher(None, wanted.lower(), name.lower()).ratio()

    ordered = sorted(names, key=likeness, reverse=True)
    return ", ".join(map(repr, ordered[:20])) + (f" and {len(ordered) - 20} more" if len(ordered) > 20 else "")


def _row_number(frame: "pd.DataFrame", position: int) -> int:
    """Line of the file, counting the header as line 1."""
    return int(frame.index[position])
