"""A Spanish department: one .xlsx with a sheet for each year, a header of two rows, and merged cells."""

from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from hospital.records import Nodule, Patient, Picture, Truth, choose, make_patients, place, spare

GROUPS = (("DATOS DEL PACIENTE", 1, 5), ("ECOGRAFÍA", 6, 10), ("ANATOMÍA PATOLÓGICA", 11, 12))
HEADER = (
    "Nº H.C.", "Apellidos y nombre", "F. nac.", "Edad", "Sexo", "Fecha eco", "Lado", "Diámetro mayor (cm)",
    "TIRADS", "Imágenes", "PAAF", "Diagnóstico AP definitivo", "Observaciones",
)  # fmt: skip
BENIGN = (
    "Bocio multinodular. Sin evidencia de malignidad",
    "Adenoma folicular",
    "Hiperplasia nodular",
    "Nódulo coloide, negativo para malignidad",
    "Tiroiditis linfocitaria crónica",
    "No se observan signos de carcinoma. Nódulo adenomatoso",
)
MALIGNANT = (
    "Carcinoma papilar de tiroides",
    "Ca papilar variante folicular, pT1a",
    "Microcarcinoma papilar",
    "Carcinoma folicular mínimamente invasivo",
    "Carcinoma medular",
    "Carcinoma papilar clásico sin metástasis ganglionares",
)
UNSURE = ("Sospechoso de carcinoma papilar", "NIFTP", "A descartar neoplasia folicular")
EMPTY = ("", "N/C", "s/d", "--", "no consta")
NAMES = ("García López", "Núñez Peña", "Fernández", "Ibáñez Ruiz", "Muñoz", "Sáez", "Ortega", "Vidal", "Roca", "Gil")
FIRST = {"F": ("María José", "Begoña", "Lucía"), "M": ("Íñigo", "José Luis", "Andrés")}
_SIDES = {"left": ("LTI", "izquierdo", "Izdo."), "right": ("LTD", "derecho", "Dcho."), "isthmus": ("Istmo",)}
_ROMAN = {1: "I", 2: "II", 3: "III", 4: "IV", 5: "V", 6: "VI"}


def write(pictures: Sequence[Picture], folder: Path, *, seed: int = 2) -> Truth:
    """Write `Nodulos tiroideos 2021-2023.xlsx` and its images."""
    used, unused = spare(pictures, 3)
    patients, truth = make_patients(used, seed=seed), Truth()
    book = Workbook()
    legend = book.active
    legend.title = "Leyenda"
    for line in ("LEYENDA", "LTD = lóbulo tiroideo derecho; LTI = izquierdo", "s/d = sin datos", "PAAF según Bethesda"):
        legend.append([line])
    years = sorted({patient.exam.year for patient in patients})
    taken: dict[int, int] = {}
    for year in years:
        sheet = book.create_sheet(str(year))
        sheet.append([f"HOSPITAL UNIVERSITARIO - SERVICIO DE ENDOCRINOLOGÍA - {year}"])
        sheet.append([])
        sheet.append([])
        for title, first, last in GROUPS:
            sheet.cell(3, first, title)
            sheet.merge_cells(start_row=3, start_column=first, end_row=3, end_column=last)
        sheet.append(list(HEADER))
        of_year = [one for one in patients if one.exam.year == year]
        for patient in of_year:
            _patient(sheet, patient, folder, truth, taken)
        if year == years[0]:
            _missing(sheet, truth)
        nodules = sum(len(one.nodules) for one in of_year)
        sheet.append([])
        sheet.append(["TOTAL", "", "", "", "", "", "", "", "", f"{nodules} nódulos", "", f"{len(of_year)} pacientes"])
    for number, picture in enumerate(unused):
        truth.no_row.append(place(picture, folder, f"fotos/sin clasificar/DSC{number:04d}{picture.path.suffix}"))
    book.save(folder / "Nodulos tiroideos 2021-2023.xlsx")
    truth.save(folder)
    return truth


def _patient(sheet: Worksheet, patient: Patient, folder: Path, truth: Truth, taken: dict[int, int]) -> None:
    """The rows of a patient, whose own cells are merged over all nodules."""
    first, year = sheet.max_row + 1, patient.exam.year
    name = f"{choose(NAMES, patient.name)}, {choose(FIRST[patient.sex], patient.number)}"
    birth = f"{patient.birth:%d/%m/%Y}"
    truth.personal += [one for one in (name, birth) if one not in truth.personal]
    record = f"HC-{patient.number:05d}"
    for place_in, nodule in enumerate(patient.nodules):
        names = []
        for picture in nodule.pictures:
            taken[year] = number = taken.get(year, 0) + 1
            kept = place(picture, folder, f"fotos/{year}/IMG_{number:03d}{picture.path.suffix.upper()}")
            truth.add(kept, patient, nodule)
            names.append(f"{year}\\IMG_{number:03d}.jpg" if number % 3 else f"{year}/img_{number:03d}")
        cm = max(nodule.size) / 10
        sheet.append(
            [
                record if place_in == 0 else None,
                name if place_in == 0 else None,
                patient.birth if place_in == 0 and patient.number % 2 else birth if place_in == 0 else None,
                year - patient.birth.year if place_in == 0 else None,
                {"F": ("M", "Mujer"), "M": ("H", "Hombre")}[patient.sex][patient.number % 2] if place_in == 0 else None,
                f"{patient.exam:%d/%m/%Y}",
                choose(_SIDES[nodule.side], nodule.words),
                f"{cm:.2f}".replace(".", ",") if nodule.words % 2 else round(cm, 2),
                f"TIRADS {nodule.tirads}" if nodule.words % 3 else nodule.tirads.upper(),
                "; ".join(names),
                _cytology(nodule),
                _histology(nodule),
                "",
            ]
        )
    if len(patient.nodules) > 1:
        for column in range(1, 6):
            sheet.merge_cells(
                start_row=first, start_column=column, end_row=first + len(patient.nodules) - 1, end_column=column
            )


def _missing(sheet: Worksheet, truth: Truth) -> None:
    """A patient whose image was never saved."""
    sheet.append(
        ["HC-09001", "Sin Imagen, Ana", "01/02/1961", 60, "M", "03/03/2021", "LTI", "1,2", "3", "IMG_999.jpg", "",
         BENIGN[1], "foto perdida"]
    )  # fmt: skip
    truth.no_image.append("IMG_999.jpg")


def _histology(nodule: Nodule) -> str:
    if nodule.evidence == "histology":
        return choose(BENIGN if nodule.label == "benign" else MALIGNANT, nodule.words)
    if nodule.evidence == "suspected":
        return choose(UNSURE, nodule.words)
    if nodule.evidence == "contradiction":
        return "Adenoma folicular / carcinoma papilar"
    return choose(EMPTY, nodule.words)


def _cytology(nodule: Nodule) -> str:
    if nodule.bethesda is None:
        return choose(EMPTY, nodule.words + 2)
    roman = _ROMAN[nodule.bethesda]
    return (f"Bethesda {roman}", f"B{nodule.bethesda}", f"Categoría {roman}", roman)[nodule.words % 4]
