"""EU-TIRADS 2017 of the European Thyroid Association: categories 2 to 5."""

from typing import Final

from thyrosight.tirads.lexicon import Composition, Echogenicity, Focus, Margin, Shape
from thyrosight.tirads.system import Category, Pattern, Patterns, SizeRule, System

_FIRM: Final = frozenset({Composition.SOLID, Composition.PREDOMINANTLY_SOLID, Composition.PREDOMINANTLY_CYSTIC})
_SPONGIFORM: Final = frozenset({Composition.SPONGIFORM})
_ISO_OR_HYPER: Final = frozenset({Echogenicity.ISOECHOIC, Echogenicity.HYPERECHOIC})
_ECHOIC: Final = _ISO_OR_HYPER | {Echogenicity.HYPOECHOIC, Echogenicity.MARKEDLY_HYPOECHOIC}

EU_2017: Final = System(
    key="eu-tirads-2017",
    title="EU-TIRADS 2017",
    source=(
        "Russ G, Bonnema SJ, Erdogan MF, et al. European Thyroid Association guidelines for ultrasound malignancy risk "
        "stratification of thyroid nodules in adults: the EU-TIRADS. Eur Thyroid J 2017;6:225-237"
    ),
    checked="the published table from memory, compared with secondary digests of the open full text",
    readings=(
        "Echogenicity of a partly cystic nodule is that of its solid part.",
        "Features of high risk: taller than wide, irregular or microlobulated margins, microcalcifications, marked "
        "hypoechogenicity. Ill-defined and macrolobulated margins are not among them.",
        "A spongiform nodule with a feature of high risk fits categories 2 and 5: both are reported.",
        "A nodule hidden by its calcification has no pattern.",
        "Category 5 up to 10 mm: aspiration or active surveillance, reported as follow-up.",
    ),
    categories=(
        Category("2", "benign", risk="about 0"),
        Category("3", "low risk", risk="2-4", fna=SizeRule(20, above=True)),
        Category("4", "intermediate risk", risk="6-17", fna=SizeRule(15, above=True)),
        Category(
            "5", "high risk", risk="26-87", fna=SizeRule(10, above=True), follow_up=SizeRule(0, above=True),
            advice="up to 10 mm aspiration or active surveillance",
        ),
    ),
    rule=Patterns(
        frozenset(
            {
                Shape.TALLER,
                Margin.IRREGULAR,
                Margin.MICROLOBULATED,
                Focus.PUNCTATE,
                Echogenicity.MARKEDLY_HYPOECHOIC,
            }
        ),
        (
            Pattern(("2",), composition=frozenset({Composition.CYSTIC})),
            Pattern(("2",), composition=_SPONGIFORM, echogenicity=_ECHOIC, suspicious=False),
            Pattern(
                ("2", "5"), composition=_SPONGIFORM, echogenicity=_ECHOIC, suspicious=True,
                reason="the source calls entirely spongiform nodules benign, and any feature of high risk category 5",
            ),
            Pattern(("5",), composition=_FIRM, echogenicity=_ECHOIC, suspicious=True),
            Pattern(("3",), composition=_FIRM, echogenicity=_ISO_OR_HYPER),
            Pattern(("4",), composition=_FIRM, echogenicity=frozenset({Echogenicity.HYPOECHOIC})),
        ),
    ),
    aliases=("eu", "eu-tirads", "eu tirads", "eta"),
)  # fmt: skip
