"""A German radiology: one .xls from the RIS, with a letterhead, a header that comes again, and footnotes."""

from collections.abc import Sequence
from pathlib import Path

import xlwt

from hospital.records import Nodule, Patient, Picture, Truth, choose, make_patients, place, spare

HEADER = (
    "Lfd. Nr.", "Pat.-ID", "Name, Vorname", "geb.", "m/w", "Unters.-Datum", "Lok.", "Größe", "EU-TIRADS",
    "FNP (Bethesda)", "Histo", "Bilddatei", "Histo", "Überweiser", "Bemerkung",
)  # fmt: skip
BENIGN = (
    "Follikuläres Adenom",
    "Struma colloides nodosa, kein Anhalt für Malignität",
    "Regressiv veränderter Kolloidknoten",
    "Lymphozytäre Thyreoiditis (Hashimoto)",
    "Adenomatöser Knoten ohne Malignitätsnachweis",
    "onkozytäres Adenom, kein Karzinom",
    "Hyperplastischer Knoten, gutartig",
)
MALIGNANT = (
    "Papilläres Schilddrüsenkarzinom, pT1b",
    "PTC, follikuläre Variante",
    "papilläres Mikrokarzinom (4 mm), R0",
    "Follikuläres Karzinom, minimal-invasiv",
    "medulläres SD-Karzinom pT2 N1a",
    "Papilläres Ca., keine Lymphknotenmetastase",
)
UNSURE = ("V.a. papilläres Karzinom", "NIFTP", "Follikuläre Neoplasie unklaren Malignitätspotenzials")
EMPTY = ("", "k.A.", "-", "n.d.", "entfällt")
NAMES = ("Müller", "Özdemir", "Schröder", "Kowalska", "Nguyen", "Weiß", "Bauer", "Hartmann", "Lindner", "Vogt")
FIRST = {"F": ("Anna", "Gülsen", "Ilse", "Marta"), "M": ("Jörg", "Piotr", "Uwe", "Minh")}
_SIDES = {"left": ("li.", "links"), "right": ("re.", "rechts", "RE"), "isthmus": ("Isthmus",)}
_ROMAN = {1: "I", 2: "II", 3: "III", 4: "IV", 5: "V", 6: "VI"}


def write(pictures: Sequence[Picture], folder: Path, *, seed: int = 1) -> Truth:
    """Write `Export_SD-Knoten.xls` and its images."""
    used, unused = spare(pictures, 3)
    patients, truth = make_patients(used, seed=seed), Truth()
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Tabelle1")
    book.add_sheet("Tabelle2")
    rows: list[list[object]] = [
        ["Klinikum Musterstadt, Institut für Radiologie"],
        ["Export RIS vom 12.03.2024 - vertraulich"],
        [],
        list(HEADER),
    ]
    count = 0
    for patient in patients:
        for nodule in patient.nodules:
            for picture in nodule.pictures:
                count += 1
                rows.append(_row(count, patient, nodule, picture, folder=folder, truth=truth))
                if count % 25 == 0:
                    rows.append(list(HEADER))  # the page break of the export
    for number in (901, 902):
        rows.append(
            [count + 1, number, "Fehlt, Bild", "01.02.1960", "w", "03.04.2022", "li.", "12 x 9 mm", "3", "",
             BENIGN[0], f"bild_{number}.jpg", "", "", ""]
        )  # fmt: skip
        truth.no_image.append(f"bild_{number}.jpg")
        count += 1
    rows += [[], ["* Befunde ohne Gewähr; FNP nach Bethesda 2017"], ["Erstellt: Sekretariat, Tel. 4711"]]
    for row, cells in enumerate(rows):
        for column, value in enumerate(cells):
            if value != "":
                sheet.write(row, column, value)
    sheet.col(13).hidden = True
    sheet.row(5).hidden = True
    for number, picture in enumerate(unused):
        truth.no_row.append(place(picture, folder, f"Bilder/alt/ohne_{number}{picture.path.suffix}"))
    book.save(str(folder / "Export_SD-Knoten.xls"))
    truth.save(folder)
    return truth


def _row(count: int, patient: Patient, nodule: Nodule, picture: Picture, *, folder: Path, truth: Truth) -> list[object]:
    stem = f"bild_{count:03d}"
    kept = place(picture, folder, f"Bilder/{patient.exam.year}/{stem}{picture.path.suffix}")
    truth.add(kept, patient, nodule)
    name = f"{choose(NAMES, patient.name)}, {choose(FIRST[patient.sex], patient.number)}"
    birth = f"{patient.birth:%d.%m.%Y}"
    truth.personal += [one for one in (name, birth) if one not in truth.personal]
    histology = _histology(nodule, count)
    named = (f"{stem}{picture.path.suffix}", stem, f"{stem.upper()}.JPG", f"Bilder\\{patient.exam.year}\\{stem}.jpeg")
    return [
        count,
        (patient.number, f"{patient.number:03d}", f"{patient.number}.0", float(patient.number))[count % 4],
        name,
        birth,
        {"F": ("w", "weibl.", "W"), "M": ("m", "männl.", "M")}[patient.sex][count % 3],
        f"{patient.exam:%d.%m.%y}" if count % 3 else f"{patient.exam:%d.%m.%Y}",
        choose(_SIDES[nodule.side], count),
        _size(nodule, count),
        (f"EU-TIRADS {nodule.tirads[0]}", nodule.tirads[0], int(nodule.tirads[0]))[count % 3],
        _cytology(nodule, count),
        histology,
        named[count % 4],
        histology if count % 5 else "",
        "Praxis Dr. Beispiel",
        "Pat. wünscht Kopie" if count % 7 == 0 else "",
    ]


def _histology(nodule: Nodule, count: int) -> str:
    if nodule.evidence == "histology":
        return choose(BENIGN if nodule.label == "benign" else MALIGNANT, nodule.words)
    if nodule.evidence == "suspected":
        return choose(UNSURE, nodule.words)
    if nodule.evidence == "contradiction":
        return "Follikuläres Adenom; papilläres Karzinom"  # of two specimens, and nobody says which
    return choose(EMPTY, count)


def _cytology(nodule: Nodule, count: int) -> str:
    if nodule.bethesda is None:
        return choose(EMPTY, count + 1)
    roman = _ROMAN[nodule.bethesda]
    return (roman, f"Bethesda {roman}", f"Bethesda {nodule.bethesda}", str(nodule.bethesda))[count % 4]


def _size(nodule: Nodule, count: int) -> str:
    if count % 4 == 0:
        return " x ".join(f"{side / 10:.2f}".replace(".", ",") for side in nodule.size) + " cm"
    joined = " x ".join(f"{side:.1f}".replace(".", ",") for side in nodule.size)
    return f"{joined} mm"
