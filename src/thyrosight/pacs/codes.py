"""Coded terms in our DICOM objects: DICOM's own and SNOMED CT's where an exact one exists, else our own scheme.

Every code of the schemes DCM, SCT and UCUM here stands in PS3.16 (annex D and the context groups; pixels in TID 1602);
a test looks each up in pydicom's copy of them.
"""

from typing import Final, NamedTuple

from thyrosight.files import sha256_of_bytes

SCHEME: Final = "99THYROSIGHT"
"""Coding scheme designator of our own terms; the prefix 99 marks private schemes (PS3.16, section 8.2)."""
SCHEME_NAME: Final = "ThyroSight terms for findings on thyroid ultrasound"


class Term(NamedTuple):
    """A coded term: code value, scheme designator, meaning."""

    value: str
    scheme: str
    meaning: str


THYROID_NODULE: Final = Term("237495005", "SCT", "Thyroid nodule")
THYROID: Final = Term("69748006", "SCT", "Thyroid")
ABNORMAL_STRUCTURE: Final = Term("49755003", "SCT", "Morphologically abnormal structure")
NODULE: Final = Term("27925004", "SCT", "Nodule")
LOBES: Final = {
    "L": Term("79163004", "SCT", "Left lobe of thyroid"),
    "R": Term("29565003", "SCT", "Right lobe of thyroid"),
}
ULTRASONOGRAPHY: Final = Term("310169008", "SCT", "Ultrasonography")
LONG_AXIS: Final = Term("103339001", "SCT", "Long Axis")
SHORT_AXIS: Final = Term("103340004", "SCT", "Short Axis")
DEPTH: Final = Term("131197000", "SCT", "Depth")
MILLIMETER: Final = Term("mm", "UCUM", "mm")
PIXELS: Final = Term("{pixels}", "UCUM", "Pixels")
PERCENT: Final = Term("%", "UCUM", "Percent")
PROBABILITY_OF_CANCER: Final = Term("111047", "DCM", "Probability of cancer")
MEAN: Final = Term("373098007", "SCT", "Mean")
MINIMUM: Final = Term("255605001", "SCT", "Minimum")
MAXIMUM: Final = Term("56851009", "SCT", "Maximum")
STANDARD_DEVIATION: Final = Term("386136009", "SCT", "Standard Deviation")
IMAGING_REPORT: Final = Term("18748-4", "LN", "Diagnostic imaging report")
SOURCE_IMAGE: Final = Term("121322", "DCM", "Source image for image processing operation")
COMMENT: Final = Term("121106", "DCM", "Comment")
IMPRESSION: Final = Term("121073", "DCM", "Impression")
BENIGN: Final = Term("30807003", "SCT", "Benign")
MALIGNANT: Final = Term("21594007", "SCT", "Malignant")
ARTIFICIAL_INTELLIGENCE: Final = Term("123110", "DCM", "Artificial Intelligence")

LANGUAGES: Final = {
    "en": Term("en-US", "RFC5646", "English (United States)"),
    "es": Term("es", "RFC5646", "Spanish"),
    "zh-CN": Term("zh-CN", "RFC5646", "Chinese (China)"),
}
"""Languages of comments (TID 1204), by their tags."""

NETWORK_OUTPUT: Final = Term("NETWORK-OUTPUT", SCHEME, "Network output for malignant, not calibrated")
RISK_MEAN: Final = Term("RISK-MEAN", SCHEME, "Mean probability of cancer over the frames")
RISK_LOWEST: Final = Term("RISK-LOWEST", SCHEME, "Lowest probability of cancer of a frame")
RISK_HIGHEST: Final = Term("RISK-HIGHEST", SCHEME, "Highest probability of cancer of a frame")
RISK_SPREAD: Final = Term("RISK-SD", SCHEME, "Standard deviation of the probability of cancer between frames")
NETWORK_MEAN: Final = Term("NETWORK-MEAN", SCHEME, "Mean network output for malignant, not calibrated")
"""Values over a loop have names of their own, because viewers show no derivation beside a name."""
FRAMES_MALIGNANT: Final = Term("FRAMES-MALIGNANT", SCHEME, "Share of assessed frames labelled malignant by themselves")
OPERATING_POINT: Final = Term("OPERATING-POINT", SCHEME, "Risk from which the label is malignant")
TIRADS_SYSTEM: Final = Term("TIRADS-SYSTEM", SCHEME, "TI-RADS system")
TIRADS_CATEGORY: Final = Term("TIRADS-CATEGORY", SCHEME, "TI-RADS category")

FEATURES: Final = {
    "composition": Term("COMPOSITION", SCHEME, "Composition of the nodule"),
    "echogenicity": Term("110849", "DCM", "Echogenicity"),
    "margin": Term("111037", "DCM", "Margins"),
    "calcification": Term("111009", "DCM", "Calcification Type"),
    "shape": Term("300842002", "SCT", "Shape"),
}
"""Names of sonographic features; one that is not here gets a code of our own scheme."""

DESCRIPTORS: Final = {
    ("echogenicity", "anechoic"): Term("111361", "DCM", "Anechoic"),
    ("echogenicity", "hyperechoic"): Term("111362", "DCM", "Hyperechoic"),
    ("echogenicity", "hypoechoic"): Term("111364", "DCM", "Hypoechoic"),
    ("echogenicity", "isoechoic"): Term("111365", "DCM", "Isoechoic"),
    ("margin", "circumscribed"): Term("112142", "DCM", "Circumscribed"),
    ("margin", "lobulated"): Term("112135", "DCM", "Lobulated"),
    ("margin", "spiculated"): Term("112136", "DCM", "Spiculated"),
    ("calcification", "macrocalcification"): Term("111345", "DCM", "Macrocalcifications"),
    ("calcification", "macrocalcifications"): Term("111345", "DCM", "Macrocalcifications"),
    ("shape", "round"): Term("42700002", "SCT", "Round shape"),
}
"""Terms that mean the same in DICOM's context groups; every other term keeps the user's words in our own scheme."""


def own_term(meaning: str) -> Term:
    """A term of our own scheme: its code is made from its meaning, so that equal words give equal codes.

    >>> own_term("taller-than-wide").value
    'TALLER-THAN-WIDE'
    >>> own_term("a term with far more than sixteen letters").value
    'T-C5BC41ABC8D326'
    """
    meaning = " ".join(meaning.split())[:64]
    plain = "".join(sign if sign.isalnum() and sign.isascii() else "-" for sign in meaning.upper()).strip("-")
    if 0 < len(plain) <= 16 and meaning.isascii():
        return Term(plain, SCHEME, meaning)
    return Term("T-" + sha256_of_bytes([meaning.encode()])[:14].upper(), SCHEME, meaning)


def feature_term(feature: str) -> Term:
    """The concept name of a sonographic feature, for example "echogenicity"."""
    return FEATURES.get(feature.strip().lower()) or own_term(feature)


def descriptor_term(feature: str, term: str) -> Term:
    """The value of a sonographic feature, for example "hypoechoic"."""
    return DESCRIPTORS.get((feature.strip().lower(), term.strip().lower())) or own_term(term)
