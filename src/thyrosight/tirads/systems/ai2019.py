"""AI TI-RADS 2019: the points of ACR TI-RADS as simplified by a genetic algorithm."""

from dataclasses import replace
from typing import Final

from thyrosight.tirads.lexicon import Composition, Echogenicity, Extension, Focus, Margin, Shape, Term
from thyrosight.tirads.system import Points, System
from thyrosight.tirads.systems.acr2017 import CATEGORIES, LEVELS, ONE_POINT

_POINTS: Final[dict[Term, int]] = {
    Composition.SOLID: 3,
    Echogenicity.HYPOECHOIC: 2,
    Echogenicity.MARKEDLY_HYPOECHOIC: 3,
    Shape.TALLER: 1,
    Margin.MACROLOBULATED: 2,
    Margin.MICROLOBULATED: 2,
    Margin.IRREGULAR: 2,
    Extension.PRESENT: 3,
    Focus.PUNCTATE: 3,
}

AI_2019: Final = System(
    key="ai-tirads-2019",
    title="AI TI-RADS 2019",
    source=(
        "Wildman-Tobriner B, Buda M, Hoang JK, et al. Using artificial intelligence to revise ACR TI-RADS risk "
        "stratification of thyroid nodules: diagnostic accuracy and utility. Radiology 2019;292:112-119"
    ),
    checked=(
        "the published changes from memory, compared with a secondary description. The paper reports eight changed "
        "terms of which six became 0; that count fixes peripheral calcification at 0 and leaves very hypoechoic at 3"
    ),
    readings=(
        "Cystic and spongiform nodules take no further points.",
        "1 point (a taller nodule with nothing else) is reported as TR1 to TR2, as for ACR TI-RADS.",
        "The paper states no risk of its own for each level; size limits are those of ACR TI-RADS.",
    ),
    categories=tuple(replace(category, risk="") for category in CATEGORIES),
    rule=Points(
        _POINTS,
        LEVELS,
        no_further_points=frozenset({Composition.CYSTIC, Composition.SPONGIFORM}),
        undecided=ONE_POINT,
    ),
    aliases=("ai", "ai-tirads", "ai tirads", "ai ti-rads"),
)
