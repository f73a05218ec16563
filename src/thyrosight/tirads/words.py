"""Words for sonographic features as societies and data sets spell them, in the terms of the lexicon.

A word that is coarser than the lexicon stands for several terms: "mixed" is predominantly cystic or predominantly
solid.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from thyrosight.tirads.lexicon import Composition, Echogenicity, Extension, Focus, Margin, Shape, Term

Words = Mapping[str, frozenset[Term]]


def _words(entries: Mapping[str, Term | tuple[Term, ...]]) -> dict[str, frozenset[Term]]:
    return {
        plain(word): frozenset(terms) if isinstance(terms, tuple) else frozenset({terms})
        for word, terms in entries.items()
    }


def plain(word: str) -> str:
    """A word in one spelling: lower case, single spaces for hyphens, underscores and runs of spaces.

    >>> plain("Marked-Hypoechogenicity "), plain("wider_than_tall")
    ('marked hypoechogenicity', 'wider than tall')
    """
    return " ".join(word.casefold().replace("-", " ").replace("_", " ").split())


@dataclass(frozen=True)
class Vocabulary:
    """The words of one source.

    Attributes:
        name, source: its name and where its words come from.
        words: for each feature (`calcification` for foci) the terms each word stands for; an empty set under
            `calcification` means that there are none.
        margin_tells_extension: whether extrathyroidal extension is listed among the margins, so that any other margin
            means that there is none.
    """

    name: str
    source: str
    words: Mapping[str, Words]
    margin_tells_extension: bool


_MIXED: Final = (Composition.PREDOMINANTLY_CYSTIC, Composition.PREDOMINANTLY_SOLID)
_LOBULATED: Final = (Margin.MACROLOBULATED, Margin.MICROLOBULATED)

THYROSIGHT: Final = Vocabulary(
    "thyrosight",
    "the terms of the lexicon, and the words of ACR, KSThR, EU-TIRADS, C-TIRADS and ATA",
    {
        "composition": _words(
            {
                **{term.value: term for term in Composition},
                "cyst": Composition.CYSTIC,
                "pure cyst": Composition.CYSTIC,
                "purely cystic": Composition.CYSTIC,
                "anechoic cyst": Composition.CYSTIC,
                "almost completely cystic": Composition.CYSTIC,
                "cystic or almost completely cystic": Composition.CYSTIC,
                "entirely spongiform": Composition.SPONGIFORM,
                "mixed": _MIXED,
                "mixed cystic and solid": _MIXED,
                "mixed solid and cystic": _MIXED,
                "partially cystic": _MIXED,
                "partly cystic": _MIXED,
                "almost completely solid": Composition.SOLID,
                "solid or almost completely solid": Composition.SOLID,
                "entirely calcified": Composition.HIDDEN,
                "cannot be determined": Composition.HIDDEN,
            }
        ),
        "echogenicity": _words(
            {
                **{term.value: term for term in Echogenicity},
                "hyperechoic or isoechoic": (Echogenicity.HYPERECHOIC, Echogenicity.ISOECHOIC),
                "isohyperechoic": (Echogenicity.HYPERECHOIC, Echogenicity.ISOECHOIC),
                "iso hyperechoic": (Echogenicity.HYPERECHOIC, Echogenicity.ISOECHOIC),
                "mildly hypoechoic": Echogenicity.HYPOECHOIC,
                "moderately hypoechoic": Echogenicity.HYPOECHOIC,
                "very hypoechoic": Echogenicity.MARKEDLY_HYPOECHOIC,
                "marked hypoechoic": Echogenicity.MARKEDLY_HYPOECHOIC,
                "cannot be determined": Echogenicity.HIDDEN,
            }
        ),
        "margin": _words(
            {
                **{term.value: term for term in Margin},
                "well defined": Margin.SMOOTH,
                "circumscribed": Margin.SMOOTH,
                "ill defined": Margin.ILL_DEFINED,
                "poorly defined": Margin.ILL_DEFINED,
                "lobulated": _LOBULATED,
                "spiculated": Margin.IRREGULAR,
                "infiltrative": Margin.IRREGULAR,
                "lobulated or irregular": (*_LOBULATED, Margin.IRREGULAR),
                "spiculated or microlobulated": (Margin.MICROLOBULATED, Margin.IRREGULAR),
                "smooth or ill defined": (Margin.SMOOTH, Margin.ILL_DEFINED),
                "extrathyroidal extension": Extension.PRESENT,
            }
        ),
        "calcification": _words(
            {
                **{term.value: term for term in Focus},
                "none": (),
                "no": (),
                "microcalcifications": Focus.PUNCTATE,
                "punctate echogenic foci": Focus.PUNCTATE,
                "punctate echogenic focus": Focus.PUNCTATE,
                "punctate": Focus.PUNCTATE,
                "macrocalcifications": Focus.MACROCALCIFICATION,
                "coarse calcification": Focus.MACROCALCIFICATION,
                "comet tail": Focus.COMET_TAIL,
                "comet tails": Focus.COMET_TAIL,
                "comet tail artefacts": Focus.COMET_TAIL,
                "comet tail artifact": Focus.COMET_TAIL,
                "comet tail artifacts": Focus.COMET_TAIL,
                "large comet tail": Focus.COMET_TAIL,
                "large comet tail artifact": Focus.COMET_TAIL,
                "large comet tail artifacts": Focus.COMET_TAIL,
                "rim": Focus.RIM,
                "rim calcification": Focus.RIM,
                "peripheral": Focus.RIM,
                "peripheral calcifications": Focus.RIM,
                "eggshell calcification": Focus.RIM,
                "interrupted rim calcification": Focus.BROKEN_RIM,
                "rim calcification with extrusive soft tissue": Focus.BROKEN_RIM,
            }
        ),
        "shape": _words(
            {
                **{term.value: term for term in Shape},
                "wider": Shape.WIDER,
                "parallel": Shape.WIDER,
                "horizontal": Shape.WIDER,
                "oval": Shape.WIDER,
                "taller": Shape.TALLER,
                "nonparallel": Shape.TALLER,
                "non parallel": Shape.TALLER,
                "vertical": Shape.TALLER,
            }
        ),
        "extrathyroidal_extension": _words(
            {
                **{term.value: term for term in Extension},
                "absent": Extension.ABSENT,
                "none": Extension.ABSENT,
                "no": Extension.ABSENT,
                "present": Extension.PRESENT,
                "yes": Extension.PRESENT,
            }
        ),
    },
    margin_tells_extension=True,
)

DDTI: Final = Vocabulary(
    "ddti",
    "Pedraza et al. 2015, Digital Database Thyroid Image; shape and extrathyroidal extension are not recorded there",
    {
        "composition": _words(
            {
                "solid": Composition.SOLID,
                "predominantly-solid": Composition.PREDOMINANTLY_SOLID,
                "predominantly-cystic": Composition.PREDOMINANTLY_CYSTIC,
                "cystic": Composition.CYSTIC,
                "spongiform": Composition.SPONGIFORM,
                "spongiform appareance": Composition.SPONGIFORM,
                "spongiform appearance": Composition.SPONGIFORM,
            }
        ),
        "echogenicity": _words(
            {
                "isoechogenicity": Echogenicity.ISOECHOIC,
                "hyperechogenicity": Echogenicity.HYPERECHOIC,
                "hypoechogenicity": Echogenicity.HYPOECHOIC,
                "marked-hypoechogenicity": Echogenicity.MARKEDLY_HYPOECHOIC,
            }
        ),
        "margin": _words(
            {
                "well-defined": Margin.SMOOTH,
                "well defined smooth": Margin.SMOOTH,
                "ill-defined": Margin.ILL_DEFINED,
                "microlobulated": Margin.MICROLOBULATED,
                "macrolobulated": Margin.MACROLOBULATED,
                "spiculated": Margin.IRREGULAR,
            }
        ),
        "calcification": _words(
            {
                "non": (),
                "none": (),
                "microcalcification": Focus.PUNCTATE,
                "microcalcifications": Focus.PUNCTATE,
                "macrocalcification": Focus.MACROCALCIFICATION,
                "macrocalcifications": Focus.MACROCALCIFICATION,
            }
        ),
        "shape": {},
        "extrathyroidal_extension": {},
    },
    margin_tells_extension=False,
)

INCEPTION: Final = Vocabulary(
    "inception",
    "Guan et al. 2019, Ann Transl Med 7:137 (the Inception-v3 paper), tables 2 and 3",
    {
        "composition": _words(
            {"solid": Composition.SOLID, "cystic": Composition.CYSTIC, "spongiform": Composition.SPONGIFORM}
        ),
        "echogenicity": _words(
            {
                "hyperechoic": Echogenicity.HYPERECHOIC,
                "isoechoic": Echogenicity.ISOECHOIC,
                "hypoechoic": Echogenicity.HYPOECHOIC,
                "markedly hypoechoic": Echogenicity.MARKEDLY_HYPOECHOIC,
            }
        ),
        "margin": _words(
            {
                "smooth": Margin.SMOOTH,
                "irregular": Margin.IRREGULAR,
                "lobulated": _LOBULATED,
                "lobular": _LOBULATED,
                "ill-defined": Margin.ILL_DEFINED,
                "halo": Margin.SMOOTH,
                "ete": Extension.PRESENT,
                "extrathyroidal extension": Extension.PRESENT,
            }
        ),
        "calcification": _words(
            {
                "micro": Focus.PUNCTATE,
                "microcalcification": Focus.PUNCTATE,
                "macro": Focus.MACROCALCIFICATION,
                "macrocalcification": Focus.MACROCALCIFICATION,
                "comet-tail": Focus.COMET_TAIL,
                "none": (),
            }
        ),
        "shape": _words({"wider": Shape.WIDER, "taller": Shape.TALLER}),
        "extrathyroidal_extension": {},
    },
    margin_tells_extension=True,
)

ANY: Final = Vocabulary(
    "any",
    "the words of all vocabularies together",
    {
        feature: {**DDTI.words[feature], **INCEPTION.words[feature], **words}
        for feature, words in THYROSIGHT.words.items()
    },
    margin_tells_extension=True,
)

VOCABULARIES: Final = {item.name: item for item in (ANY, THYROSIGHT, DDTI, INCEPTION)}
