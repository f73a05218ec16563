"""Tables know what their cells hold, refuse what they cannot hold, and give every number back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.documents import Column, Measure, Table, cells, notes, table_html, table_latex

COLUMNS = (
    Column(key="network", hidden=True),
    Column(key="title", title="Network"),
    Column(key="auc", title="AUC", kind="area"),
    Column(key="n", title="n", kind="count"),
    Column(key="difference", title="Difference", kind="difference"),
    Column(key="p", title="P", kind="p"),
)
ROWS = (
    {"network": "a", "title": "A & B", "auc": Measure(value=0.8, low=0.7, high=0.9, spread=0.05, n=90, method="DeLong"),
     "n": 12, "difference": Measure(value=-0.1, low=-0.2, high=0.05, method="bootstrap"), "p": 0.0004},
    {"network": "b", "title": "B", "auc": Measure(value=None, method="DeLong"), "n": 3, "p": None},
)  # fmt: skip


def table(**changes: object) -> Table:
    return Table.model_validate({"name": "t", "caption": "Of <some>", "columns": COLUMNS, "rows": ROWS, **changes})


def test_cells_are_found_by_name() -> None:
    own = table()
    assert own.at(network="a", measure="auc").low == 0.7
    assert own.at(column="n", network="b") == 3
    for wrong, sentence in (
        ({"network": "c", "measure": "auc"}, "no row with network='c'; there are a, b"),
        ({"network": "a", "measure": "f1"}, "no column 'f1'; it has network, title, auc"),
        ({"measure": "auc"}, "2 rows"),
        ({"network": "b", "measure": "difference"}, "does not apply"),
        ({"network": "a"}, "name the column"),
    ):
        with pytest.raises(KeyError, match=sentence):
            own.at(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"auc": "0.80"}, "'0.80' is no area"),
        ({"n": 1.5}, "1.5 is no count"),
        ({"n": True}, "True is no count"),
        ({"p": Measure(value=0.1)}, "is no p"),
        ({"title": 3}, "3 is no text"),
        ({"other": 1}, "'other', which is no column"),
    ],
)
def test_a_value_that_its_column_cannot_hold_is_refused(row: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        table(rows=(row,))


def test_a_column_may_stand_below_another() -> None:
    columns = (Column(key="p", title="P", kind="p"), Column(key="corrected", title="corrected", kind="p", under="p"))
    own = table(columns=columns, rows=({"p": 0.02, "corrected": 0.06}, {"p": 0.5}))
    assert [[cell.line for cell in row] for row in cells(own)] == [["0.020 (corrected 0.060)"], ["0.500"]]
    assert [column.key for column in own.shown] == ["p"]
    assert own.records()[0] == {"p": 0.02, "corrected": 0.06}


def test_two_columns_of_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="share a key"):
        table(columns=(COLUMNS[0], COLUMNS[0]), rows=())


def test_printed_cells() -> None:
    first, second = cells(table())
    assert [cell.line for cell in first] == [
        "A & B",
        "0.800 (0.700–0.900, ± 0.050)",  # noqa: RUF001
        "12",
        "-0.100 (-0.200 to +0.050)",
        "< 0.001",
    ]
    assert [cell.line for cell in second] == ["B", "undefined", "3", "–", "not tested"]  # noqa: RUF001


def test_methods_are_collected_from_the_cells_with_the_columns_they_hold_for() -> None:
    assert notes(table(notes=("A note.",)), "labels: TI-RADS") == [
        "Intervals of AUC: DeLong.",
        "Intervals of Difference: bootstrap.",
        "A note.",
        "Labels: TI-RADS.",
    ]
    assert notes(table(source="labels: pathology"), "labels: TI-RADS")[-1] == "Labels: pathology."
    assert "TI-RADS" not in " ".join(notes(table(source=""), "labels: TI-RADS"))


def test_one_way_with_several_reasons_is_told_once_and_rows_of_one_name_are_not_told_apart() -> None:
    """Sixteen lines on numbers of groups stood below one table of subgroups."""

    def measure(method: str) -> Measure:
        return Measure(value=0.5, low=0.1, high=0.9, method=method)

    rows = [("Sex", "exact: 4 are few"), ("Sex", "exact: 5 are few"), ("Age", "logit"), ("Age", "exact: 6 are few")]
    made = Table(
        name="t", caption="", source="",
        columns=(Column(key="of", title="Of"), Column(key="a", title="AUC", kind="area"),
                 Column(key="b", title="Dice", kind="area")),
        rows=tuple({"of": of, "a": measure(method), "b": measure("t")} for of, method in rows),
    )  # fmt: skip
    assert made.methods() == [
        "Intervals of AUC in some rows: exact.",
        "Intervals of Dice: t.",
        "Intervals of AUC in some rows: logit.",
    ]


def test_a_way_of_every_column_is_general_only_where_others_are_named() -> None:
    """Three of nine rows had exact intervals, and the note gave them to all."""

    def made(*methods: tuple[str, str]) -> list[str]:
        columns = (Column(key="of", title="Of"), Column(key="a", title="AUC", kind="area"))
        more = (*columns, Column(key="b", title="Dice", kind="area"))
        rows = tuple(
            {"of": of, "a": Measure(value=0.5, low=0.1, high=0.9, method=method), "b": Measure(value=0.5, method="t")}
            if method != "t"
            else {"of": of, "a": Measure(value=0.5, method="t"), "b": Measure(value=0.5, method="t")}
            for of, method in methods
        )
        return Table(name="t", caption="", source="", columns=more, rows=rows).methods()

    assert made(("A", "t"), ("B", "t")) == ["Intervals: t."]
    assert made(("A", "t"), ("B", "logit")) == ["Intervals: t.", "Intervals of AUC in B: logit."]
    assert made(("A", "t"), ("A", "logit")) == ["Intervals in some rows: t.", "Intervals of AUC in some rows: logit."]


def test_no_interval_is_said_in_a_sentence_of_its_own() -> None:
    """It read "Intervals: no interval: 2 benign groups are too few"."""
    cell = Measure(value=0.5, method="no interval: 2 groups are too few")
    made = Table(name="t", caption="", columns=(Column(key="a", title="AUC", kind="area"),), rows=({"a": cell},))
    assert made.methods() == ["No intervals: 2 groups are too few."]


def test_flat_rows_keep_every_part_of_an_estimate() -> None:
    first, second = table().records()
    assert list(first) == [
        "network", "title", "auc", "auc_low", "auc_high", "auc_spread", "auc_n", "auc_method", "auc_confidence", "n",
        "difference", "difference_low", "difference_high", "difference_method", "difference_confidence", "p",
    ]  # fmt: skip
    assert (first["auc"], first["auc_low"], first["auc_high"], first["difference_high"]) == (0.8, 0.7, 0.9, 0.05)
    assert (second["auc"], second["difference"], second["n"]) == (None, None, 3)
    frame = table().frame()
    assert frame.loc[0, "auc_low"] == 0.7 and len(frame) == 2


def test_html_escapes_hides_and_marks() -> None:
    html = table_html(table(strong=1), "labels: TI-RADS")
    assert "A &amp; B" in html and "Of &lt;some&gt;" in html and "network" not in html
    assert '<tr class="strong"><th scope="row">B</th>' in html
    assert '<td>0.800<span class="below">0.700–0.900</span><span class="below">± 0.050</span></td>' in html  # noqa: RUF001


def test_latex_escapes_and_aligns() -> None:
    latex = table_latex([table()])
    assert r"\begin{tabular}{lrrrr}" in latex
    assert r"A \& B & 0.800 (0.700--0.900, $\pm$ 0.050) & 12 & -0.100 (-0.200 to +0.050) & $<$ 0.001 \\" in latex


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1))
def test_json_brings_a_table_back(value: float, low: float, high: float) -> None:
    own = table(rows=({"auc": Measure(value=value, low=low, high=high), "n": 1, "p": value},))
    assert Table.model_validate_json(own.model_dump_json()) == own


def test_tables_of_older_results_are_read() -> None:
    older = table().model_dump() | {"on_paper": True}
    assert type(table()).model_validate(older) == table()
