"""Words of pathologists and cytologists in four languages; what they leave open stays open."""

import pytest

from thyrosight.cohort.mapping.diagnoses import bethesda_of, read_cytology, read_diagnosis
from thyrosight.cohort.mapping.values import meaning_of

MALIGNANT = """
papillary thyroid carcinoma, follicular variant|PTC|medullary carcinoma|Papilläres Schilddrüsenkarzinom (pT1a)|
papilläres Mikrokarzinom in Hashimoto-Thyreoiditis|carcinoma papilar de tiroides|Ca. papilar|甲状腺乳头状癌|恶性|
maligno|bösartig|PTC, margins negative|Papilläres Karzinom, keine Lymphknotenmetastasen|甲状腺未分化癌|恶|C73.0|
papilläres Karzinom ohne Kapselinvasion|甲状腺乳头状癌，未见转移
"""
BENIGN = """
follicular adenoma|nodular hyperplasia|Struma colloides nodosa|kein Anhalt für Malignität|negative for malignancy|
bocio multinodular|sin signos de malignidad|tiroiditis de Hashimoto|结节性甲状腺肿|未见恶性细胞|腺瘤|gutartig|benigno|
No malignant cells|Hashimoto-Thyreoiditis, Karzinom ausgeschlossen|Carcinoma descartado|非癌|良|D34
"""
OPEN = """
suspicious for papillary carcinoma|V. a. papilläres Karzinom|Karzinom nicht auszuschließen|sospechoso de malignidad|
可疑癌|NIFTP|FT-UMP|follicular neoplasm|follikuläre Neoplasie|neoplasia folicular|AUS/FLUS|nondiagnostic|
material insuficiente|取材不足|考虑乳头状癌|carcinoma?|follicular adenoma, papillary microcarcinoma|ausstehend|
交界性肿瘤，不除外恶性|Karzinom nicht ausgeschlossen|nicht benigne|低度恶性潜能未定|history of PTC|
Z.n. Thyreoidektomie bei PTC|pas de signe de malignité|negativo per cellule maligne|sospetto per malignità
"""


def _texts(block: str) -> list[str]:
    return [text for text in block.replace("\n", "").split("|") if text]


@pytest.mark.parametrize("text", _texts(MALIGNANT))
def test_malignant(text: str):
    assert read_diagnosis(text).label == "malignant"


@pytest.mark.parametrize("text", _texts(BENIGN))
def test_benign(text: str):
    assert read_diagnosis(text).label == "benign"


@pytest.mark.parametrize("text", _texts(OPEN))
def test_open(text: str):
    assert read_diagnosis(text).label == "" and read_diagnosis(text).reason


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Bethesda II", (2,)), ("Bethesda Kategorie 6", (6,)), ("B2", (2,)), ("BSRTC Ⅵ", (6,)), ("II", ()),
        ("Bethesda III-IV", (3, 4)), ("categoría Bethesda V", (5,)), ("Bethesda 2 类", (2,)), ("Thy5", (6,)),
        ("Thy3a", (3,)), ("TIR2", (2,)),
    ],
)  # fmt: skip
def test_bethesda_categories(text: str, found: tuple[int, ...]):
    assert bethesda_of(text) == found


def test_bethesda_three_to_five_and_ranges_are_never_guessed():
    for category in ("I", "III", "IV", "V", "III-IV", "V-VI"):
        assert read_cytology(f"Bethesda {category}").label == ""
    assert read_cytology("Bethesda V, malignant cells suspected").label == ""
    assert [read_cytology(text, alone=True).label for text in ("2", "VI", "Ⅱ类")] == ["benign", "malignant", "benign"]


@pytest.mark.parametrize("cell", ["无", "未做", "—", "/", "n. d.", "keine", "none", "N/C"])
def test_nothing_entered_is_no_label(cell: str):
    # 无 below 良恶性 (benign or malignant) means that nothing is known, not that there is no malignancy.
    assert [meaning_of(cell, "label", header=header) for header in ("良恶性", "maligno", "Dignität")] == [""] * 3
    assert meaning_of(cell, "histology") == ""


def test_a_bare_yes_needs_a_header_that_says_what_it_affirms():
    assert [meaning_of("ja", "label", header=header) for header in ("bösartig", "gutartig", "Ergebnis")] == [
        "malignant",
        "benign",
        None,
    ]
