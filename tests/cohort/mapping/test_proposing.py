"""Meaning of columns, by names in four languages and by their cells."""

import pytest

from thyrosight.cohort.mapping.fields import LEAVE_OUT
from thyrosight.cohort.mapping.proposing import SURE, Column, propose

TO = "size_mm"


def _held(*columns: tuple[str, list[str]]) -> dict[str, str]:
    return {guess.header: guess.plan.to for guess in propose([Column(name, tuple(cells)) for name, cells in columns])}


@pytest.mark.parametrize(
    "headers",
    [
        ("Patient ID", "Date of birth", "Exam date", "Sex", "Nodule size (mm)", "Image file", "Bethesda", "Pathology"),
        ("Pat.-Nr.", "Geb.-Dat.", "Untersuchungsdatum", "Geschl.", "Größter\nDurchmesser [mm]", "Bilddatei",
         "Bethesda-Kategorie", "Histologischer Befund"),
        ("N.º historia clínica", "F. nacimiento", "Fecha de ecografía", "Sexo", "Tamaño (mm)", "Imágenes",
         "Clasificación Bethesda", "Anatomía patológica"),
        ("住院号", "出生日期", "检查日期", "性别", "结节大小（mm）", "图像文件名", "Bethesda分类", "术后病理"),
    ],
)  # fmt: skip
def test_headers_in_four_languages(headers: tuple[str, ...]):
    cells = [["7", "8"], ["1960-03-04", "4.5.1971"], ["4.3.2021", "5.3.2021"], ["m", "f"], ["7", "12x8"],
             ["a.png", "b.png"], ["II", "VI"], ["adenoma", "carcinoma"]]  # fmt: skip
    held = list(_held(*zip(headers, cells, strict=True)).values())
    assert held == ["patient_id", "birth_date", "exam_date", "sex", TO, "image", "bethesda", "histology"]


def test_content_decides_where_a_name_is_used_for_two_things():
    # AP is a diameter in English and the pathologist in Spanish; a column "Name" may hold the names of files.
    assert _held(("AP", ["12", "8"]))["AP"] == TO
    assert _held(("AP", ["Carcinoma papilar", "Bocio"]))["AP"] == "histology"
    assert _held(("Name", ["Meier, Eva", "Kunz, Ute"]))["Name"] == "patient_name"


def test_content_alone_is_a_proposal_in_doubt():
    guess = propose([Column("Spalte 7", ("12 mm", "8 mm"))])[0]
    assert guess.plan.to == TO and guess.sure < SURE
    assert propose([Column("Spalte 8", ("xyz", "abc"))])[0].plan.to == LEAVE_OUT


def test_names_of_persons_are_private_and_never_guessed_to_be_more():
    held = _held(
        ("Vorname", ["Eva"]), ("Telefon", ["0301"]), ("DNI", ["123"]), ("身份证号", ["110"]), ("Bemerkung", ["x"])
    )
    assert held == {"Vorname": "patient_name", **dict.fromkeys(["Telefon", "DNI", "身份证号", "Bemerkung"], LEAVE_OUT)}


def test_of_two_columns_for_one_field_one_is_kept_and_the_other_is_in_doubt():
    rows = (
        ("Patient", ["7", "8", "8"]),
        ("Patient ID", ["a", "b", "b"]),
        ("Length (mm)", ["7"]),
        ("Width (mm)", ["5"]),
    )
    guesses = {guess.header: guess for guess in propose([Column(name, tuple(cells)) for name, cells in rows])}
    assert sorted(guess.plan.to for guess in guesses.values()) == [LEAVE_OUT, "patient_id", TO, TO]
    assert next(guess for guess in guesses.values() if guess.plan.to == LEAVE_OUT).doubt


def test_units_of_the_header_of_other_columns_or_of_the_amount():
    plans = {g.header: g for g in propose([Column("Größe (cm)", ("1,2",)), Column("Breite", ("0,9",))])}
    assert plans["Größe (cm)"].plan.unit == plans["Breite"].plan.unit == "cm" and not plans["Breite"].doubt
    lone = propose([Column("Size", ("1.2", "0.9", "2.5"))])[0]
    assert lone.plan.unit == "cm" and "no unit is stated" in lone.doubt
    assert propose([Column("Size", ("12", "9", "25"))])[0].plan.unit == "mm"


def test_numbers_in_headers_are_nodules_unless_they_are_images_or_diameters():
    columns = ["Größe 1 (mm)", "TIRADS 1", "Größe 2 (mm)", "TIRADS 2", "Bild 1", "Bild 2"]
    cells = [["7"], ["4a"], ["8"], ["3"], ["a.png"], ["b.png"]]
    plans = propose([Column(name, tuple(c)) for name, c in zip(columns, cells, strict=True)])
    assert [guess.plan.nodule for guess in plans] == [1, 1, 2, 2, None, None]
    alone = propose([Column("Durchmesser 1 (mm)", ("7",)), Column("Durchmesser 2 (mm)", ("5",))])
    assert [guess.plan.nodule for guess in alone] == [None, None]


def test_order_of_dates_is_taken_from_the_column_or_asked_for():
    def guess(header: str, *cells: str):
        return propose([Column(header, cells)])[0]

    assert guess("Fecha eco", "03/04/2021").plan.dates == "dmy"
    assert guess("Exam date", "03/25/2021", "03/04/2021").plan.dates == "mdy"
    assert "day or month" in guess("Exam date", "03/04/2021").doubt


def test_codes_are_not_guessed():
    sex = propose([Column("Sex", ("0", "1", "1"))])[0]
    assert sex.plan.values == {"1": "?", "0": "?"} and sex.unknown == (("1", 2), ("0", 1))
    assert propose([Column("Ergebnis", ("0", "1"))])[0].plan.values == {"0": "?", "1": "?"}
    assert propose([Column("maligne", ("0", "1"))])[0].plan.values == {"0": "benign", "1": "malignant"}


def test_m_is_male_or_mujer_as_the_other_words_say():
    def meant(*cells: str):
        return propose([Column("Sexo", cells)])[0].plan.values["M"]

    assert [meant("M", other) for other in ("H", "Hombre", "Mujer", "F", "W", "Masculino")] == [
        "F",
        "F",
        "F",
        "M",
        "M",
        "M",
    ]
    assert [meant("M"), meant("M", "Mujer", "Masculino")] == ["?", "?"]


def test_single_letters_are_labels_where_their_pair_is_plain():
    def meant(*cells: str):
        return propose([Column("Dignität", cells)])[0].plan.values

    assert meant("b", "m") == {"b": "benign", "m": "malignant"} and meant("g", "b") == {"g": "benign", "b": "malignant"}
    assert meant("b", "?") == {"b": "?"} and meant("b", "m", "g") == dict.fromkeys("bmg", "?")


def test_readings_of_the_image_frozen_sections_and_lymph_nodes_are_no_reference_standard():
    cells = ["papillary carcinoma", "adenoma"]
    headers = ["Ultrasound diagnosis", "Nodule pathology", "Lymph node pathology", "Frozen section pathology"]
    assert list(_held(*((header, cells) for header in headers)).values()) == [
        LEAVE_OUT,
        "histology",
        LEAVE_OUT,
        LEAVE_OUT,
    ]
    assert set(_held(("术前诊断", ["恶性"]), ("Klinische Diagnose", cells)).values()) == {LEAVE_OUT}
    # A frozen section that holds classes yields to the final histology as well.
    final = _held(("术中冰冻", ["良性", "恶性"]), ("术后病理", ["乳头状癌", "结节性甲状腺肿"]))
    assert final == {"术中冰冻": LEAVE_OUT, "术后病理": "histology"}
    # Alone, what was found in a lymph node may be what the table is about.
    assert _held(("Lymph node pathology", cells))["Lymph node pathology"] == "histology"


def test_centimetres_among_millimetres_are_asked_for():
    guess = propose([Column("Size", ("1.2", "0.8", "12", "2.5 cm", "1,4x0,9"))])[0]
    assert "cm among mm" in guess.doubt and (guess.plan.unit, guess.plan.smallest) == ("mm", 3.0)


def test_dates_whose_month_comes_first_are_dates():
    cells = tuple(f"0{month}/2{month}/2021" for month in range(1, 9))
    (guess,) = propose([Column("Exam date", cells)])
    assert (guess.plan.to, guess.plan.dates, guess.doubt) == ("exam_date", "mdy", "")
