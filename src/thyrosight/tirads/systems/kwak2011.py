"""Kwak 2011: the number of suspicious features gives categories 3, 4a, 4b, 4c and 5."""

from typing import Final

from thyrosight.tirads.lexicon import Composition, Echogenicity, Focus, Margin, Shape
from thyrosight.tirads.system import Category, Points, System

KWAK_2011: Final = System(
    key="kwak-2011",
    title="TIRADS of Kwak 2011",
    source=(
        "Kwak JY, Han KH, Yoon JH, et al. Thyroid imaging reporting and data system for US features of nodules: a step "
        "in establishing better stratification of cancer risk. Radiology 2011;260:892-899"
    ),
    checked="the published abstract and table from memory; risks compared with secondary tables",
    readings=(
        "Solid composition counts; predominantly solid and predominantly cystic nodules have no point for it. Some "
        "secondary sources count mainly solid nodules too.",
        "Hypoechoic and markedly hypoechoic are one feature; microlobulated and irregular margins are one feature.",
        "Category 2 (benign finding) exists for categories that readers recorded; a count of features never gives it.",
        "Risks are the ranges of fitted probabilities; observed were 1.7, 3.3, 9.2, 44.4 to 72.4 and 87.5 %.",
        "The paper gives no advice by size.",
    ),
    categories=(
        Category("2", "benign finding", risk="0", stated=False),
        Category("3", "no suspicious feature", risk="2.0-2.8", stated=False),
        Category("4a", "one suspicious feature", risk="3.6-12.7", stated=False),
        Category("4b", "two suspicious features", risk="6.8-37.8", stated=False),
        Category("4c", "three or four suspicious features", risk="21.0-91.9", stated=False),
        Category("5", "five suspicious features", risk="88.7-97.9", stated=False),
    ),
    rule=Points(
        {
            Composition.SOLID: 1,
            Echogenicity.HYPOECHOIC: 1,
            Echogenicity.MARKEDLY_HYPOECHOIC: 1,
            Margin.MICROLOBULATED: 1,
            Margin.IRREGULAR: 1,
            Focus.PUNCTATE: 1,
            Shape.TALLER: 1,
        },
        levels=((0, 0, ("3",)), (1, 1, ("4a",)), (2, 2, ("4b",)), (3, 4, ("4c",)), (5, 5, ("5",))),
    ),
    aliases=("kwak", "kwak-tirads", "kwak tirads"),
)
