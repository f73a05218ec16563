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
_BOTH: Final = "the source lists this pattern as benign, and any such nodule with a suspicious feature as category 4"

_COMMON: Final = (
    Pattern(("2",), composition=frozenset({Composition.CYSTIC})),
    Pattern(("2",), composition=_PARTLY_CYSTIC, echogenicity=_ECHOIC, focus=Focus.COMET_TAIL, suspicious=False),
    Pattern(
        ("2", "4"), composition=_PARTLY_CYSTIC, echogenicity=_ECHOIC, focus=Focus.COMET_TAIL, suspicious=True,
        reason=_BOTH,
    ),
    Pattern(("5",), composition=_SOLID, echogenicity=_HYPOECHOIC, suspicious=True),
    Pattern(("4",), composition=_SOLID, echogenicity=_HYPOECHOIC, suspicious=False),
    Pattern(("4",), composition=_SOLID, echogenicity=_ISO_OR_HYPER, suspicious=True),
    Pattern(("3",), composition=_SOLID, echogenicity=_ISO_OR_HYPER, suspicious=False),
    Pattern(("4",), composition=_PARTLY_CYSTIC, echogenicity=_ECHOIC, suspicious=True),
    Pattern(("3",), composition=_PARTLY_CYSTIC, echogenicity=_ECHOIC, suspicious=False),
)  # fmt: skip

_READINGS: Final = (
    "Partially cystic means predominantly solid or predominantly cystic.",
    "A spongiform nodule, or a partially cystic one with comet tails, that also shows a suspicious feature fits two "
    "patterns (2 and 4): both are reported.",
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
    checked="the published table from memory, compared with a secondary table and with worked examples of Rho et al.",
    readings=(
        *_READINGS,
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
            Pattern(("2",), composition=_SPONGIFORM, echogenicity=_ECHOIC, suspicious=False),
            Pattern(("2", "4"), composition=_SPONGIFORM, echogenicity=_ECHOIC, suspicious=True, reason=_BOTH),
            *_COMMON,
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
    checked="the published table from memory; risks compared with a secondary table",
    readings=(
        *_READINGS,
        "Only isoechoic and hyperechoic spongiform nodules are category 2; darker ones count as partially cystic.",
        "A nodule whose composition cannot be determined counts as entirely calcified, category 4.",
        "Category 4: aspiration above a limit chosen between 10 and 15 mm, so it is optional between them.",
    ),
    categories=(
        Category("2", "benign", risk="< 3"),
        Category("3", "low suspicion", risk="3-10", fna=SizeRule(20, above=True)),
        Category(
            "4", "intermediate suspicion", risk="10-40", fna=SizeRule(15, above=True),
            optional_fna=SizeRule(10, above=True), advice="the limit between 10 and 15 mm is the physician's choice",
        ),
        Category(
            "5", "high suspicion", risk="> 60", fna=SizeRule(10, above=True),
            advice="10 mm and less only where a tumour seems to have spread",
        ),
    ),
    rule=Patterns(
        _SUSPICIOUS,
        (
            Pattern(("4",), composition=frozenset({Composition.HIDDEN})),
            Pattern(("2",), composition=_SPONGIFORM, echogenicity=_ISO_OR_HYPER, suspicious=False),
            Pattern(("2", "4"), composition=_SPONGIFORM, echogenicity=_ISO_OR_HYPER, suspicious=True, reason=_BOTH),
            Pattern(("3",), composition=_SPONGIFORM, echogenicity=_HYPOECHOIC, suspicious=False),
            Pattern(("4",), composition=_SPONGIFORM, echogenicity=_HYPOECHOIC, suspicious=True),
            *_COMMON,
        ),
    ),
    aliases=("ksthr 2021",),
)  # fmt: skip
