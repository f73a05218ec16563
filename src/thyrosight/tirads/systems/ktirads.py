"""K-TIRADS 2016 and 2021 of the Korean Society of Thyroid Radiology: patterns 2 to 5."""

from typing import Final

from thyrosight.tirads.lexicon import Composition, Echogenicity, Focus, Margin, Shape, Term
from thyrosight.tirads.system import Category, Pattern, Patterns, SizeRule, System

_SUSPICIOUS: Final[frozenset[Term]] = frozenset({Focus.PUNCTATE, Shape.TALLER, Margin.MICROLOBULATED, Margin.IRREGULAR})
_SOLID: Final = frozenset({Composition.SOLID})
_PARTLY_CYSTIC: Final = frozenset({Composition.PREDOMINANTLY_SOLID, Composition.PREDOMINANTLY_CYSTIC})
_SPONGIFORM: Final = frozenset({Composition.SPONGIFORM})
_HYPOECHOIC: Final = frozenset({Echogenicity.HYPOECHOIC, Echogenicity.MARKEDLY_HYPOECHOIC})
_ISO_OR_HYPER: Final = frozenset({Echogenicity.ISOECHOIC, Echogenicity.HYPERECHOIC})
_ECHOIC: Final = _HYPOECHOIC | _ISO_OR_HYPER
_PATTERNS: Final = (
    Pattern(("5",), composition=_SOLID, echogenicity=_HYPOECHOIC, suspicious=True),
    Pattern(("4",), composition=_SOLID, echogenicity=_HYPOECHOIC, suspicious=False),
    Pattern(("4",), composition=_SOLID, echogenicity=_ISO_OR_HYPER, suspicious=True),
    Pattern(("3",), composition=_SOLID, echogenicity=_ISO_OR_HYPER, suspicious=False),
    Pattern(("4",), composition=_PARTLY_CYSTIC | _SPONGIFORM, echogenicity=_ECHOIC, suspicious=True),
    Pattern(("3",), composition=_PARTLY_CYSTIC | _SPONGIFORM, echogenicity=_ECHOIC, suspicious=False),
)
_ANY_SIZE: Final = SizeRule(0, above=True)
_CYSTIC: Final = Pattern(("2",), composition=frozenset({Composition.CYSTIC}))

_READINGS: Final = (
    "Partially cystic means predominantly solid or predominantly cystic.",
    "Macrolobulated margins are not counted as microlobulated.",
)

KTIRADS_2016: Final = System(
    key="k-tirads-2016",
    title="K-TIRADS 2016",
    source=(
        "Shin JH, Baek JH, Chung J, et al. Ultrasonography diagnosis and imaging-based management of thyroid nodules: "
        "revised Korean Society of Thyroid Radiology consensus statement and recommendations. "
        "Korean J Radiol 2016;17:370-395"
    ),
    checked=(
        "the published table from memory, compared with secondary digests of the open full text and with worked "
        "examples of Rho et al."
    ),
    readings=(
        *_READINGS,
        "A spongiform nodule, or a partially cystic one with comet tails, is category 2 without and category 4 with a "
        "suspicious feature.",
        "A nodule hidden by its calcification has no pattern.",
        "Aspiration of category 2 from 20 mm on is meant for spongiform nodules only.",
    ),
    categories=(
        Category(
            "2", "benign", risk="< 3", optional_fna=SizeRule(20), advice="aspiration for spongiform nodules only"
        ),
        Category("3", "low suspicion", risk="3-15", fna=SizeRule(15)),
        Category("4", "intermediate suspicion", risk="15-50", fna=SizeRule(10)),
        Category(
            "5", "high suspicion", risk="> 60", fna=SizeRule(10), optional_fna=SizeRule(5, above=True),
            advice="between 5 and 10 mm selectively",
        ),
    ),
    rule=Patterns(
        _SUSPICIOUS,
        (
            _CYSTIC,
            Pattern(("2",), composition=_SPONGIFORM, echogenicity=_ECHOIC, suspicious=False),
            Pattern(("2",), composition=_PARTLY_CYSTIC, echogenicity=_ECHOIC, focus=Focus.COMET_TAIL, suspicious=False),
            *_PATTERNS,
        ),
    ),
    aliases=("ksthr 2016", "kta 2016"),
)  # fmt: skip

KTIRADS_2021: Final = System(
    key="k-tirads-2021",
    title="K-TIRADS 2021",
    source=(
        "Ha EJ, Chung SR, Na DG, et al. 2021 Korean Thyroid Imaging Reporting and Data System and imaging-based "
        "management of thyroid nodules: Korean Society of Thyroid Radiology consensus statement and recommendations. "
        "Korean J Radiol 2021;22:2094-2123"
    ),
    checked="the published table from memory, compared with a secondary digest of the open full text",
    readings=(
        *_READINGS,
        "The patterns of category 2 stay category 2 whatever suspicious features they show.",
        "Only isoechoic and hyperechoic spongiform nodules are category 2; darker ones count as partially cystic.",
        "A nodule whose composition cannot be determined counts as entirely calcified, category 4.",
        "Category 4: aspiration above a limit chosen between 10 and 15 mm, so it is optional between them.",
        "Nodules of any size are aspirated where a tumour seems to have spread: clinical signs are not encoded.",
    ),
    categories=(
        Category("2", "benign", risk="< 3"),
        Category(
            "3", "low suspicion", risk="3-10", fna=SizeRule(20, above=True), follow_up=_ANY_SIZE,
            advice="follow-up after 1, 3 and 5 years where not aspirated",
        ),
        Category(
            "4", "intermediate suspicion", risk="10-40", fna=SizeRule(15, above=True),
            optional_fna=SizeRule(10, above=True), follow_up=_ANY_SIZE,
            advice="aspiration above 10 mm where risk factors call for it; follow-up after 1, 3 and 5 years where not",
        ),
        Category(
            "5", "high suspicion", risk="> 60", fna=SizeRule(10, above=True), follow_up=_ANY_SIZE,
            advice="follow-up every 6 months for 1 to 2 years, then every year, where not aspirated",
        ),
    ),
    rule=Patterns(
        _SUSPICIOUS,
        (
            _CYSTIC,
            Pattern(("4",), composition=frozenset({Composition.HIDDEN})),
            Pattern(("2",), composition=_SPONGIFORM, echogenicity=_ISO_OR_HYPER),
            Pattern(("2",), composition=_PARTLY_CYSTIC, echogenicity=_ECHOIC, focus=Focus.COMET_TAIL),
            *_PATTERNS,
        ),
    ),
    aliases=("ksthr 2021",),
)  # fmt: skip
