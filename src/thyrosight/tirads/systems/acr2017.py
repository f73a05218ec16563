"""ACR TI-RADS 2017: points for five features, levels TR1 to TR5, advice by size."""

from typing import Final

from thyrosight.tirads.lexicon import Composition, Echogenicity, Extension, Focus, Margin, Shape, Term
from thyrosight.tirads.system import Category, Points, SizeRule, System

_POINTS: Final[dict[Term, int]] = {
    Composition.PREDOMINANTLY_CYSTIC: 1,
    Composition.PREDOMINANTLY_SOLID: 1,
    Composition.SOLID: 2,
    Composition.HIDDEN: 2,
    Echogenicity.HYPERECHOIC: 1,
    Echogenicity.ISOECHOIC: 1,
    Echogenicity.HIDDEN: 1,
    Echogenicity.HYPOECHOIC: 2,
    Echogenicity.MARKEDLY_HYPOECHOIC: 3,
    Shape.TALLER: 3,
    Margin.MACROLOBULATED: 2,
    Margin.MICROLOBULATED: 2,
    Margin.IRREGULAR: 2,
    Extension.PRESENT: 3,
    Focus.MACROCALCIFICATION: 1,
    Focus.RIM: 2,
    Focus.BROKEN_RIM: 2,
    Focus.PUNCTATE: 3,
}

LEVELS: Final = (
    (0, 0, ("TR1",)),
    (1, 1, ("TR1", "TR2")),
    (2, 2, ("TR2",)),
    (3, 3, ("TR3",)),
    (4, 6, ("TR4",)),
    (7, 99, ("TR5",)),
)
ONE_POINT: Final = "the published chart has no level for 1 point: TR1 is 0 points and TR2 is 2 points"

CATEGORIES: Final = (
    Category("TR1", "benign", risk="0.3"),
    Category("TR2", "not suspicious", risk="1.5"),
    Category(
        "TR3", "mildly suspicious", risk="4.8", fna=SizeRule(25), follow_up=SizeRule(15),
        advice="follow-up after 1, 3 and 5 years",
    ),
    Category(
        "TR4", "moderately suspicious", risk="9.1", fna=SizeRule(15), follow_up=SizeRule(10),
        advice="follow-up after 1, 2, 3 and 5 years",
    ),
    Category(
        "TR5", "highly suspicious", risk="35", fna=SizeRule(10), follow_up=SizeRule(5),
        advice="follow-up every year for up to 5 years",
    ),
)  # fmt: skip

ACR_2017: Final = System(
    key="acr-2017",
    title="ACR TI-RADS 2017",
    source=(
        "Tessler FN, Middleton WD, Grant EG, et al. ACR Thyroid Imaging, Reporting and Data System (TI-RADS): white "
        "paper of the ACR TI-RADS Committee. J Am Coll Radiol 2017;14:587-595. Risks: Middleton WD, Teefey SA, "
        "Reading CC, et al. AJR 2017;208:1331-1341 (aggregate risk of each level)"
    ),
    checked=(
        "the published chart from memory; points, levels and sizes compared with secondary digests of the chart, "
        "points also with 792 readings of 99 nodules that recorded them"
    ),
    readings=(
        "A spongiform nodule takes no further points, as the chart says. A cystic nodule does take them.",
        "1 point, for which the chart has no level, is reported as TR1 to TR2; both call for nothing.",
        "A composition that calcification hides counts 2 points, a hidden echogenicity 1.",
        "Extrathyroidal extension counts instead of the margin's own points, not beside them.",
        "An interrupted rim counts as a peripheral calcification.",
    ),
    categories=CATEGORIES,
    rule=Points(_POINTS, LEVELS, no_further_points=frozenset({Composition.SPONGIFORM}), undecided=ONE_POINT),
    aliases=("acr", "acr ti-rads", "acr tirads"),
)
