"""The table in a sheet: titles, two rows of header, joined cells, hidden rows, totals and notes."""

from thyrosight.spreadsheets import Merged, Sheet, read_workbook, table_of


def _sheet(*rows: tuple[str, ...], **more: object) -> Sheet:
    return Sheet("A", tuple((number, cells) for number, cells in enumerate(rows, start=1)), **more)  # type: ignore[arg-type]


def test_comments_above_and_notes_below_are_no_rows():
    rows = [("Register 2020",), ("created", "3.4.2021"), ("Nr", "Size", "Sex"), ("1", "7", "m"), ("2", "8", "w")]
    found = table_of(
        _sheet(*rows, ("Total", "15"), ("Legend: m is male",)), known=lambda cell: cell in ("Nr", "Size", "Sex")
    )
    assert found is not None and [number for number, _ in found.rows] == [4, 5]
    assert found.left_out == ((6, "totals"), (7, "a note below the table"))
    assert "rows above row 3" in found.notes[0]


def test_without_known_names_the_first_wide_row_of_words_is_the_header():
    found = table_of(_sheet(("Register",), ("a", "b", "c"), ("1", "2", "3"), ("4", "5", "6")))
    assert found is not None and found.header == ("a", "b", "c") and len(found.rows) == 2


def test_two_rows_of_header_give_one_name_each():
    groups = ("Size", "Size", "Knoten 1", "Knoten 1", "Knoten 2", "Knoten 2", "")
    names = ("Length", "Width", "TIRADS", "Label", "TIRADS", "Label", "Sex")
    body = ("1", "2", "4", "b", "5", "m", "w")
    found = table_of(_sheet(groups, names, body, body), known=lambda cell: cell in names)
    assert found is not None
    assert found.header == ("Length", "Width", "Knoten 1 / TIRADS", "Knoten 1 / Label", "Knoten 2 / TIRADS",
                            "Knoten 2 / Label", "Sex")  # fmt: skip
    merged = (Merged(1, 1, 1, 2),)
    under = table_of(_sheet(("Nr", "Size", "", "Sex"), ("", "Length", "Width", ""), ("1", "2", "3", "w"),
                            ("2", "2", "3", "m"), merged=merged))  # fmt: skip
    assert under is not None and under.header == ("Nr", "Size / Length", "Size / Width", "Sex") and len(under.rows) == 2


def test_line_breaks_and_repeated_names_in_headers():
    found = table_of(
        _sheet(("Pat-\nnummer", "Size\n(mm)", "Size\n(mm)", ""), ("1", "2", "3", "x"), ("2", "2", "3", "y"))
    )
    assert found is not None and found.header == ("Patnummer", "Size (mm)", "Size (mm) (2)", "column 4")
    assert any("two columns are named" in note for note in found.notes)


def test_joined_cells_hold_their_value_in_every_row_and_the_header_may_come_again():
    head = ("Nr", "Image", "Sex")
    rows = [head, ("1", "a.png", "m"), ("", "b.png", "m"), head, ("2", "c.png", "w")]
    found = table_of(_sheet(*rows, merged=(Merged(2, 0, 3, 0),)))
    assert found is not None and [cells[0] for _, cells in found.rows] == ["1", "1", "2"]
    assert found.left_out == ((4, "the header again"),)


def test_hidden_rows_and_columns_are_used_or_left_out_and_said():
    hidden = {"hidden_rows": frozenset({3}), "hidden_columns": frozenset({1})}
    sheet = _sheet(("Nr", "Secret", "Sex"), ("1", "x", "m"), ("2", "y", "w"), ("3", "z", "w"), **hidden)
    used, left = table_of(sheet), table_of(sheet, hidden=False)
    assert used is not None and len(used.rows) == 3 and "1 hidden or filtered row (3): used" in used.notes[0]
    assert left is not None and left.header == ("Nr", "Sex") and [number for number, _ in left.rows] == [2, 4]


def test_formulas_that_matter_are_named(workbook):
    sheet = read_workbook(workbook(A=[["Nr", "Size"], [1, "=A2*2"], [2, 3]])).sheets[0]
    found = table_of(sheet)
    assert found is not None and "1 formula without a stored result (B2)" in found.notes[-1]


def test_a_sheet_without_rows_holds_no_table():
    assert table_of(_sheet()) is None and table_of(_sheet(("only", "a", "header"))) is None
