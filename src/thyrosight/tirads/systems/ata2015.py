"""ATA 2015: the five sonographic patterns of the American Thyroid Association."""

from typing import Final

from thyrosight.tirads.lexicon import Composition, Echogenicity, Extension, Focus, Margin, Shape
from thyrosight.tirads.system import Category, Pattern, Patterns, SizeRule, System

_SOLID: Final = frozenset({Composition.SOLID})
_PARTLY_CYSTIC: Final = frozenset({Composition.PREDOMINANTLY_SOLID, Composition.PREDOMINANTLY_CYSTIC})
_HYPOECHOIC: Final = frozenset({Echogenicity.HYPOECHOIC, Echogenicity.MARKEDLY_HYPOECHOIC})
_ISO_OR_HYPER: Final = frozenset({Echogenicity.ISOECHOIC, Echogenicity.HYPERECHOIC})
_FIRM: Final = _SOLID | _PARTLY_CYSTIC
_ECHOIC: Final = _HYPOECHOIC | _ISO_OR_HYPER

ATA_2015: Final = System(
    key="ata-2015",
    title="ATA patterns 2015",
    source=(
        "Haugen BR, Alexander EK, Bible KC, et al. 2015 American Thyroid Association management guidelines for adult "
        "patients with thyroid nodules and differentiated thyroid cancer. Thyroid 2016;26:1-133 (sonographic patterns "
        "and FNA guidance)"
    ),
    checked="the published table from memory, compared with secondary tables; advice on follow-up from memory alone",
    readings=(
        "An isoechoic or hyperechoic nodule, or a spongiform one, with a suspicious feature has no pattern in the "
        "source and is not classifiable.",
        "A partly cystic nodule without suspicious features is of low suspicion where its solid part lies "
        "eccentrically and of very low suspicion elsewhere; where it lies is not described, so both are reported.",
        "Ill-defined and macrolobulated margins are not irregular.",
        "A nodule hidden by its calcification has no pattern.",
        "Follow-up is the advice for nodules that are not aspirated, whatever their size.",
    ),
    categories=(
        Category("benign", "benign", risk="< 1"),
        Category(
            "very low suspicion", "very low suspicion", risk="< 3", optional_fna=SizeRule(20),
            advice="observation without aspiration is also an option",
        ),
        Category(
            "low suspicion", "low suspicion", risk="5-10", fna=SizeRule(15), follow_up=SizeRule(0, above=True),
            advice="follow-up after 12 to 24 months where not aspirated",
        ),
        Category(
            "intermediate suspicion", "intermediate suspicion", risk="10-20", fna=SizeRule(10),
            follow_up=SizeRule(0, above=True), advice="follow-up after 12 to 24 months where not aspirated",
        ),
        Category(
            "high suspicion", "high suspicion", risk="> 70-90", fna=SizeRule(10), follow_up=SizeRule(0, above=True),
            advice="follow-up after 6 to 12 months where not aspirated",
        ),
    ),
    rule=Patterns(
        frozenset(
            {
                Margin.IRREGULAR,
                Margin.MICROLOBULATED,
                Focus.PUNCTATE,
                Focus.BROKEN_RIM,
                Shape.TALLER,
                Extension.PRESENT,
            }
        ),
        (
            Pattern(("benign",), composition=frozenset({Composition.CYSTIC})),
            Pattern(("high suspicion",), composition=_FIRM, echogenicity=_HYPOECHOIC, suspicious=True),
            Pattern(("intermediate suspicion",), composition=_SOLID, echogenicity=_HYPOECHOIC, suspicious=False),
            Pattern(("low suspicion",), composition=_SOLID, echogenicity=_ISO_OR_HYPER, suspicious=False),
            Pattern(
                ("very low suspicion", "low suspicion"), composition=_PARTLY_CYSTIC, echogenicity=_ECHOIC,
                suspicious=False, reason="whether the solid part lies eccentrically is not described",
            ),
            Pattern(
                ("very low suspicion",), composition=frozenset({Composition.SPONGIFORM}), echogenicity=_ECHOIC,
                suspicious=False,
            ),
        ),
        undefined=(
            "the source describes no isoechoic, hyperechoic or spongiform nodule with a suspicious feature, and none "
            "whose composition or echogenicity is hidden or contradictory"
        ),
    ),
    aliases=("ata",),
)  # fmt: skip
