"""Outline of a manuscript on micronodules."""

import yaml

from thyrosight.documents import Table
from thyrosight.studies.outline import Outline, manuscript_tables, parts_of
from thyrosight.studies.quoting import had, p_words, quoted
from thyrosight.studies.result import Result
from thyrosight.studies.sentences import rule_words

_WHOLE = "all nodules"
_MEASURES = ("auc", "sensitivity", "specificity")


def outline(result: Result) -> Outline:
    """The network on nodules that it was not trained on, against each reader, and by size."""
    every = manuscript_tables(result)
    compared, alone = (_of_first_set(parts_of(every, name)) for name in ("readers", "network-alone"))
    there = {table.name for table in every}
    performance = _network(alone[0]) if alone else ()
    against = tuple(sentence for table in compared for sentence in _reader(table))
    mean = _mean(result.table("reader-mean")) if "reader-mean" in there else ()
    further = [
        f"On {row['set']} the network had {had(result.table('external'), row, _MEASURES)} at "
        "the operating point of the validation part ({table:external})."
        for row in (result.table("external").rows if "external" in there else ())
    ]
    rule = yaml.safe_load(result.facts.recipe_yaml)["evaluation"]["operating_point"]
    return Outline(
        purpose="To test a network trained on larger thyroid nodules on smaller ones, against readers.",
        tables=("characteristics", "network-alone", "readers", "reader-mean", "external"),
        figures=("flow", "roc", "calibration", "examples-malignant", "examples-benign"),
        statistics=(
            f"Cut-offs of the tables against readers were chosen {rule_words(rule)} on the nodules that they are "
            "judged by, which flatters network and readers alike; the notes of these tables state what that choice is "
            "worth.",
        ),
        results=(
            ("Patients and nodules", ("Patients and nodules are described in {table:characteristics}; {figure:flow} "
                                      "shows who was left out.",) if "characteristics" in there else ()),
            ("Network", (*performance, *further)),
            *((("Network and readers", (" ".join(against), *mean)),) if against else ()),
        ),
        abstract=(*performance, *against),
        parts_of={"characteristics": 1, "network-alone": 1, "readers": len(compared), "reader-mean": 1},
    )  # fmt: skip


def _of_first_set(parts: list[Table]) -> list[Table]:
    """The tables of all nodules of the first set; those of subgroups and of external sets stand in the supplement."""
    return [
        table
        for table in parts
        if all(row.get("nodules") == _WHOLE and row.get("set") == parts[0].rows[0].get("set") for row in table.rows)
    ]


def _network(table: Table) -> tuple[str, ...]:
    said = [
        f"{name} {quoted(table, table.row(quantity=quantity), 'network', size=quantity == 'auc')}"
        for quantity, name in (
            ("auc", "an AUC of"),
            ("sensitivity", "a sensitivity of"),
            ("specificity", "a specificity of"),
        )
    ]
    first = table.rows[0]
    return (
        f"On {first['size']} nodules of {first['set']} the network had {said[0]}, {said[1]} and {said[2]} "
        f"({{table:{table.name}}}).",
    )


def _reader(table: Table) -> tuple[str, ...]:
    row, name = table.row(quantity="auc"), table.column("reader").title
    p = p_words(row.get("p_corrected"))
    return (
        f"{name} had an AUC of {quoted(table, row, 'reader')}, the network {quoted(table, row, 'network')} on the same "
        f"nodules{f' (corrected {p})' if p else ''} ({{table:{table.name}}}).",
    )


def _mean(table: Table) -> tuple[str, ...]:
    row = table.rows[0]
    p = p_words(row.get("p"))
    return (
        f"On the {row['n']} nodules that all readers judged, the mean of the readers' AUC was "
        f"{quoted(table, row, 'mean')} and that of the network {quoted(table, row, 'network')}; the difference was "
        f"{quoted(table, row, 'difference')}{f'; {p}' if p else ''} ({{table:{table.name}}}).",
    )
