"""C-TIRADS 2020 of the Chinese Medical Association: a count of features, categories 2 to 5."""

from typing import Final

from thyrosight.tirads.lexicon import Composition, Echogenicity, Extension, Focus, Margin, Shape
from thyrosight.tirads.system import Category, Points, SizeRule, System

C_2020: Final = System(
    key="c-tirads-2020",
    title="C-TIRADS 2020",
    source=(
        "Zhou J, Yin L, Wei X, et al. 2020 Chinese guidelines for ultrasound malignancy risk stratification of thyroid "
        "nodules: the C-TIRADS. Endocrine 2020;70:256-279"
    ),
    checked=(
        "the published table from memory; points and risks compared with secondary tables. The size limits could not "
        "be compared with any other source: check them before use"
    ),
    readings=(
        "Margins count once: ill-defined, irregular (with microlobulated) or with extrathyroidal extension.",
        "Predominantly solid nodules do not count as solid.",
        "Of several kinds of echogenic foci in a nodule the one with the highest points counts.",
        "Size limits are the general ones; lower ones for several nodules or nodules at the capsule, trachea or nerve "
        "are not encoded. Advice for category 3 is not encoded.",
    ),
    categories=(
        Category("2", "benign", risk="0"),
        Category("3", "probably benign", risk="< 2", stated=False),
        Category("4A", "low suspicion", risk="2-10", fna=SizeRule(15, above=True)),
        Category("4B", "moderate suspicion", risk="10-50", fna=SizeRule(10, above=True)),
        Category("4C", "high suspicion", risk="50-90", fna=SizeRule(10, above=True)),
        Category("5", "highly suggestive of malignancy", risk="> 90", fna=SizeRule(10, above=True)),
    ),
    rule=Points(
        {
            Shape.TALLER: 1,
            Composition.SOLID: 1,
            Echogenicity.MARKEDLY_HYPOECHOIC: 1,
            Focus.PUNCTATE: 1,
            Focus.COMET_TAIL: -1,
            Margin.ILL_DEFINED: 1,
            Margin.MICROLOBULATED: 1,
            Margin.IRREGULAR: 1,
            Extension.PRESENT: 1,
        },
        levels=(
            (-1, -1, ("2",)),
            (0, 0, ("3",)),
            (1, 1, ("4A",)),
            (2, 2, ("4B",)),
            (3, 4, ("4C",)),
            (5, 5, ("5",)),
        ),
        every_focus=False,
    ),
    aliases=("c-tirads", "c tirads", "chinese"),
)
