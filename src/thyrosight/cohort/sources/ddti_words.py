"""DDTI's words for sonographic features and sex, translated to those of the cohort table."""

from typing import Final

COMPOSITION: Final = {
    "solid": "solid",
    "spongiform": "spongiform",
    "spongiform appareance": "spongiform",
    "spongiform appearance": "spongiform",
    "predominantly-solid": "predominantly solid",
    "predominantly solid": "predominantly solid",
    "predominantly-cystic": "predominantly cystic",
    "predominantly cystic": "predominantly cystic",
    "cystic": "cystic",
}
ECHOGENICITY: Final = {
    "isoechogenicity": "isoechoic",
    "hypoechogenicity": "hypoechoic",
    "hyperechogenicity": "hyperechoic",
    "marked-hypoechogenicity": "markedly hypoechoic",
    "marked hypoechogenicity": "markedly hypoechoic",
}
MARGIN: Final = {
    "well-defined": "well defined",
    "well defined": "well defined",
    "well defined smooth": "well defined",
    "ill-defined": "ill defined",
    "ill defined": "ill defined",
    "ill- defined": "ill defined",
    "microlobulated": "microlobulated",
    "macrolobulated": "macrolobulated",
    "spiculated": "spiculated",
}
CALCIFICATION: Final = {
    "non": "none",
    "none": "none",
    "microcalcification": "microcalcification",
    "microcalcifications": "microcalcification",
    "macrocalcification": "macrocalcification",
    "macrocalcifications": "macrocalcification",
}
SEX: Final = {"f": "F", "m": "M", "u": ""}


def in_our_words(text: str, words: dict[str, str]) -> str:
    """A sonographic feature in the words of the lexicon, a sex as F, M or nothing; unknown text is kept.

    >>> in_our_words("Marked-hypoechogenicity", ECHOGENICITY), in_our_words("", MARGIN)
    ('markedly hypoechoic', '')
    """
    plain = " ".join(text.split())
    return words.get(plain.casefold(), plain)
