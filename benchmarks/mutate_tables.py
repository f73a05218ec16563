"""Whether the tests notice a wrong table: every table of every kind of study is falsified, and the tests run.

    python benchmarks/mutate_tables.py [KIND ...] [--tests PATH ...] [-k EXPRESSION]

Mutations of each table: two neighbouring columns swap their values; the limits of all estimates are exchanged; the last
row is printed twice; the values move down by one row while the names of the rows stay. Besides, the three faults that
once went unnoticed (`NAMED`). A table is falsified as it is made, so that nothing in the source is touched and all
that is computed from it is falsified too. The process forks there, once for each mutation: the child goes on with
the false table until a test fails, the parent with the true one. Survivors are listed, and the exit status is then 1.

Without `--tests` a kind's own tests run (tests/studies/kinds/KIND, the report's first). `-k` chooses among the tests as
in pytest: `-k "not every_table_is_what_it_was"` shows which mutants the tests beside the stored tables notice.
"""

import argparse
import importlib
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from thyrosight.documents import Column, Distribution, Measure, Table
from thyrosight.studies.kinds import KINDS

Row = Mapping[str, Any]
Mutation = Callable[[Sequence[Column], Sequence[Row]], list[Row]]
TESTS = Path(__file__).parents[1] / "tests" / "studies" / "kinds"
LIMIT = 900
"""Seconds after which a child is given up."""


def swap(one: str, other: str) -> Mutation:
    """Two columns exchange their values, where both apply."""

    def mutate(columns: Sequence[Column], rows: Sequence[Row]) -> list[Row]:
        pair = {one, other}
        return [{**row, one: row[other], other: row[one]} if pair <= set(row) else row for row in rows]

    return mutate


def exchange_limits(kinds: frozenset[str] | None = None) -> Mutation:
    """The lower and upper limit of estimates change places, in columns of these kinds or in all."""

    def mutate(columns: Sequence[Column], rows: Sequence[Row]) -> list[Row]:
        chosen = {column.key for column in columns if kinds is None or column.kind in kinds}
        return [{key: _exchanged(value) if key in chosen else value for key, value in row.items()} for row in rows]

    return mutate


def _exchanged(value: Any) -> Any:
    if not isinstance(value, Measure | Distribution):
        return value
    return value.model_copy(update={"low": value.high, "high": value.low})


def repeat_row(columns: Sequence[Column], rows: Sequence[Row]) -> list[Row]:
    """The last row stands there twice."""
    return [*rows, *rows[-1:]]


def shift_rows(columns: Sequence[Column], rows: Sequence[Row]) -> list[Row]:
    """Values move down by one row, the last ones to the top; the columns that name rows stay."""
    first = next(column.key for column in columns if not column.hidden)
    names = {first} | {column.key for column in columns if column.hidden and column.key != "kind"}
    moved = [rows[-1], *rows[:-1]] if rows else []
    return [
        {
            column.key: source[column.key]
            for column in columns
            if column.key in (source := row if column.key in names else other)
        }
        for row, other in zip(rows, moved, strict=True)
    ]


def same_auc(columns: Sequence[Column], rows: Sequence[Row]) -> list[Row]:
    """The AUC of each rater stands in every row."""
    area = next((row for row in rows if row.get("quantity") == "auc"), None)
    if area is None:
        return list(rows)
    kept = {key for key, value in area.items() if isinstance(value, Measure)} | {"kind"}
    return [{key: area[key] if key in kept else value for key, value in row.items()} for row in rows]


@dataclass(frozen=True)
class Mutant:
    """A mutation of the tables of one name and caption ("" for any), with its name for people."""

    table: str
    title: str
    mutate: Mutation
    caption: str = ""

    def meets(self, table: str, caption: str) -> bool:
        """Whether it is a mutation of that table."""
        return self.table in ("", table) and self.caption in ("", caption)

    def falsify(self, columns: Sequence[Column], rows: Sequence[Row]) -> list[Row] | None:
        """The false rows, or None where they are the true ones or the table would refuse them."""
        found = self.mutate(columns, rows)
        if found == [dict(row) for row in rows]:
            return None
        try:
            Table.model_validate({"name": "false", "caption": "", "columns": tuple(columns), "rows": tuple(found)})
        except ValueError:
            return None
        return found


NAMED: dict[str, tuple[Mutant, ...]] = {
    "ynet-lymph-node": (Mutant("joint-or-alone", "named: joint and alone exchanged", swap("joint", "alone")),),
    "elasticity-fusion": (
        Mutant("", "named: limits of every difference exchanged", exchange_limits(frozenset({"difference", "points"}))),
    ),
    "micronodule": (Mutant("readers", "named: one AUC in every row", same_auc),),
}
"""Faults that no test noticed before tables carried their numbers."""


def mutants_of(name: str, caption: str, columns: Sequence[Column]) -> Iterator[Mutant]:
    """The four generic mutations of a table."""
    for one, other in pairwise(column.key for column in columns):
        yield Mutant(name, f"{one} and {other} swapped", swap(one, other), caption)
    yield Mutant(name, "limits exchanged", exchange_limits(), caption)
    yield Mutant(name, "last row repeated", repeat_row, caption)
    yield Mutant(name, "rows shifted", shift_rows, caption)


class Falsifier:
    """Stands before `Table.__init__`; also a plugin of pytest, which ends a child at its first failing test.

    Tables of one name are falsified one by one (they differ in their captions), in the first test that makes any.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.verdicts: dict[tuple[str, str, str], str] = {}
        self.failed = ""
        self._test = ""
        self._homes: dict[str, str] = {}
        self._active: Mutant | None = None
        self._pipe = -1
        self._made: list[list[Row]] = []

    def install(self) -> None:
        """Let every table that the package makes pass here."""
        make = Table.__init__

        def init(table: Table, **fields: Any) -> None:
            if str(sys._getframe(1).f_globals.get("__name__", "")).startswith("thyrosight."):
                fields["rows"] = self._rows(fields)
            make(table, **fields)

        Table.__init__ = init  # type: ignore[method-assign]

    def _rows(self, fields: Mapping[str, Any]) -> tuple[Row, ...]:
        name, caption = fields["name"], fields["caption"]
        columns, rows = tuple(fields["columns"]), tuple(fields["rows"])
        if self._active is None and self._homes.setdefault(name, self._test) == self._test:
            for mutant in (*NAMED.get(self.kind, ()), *mutants_of(name, caption, columns)):
                place = mutant.table or "all tables", mutant.caption, mutant.title
                if place in self.verdicts or not mutant.meets(name, caption) or mutant.falsify(columns, rows) is None:
                    continue
                self.verdicts[place] = self._fork(mutant)
                if self._active is not None:  # this is the child
                    break
                print(
                    f"{self.kind:18} {place[0]:20} {caption[:40]:40} {place[2]:52} {self.verdicts[place]}", flush=True
                )
        active = self._active
        if active is None or not active.meets(name, caption) or list(rows) in self._made:
            return rows
        found = active.falsify(columns, rows)
        if found is None:
            return rows
        self._made.append(found)  # a table made from the rows of a false one must not become true again
        return tuple(found)

    def _fork(self, mutant: Mutant) -> str:
        """The child returns with the mutant active, the parent with the child's verdict."""
        reading, writing = os.pipe()
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            self._active, self._pipe = mutant, writing
            signal.alarm(LIMIT)
            silent = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silent, 1)
            os.dup2(silent, 2)
            return ""
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as stream:
            said = stream.read()
        os.waitpid(child, 0)
        return said or "killed: the process crashed or did not end"

    def _end(self, said: str) -> None:
        os.write(self._pipe, said.encode())
        os._exit(0)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Remember which test runs."""
        self._test = nodeid

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """End a child at its first failing test, and remember a failure of the parent."""
        if report.failed and self._active is not None:
            self._end(f"killed by {report.nodeid.split('::')[-1]}")
        if report.failed:
            self.failed = self.failed or report.nodeid

    def pytest_sessionfinish(self) -> None:
        """A child that comes here survived."""
        if self._active is not None:
            self._end("SURVIVED")


def check(kind: str, tests: Sequence[str], expression: str) -> dict[tuple[str, str, str], str]:
    """Falsify the tables of one kind; the verdict of each mutant by table, caption and mutation."""
    falsifier = Falsifier(kind)
    make = Table.__init__
    falsifier.install()
    options = ["-s", "-p", "no:cacheprovider", "-p", "no:timeout", "-p", "no:terminal", "-o", "addopts="]
    chosen = ["-k", expression] if expression else []
    try:
        pytest.main([*options, "--import-mode=importlib", *chosen, *tests], plugins=[falsifier])
    finally:
        Table.__init__ = make  # type: ignore[method-assign]
    if falsifier.failed:
        sys.exit(f"{falsifier.failed} fails with true tables")
    if not falsifier.verdicts:
        sys.exit(f"{kind}: its tests made no table")
    return falsifier.verdicts


def own_tests(kind: str) -> list[str]:
    """A kind's test files, that of the report first, because it kills most and trains nothing."""
    folder = TESTS / KINDS[kind].package.rpartition(".")[2]
    return [str(path) for path in sorted(folder.glob("test_*.py"), key=lambda path: path.name != "test_report.py")]


def main() -> None:
    """Falsify the tables of the kinds asked for, or of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", choices=[*KINDS, []], default=list(KINDS), metavar="KIND")
    parser.add_argument("--tests", nargs="*", default=[], help="instead of the kind's own")
    parser.add_argument("-k", default="", dest="expression", help="as in pytest")
    arguments = parser.parse_args()
    importlib.import_module("torch").set_num_threads(1)
    lines, survivors = [], []
    for kind in arguments.kinds:
        verdicts = check(kind, arguments.tests or own_tests(kind), arguments.expression)
        alive = [place for place, said in verdicts.items() if said == "SURVIVED"]
        killers = Counter(said for said in verdicts.values() if said != "SURVIVED")
        tables = len({place[:2] for place in verdicts})
        lines.append(f"{kind}: {tables} tables, {len(verdicts)} mutants, {len(alive)} survived")
        lines += [f"    {count} {said}" for said, count in killers.most_common()]
        survivors += [f"{kind}: {', '.join(part for part in place if part)}" for place in alive]
    print("\n".join(["", *lines, "", *(["Survivors:", *survivors] if survivors else ["No mutant survived."])]))
    sys.exit(bool(survivors))


if __name__ == "__main__":
    main()
