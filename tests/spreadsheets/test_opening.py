"""Files are read by what they are: workbooks of all ages, web pages, text; harmful or protected ones are refused."""

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
import xlwt

from thyrosight.errors import SpreadsheetError
from thyrosight.spreadsheets import read_workbook

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def test_cells_of_a_workbook_are_text_as_people_read_it(workbook):
    def change(book):
        book["A"]["A2"].number_format = "0000"
        book["A"].row_dimensions[3].hidden = True
        book["A"].column_dimensions["C"].hidden = True
        book.create_sheet("B").sheet_state = "hidden"

    rows = [
        ["nr", "day", "size", "much"],
        [12, datetime(2021, 3, 4), 0.1 + 0.2, 12345678901234567],
        ["x", date(2021, 3, 5)],
    ]
    sheet, other = read_workbook(workbook(A=rows, change=change)).sheets
    assert sheet.rows[1] == (2, ("0012", "2021-03-04", "0.3", "12345678901234570"))
    assert (sheet.hidden_rows, sheet.hidden_columns, sheet.rounded) == (frozenset({3}), frozenset({2}), ("D2",))
    assert other.hidden


def test_formulas_without_a_result_are_named(workbook):
    sheet = read_workbook(workbook(A=[["a", "b"], [1, "=A2*2"]])).sheets[0]
    assert sheet.uncalculated == ("B2",) and sheet.rows[1] == (2, ("1",))


def test_an_old_workbook(tmp_path: Path):
    book = xlwt.Workbook()
    sheet = book.add_sheet("Befunde")
    style = xlwt.easyxf(num_format_str="DD.MM.YYYY")
    for place, name in enumerate(("Nr", "Größe", "Datum")):
        sheet.write(0, place, name)
    sheet.write_merge(1, 2, 0, 0, "P1")
    sheet.write(1, 1, 7.5)
    sheet.write(1, 2, datetime(2021, 3, 4), style)
    sheet.write(2, 1, 8)
    sheet.row(2).hidden = True
    book.save(str(tmp_path / "alt.xls"))
    found = read_workbook(tmp_path / "alt.xls").sheets[0]
    assert found.rows[1:] == ((2, ("P1", "7.5", "2021-03-04")), (3, ("", "8")))
    assert found.hidden_rows == {3} and found.merged[0].bottom == 3


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("<html><meta charset='utf-8'><table><tr><th>Nr<th colspan=2>Gr&ouml;&szlig;e</tr>"
         "<tr><td rowspan=2>1</td><td>7,5</td><td>a<br>b</td></tr><tr><td>8</td></tr></table>", "web page"),
        ("Nr;Größe;x\n1;7,5;\"a\nb\"\n;8;\n", "text table"),
        ("\ufeffNr\tGröße\tx\n1\t7,5\t\"a\nb\"\n\t8\t\n", "text table"),
        ("Register 2020, Klinik A\nNr|Größe|x\n1|7,5|\"a\nb\"\n|8|\n", "text table"),
        ('<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
         'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="A"><Table>'
         '<Row><Cell><Data ss:Type="String">Nr</Data></Cell><Cell><Data ss:Type="String">Größe</Data></Cell></Row>'
         '<Row><Cell><Data ss:Type="Number">1</Data></Cell><Cell><Data ss:Type="String">7,5</Data></Cell>'
         '<Cell><Data ss:Type="String">a\nb</Data></Cell></Row>'
         '<Row ss:Index="3"><Cell ss:Index="2"><Data ss:Type="Number">8</Data></Cell></Row>'
         "</Table></Worksheet></Workbook>",
         "XML workbook"),
    ],
)  # fmt: skip
def test_what_hides_under_the_name_of_a_workbook(tmp_path: Path, content: str, kind: str):
    path = tmp_path / "export.xls"
    path.write_text(content, encoding="utf-8")
    book = read_workbook(path)
    assert kind in book.notes[0] and "not what its name says" in book.notes[0]
    cells = [row for _, row in book.sheets[0].rows]
    assert cells[-2:] == [("1", "7,5", "a\nb"), ("", "8")] and cells[-3][:2] == ("Nr", "Größe")


def test_open_document(tmp_path: Path):
    names = {name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "table", "text")}
    spaces = " ".join(f'xmlns:{name}="{uri}"' for name, uri in names.items())
    cell = '<table:table-cell office:value-type="float" office:value="12"><text:p>0012</text:p></table:table-cell>'
    date = 'office:value-type="date" office:date-value="2021-03-04"'
    day = f"<table:table-cell {date}><text:p>4. 3. 21</text:p></table:table-cell>"
    text = '<table:table-cell table:number-columns-repeated="2"><text:p>a</text:p></table:table-cell>'
    empty = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    row = f"<table:table-row>{cell}{day}{text}</table:table-row>"
    content = f'<office:document {spaces}><table:table table:name="A">{row}{empty}{row}</table:table></office:document>'
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    rows = read_workbook(tmp_path / "a.ods").sheets[0].rows
    assert rows == ((1, ("0012", "2021-03-04", "a", "a")), (1048002, ("0012", "2021-03-04", "a", "a")))


def _bomb(path: Path, source: Path, **parts: bytes) -> Path:
    """A copy of a workbook with parts replaced."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            key = Path(name).stem
            new.writestr(name, parts[key] if key in parts else old.read(name))
    return path


def test_harmful_workbooks_are_refused(tmp_path: Path, workbook):
    plain = workbook(A=[["a", "b"], [1, 2]])
    many = _bomb(tmp_path / "bomb.xlsx", plain, sheet1=b"<worksheet>" + b"<row/>" * 5_000_000 + b"</worksheet>")
    with pytest.raises(SpreadsheetError, match="as a harmful file does"):
        read_workbook(many)
    entities = _bomb(
        tmp_path / "entities.xlsx", plain, sheet1=b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a/>'
    )
    with pytest.raises(SpreadsheetError, match="declares entities in xl/worksheets/sheet1"):
        read_workbook(entities)
    with zipfile.ZipFile(plain) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    wide = b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (row, row) for row in range(1, 2000))
    far = _bomb(
        tmp_path / "far.xlsx",
        plain,
        sheet1=sheet.split(b"<sheetData>")[0] + b"<sheetData>" + wide + b"</sheetData></worksheet>",
    )
    with pytest.raises(SpreadsheetError, match="'A' holds more than"):
        read_workbook(far)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04rest", "damaged workbook"),
        (OLD + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (OLD + b"\0" * 512, "damaged or no workbook"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not a text file"),
        (b"<html><body>Session expired</body></html>", "a web page without a table"),
    ],
)  # fmt: skip
def test_files_without_a_table_get_one_sentence(tmp_path: Path, content: bytes, said: str):
    path = tmp_path / "table.xlsx"
    path.write_bytes(content)
    with pytest.raises(SpreadsheetError, match=said):
        read_workbook(path)
    with pytest.raises(SpreadsheetError, match="There is no file"):
        read_workbook(tmp_path / "gone.xlsx")


def test_an_archive_is_no_workbook(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("images/1.png", b"")
    with pytest.raises(SpreadsheetError, match="an archive, not a workbook"):
        read_workbook(tmp_path / "a.xlsx")
