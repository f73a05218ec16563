"""Figures of tables in running text: what a sentence says is what the cell prints."""

from collections.abc import Sequence

from thyrosight.documents import Measure, Row, Table, sentence
from thyrosight.documents.cells import UNDEFINED, cell
from thyrosight.studies.sentences import listed, p_equals

_KEPT = ("AUC", "PPV", "NPV", "F1", "+LR", "Dice")
"""Headings that begin with a capital letter within a sentence too."""


def quoted(table: Table, row: Row, key: str, *, size: bool = False) -> str:
    """A figure as its table prints it, with its interval in words.

    Args:
        table, row, key: where it stands.
        size: whether the number of observations is named.

    >>> from thyrosight.documents import Column
    >>> row = {"auc": Measure(value=0.8123, low=0.7, high=0.9, n=91)}
    >>> table = Table(name="t", caption="", columns=(Column(key="auc", kind="area"),), rows=(row,))
    >>> quoted(table, row, "auc", size=True)
    '0.812 (95 % CI, 0.700–0.900; n = 91)'
    """
    column = table.column(key)
    value = row.get(key)
    written = cell(column.in_row(row), value, applies=key in row)
    percent = column.title.endswith(", %") or (column.kind == "row" and row.get("kind") == "percent")
    unit = " %" if percent and written.text != UNDEFINED else ""
    if not isinstance(value, Measure):
        return f"{written.text}{unit}"
    behind = [f"{100 * value.confidence:g} % CI, {written.interval}"] if written.interval else []
    behind += [f"n = {value.n}"] if size and value.n is not None else []
    return f"{written.text}{unit} ({'; '.join(behind)})" if behind else f"{written.text}{unit}"


def heading_words(title: str) -> str:
    """The heading of a column within a sentence.

    >>> heading_words("Sensitivity, %"), heading_words("AUC")
    ('sensitivity', 'AUC')
    """
    plain = title.removesuffix(", %")
    return plain if plain.startswith(_KEPT) else plain[:1].lower() + plain[1:]


def had(table: Table, row: Row, keys: Sequence[str], *, size: bool = True) -> str:
    """Figures of a row as what its subject had: "an AUC of 0.812 (...) and a sensitivity of ...".

    Columns that the table lacks or that do not apply to the row are passed over.
    """
    there = [column.key for column in table.columns]
    said: list[str] = []
    for key in keys:
        if key in there and row.get(key) is not None:
            words = heading_words(table.column(key).title)
            article = "an" if words[0].lower() in "aeiou" or words.startswith("F1") else "a"
            said.append(f"{article} {words} of {quoted(table, row, key, size=size and not said)}")
    return listed(said) if said else "no figure that the data define"


def rows_said(table: Table, keys: Sequence[str], *, subject: str = "title", begin: str = "") -> list[str]:
    """A sentence for each row of a table, the first with `begin` before it and a mark of the table behind it."""
    said = []
    for place, row in enumerate(table.rows):
        mark = f" ({{table:{table.name}}})" if place == 0 else ""
        name = str(row.get(subject))
        who = f"{name}," if "," in name else name
        said.append(sentence(f"{begin if place == 0 else ''}{who} had {had(table, row, keys)}{mark}"))
    return said


def p_words(p: object) -> str:
    """A P value behind its letter; empty where nothing was tested.

    >>> p_words(0.2), p_words(None)
    ('P = 0.200', '')
    """
    return f"P {p_equals(float(p))}" if isinstance(p, int | float) else ""
