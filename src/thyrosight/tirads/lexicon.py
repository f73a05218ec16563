"""The lexicon: the sonographic features of a thyroid nodule, their terms, and what is known of one nodule.

The terms are the finest that any of the encoded systems tells apart; a coarser word of a society stands for several of
them. Definitions: Grant et al. 2015, J Am Coll Radiol 12:1272 (ACR lexicon); Shin et al. 2016, Korean J Radiol 17:370.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import lru_cache
from itertools import chain, combinations, product
from typing import Final

from thyrosight.errors import ThyroSightError


class TiradsError(ThyroSightError):
    """A descriptor, a category, a system or a table that cannot be read as TI-RADS."""


class Composition(StrEnum):
    """What a nodule consists of."""

    CYSTIC = "cystic"
    SPONGIFORM = "spongiform"
    PREDOMINANTLY_CYSTIC = "predominantly cystic"
    PREDOMINANTLY_SOLID = "predominantly solid"
    SOLID = "solid"
    HIDDEN = "composition cannot be determined"


class Echogenicity(StrEnum):
    """Echogenicity of the solid part, beside normal thyroid tissue; markedly: darker than the strap muscles."""

    ANECHOIC = "anechoic"
    HYPERECHOIC = "hyperechoic"
    ISOECHOIC = "isoechoic"
    HYPOECHOIC = "hypoechoic"
    MARKEDLY_HYPOECHOIC = "markedly hypoechoic"
    HIDDEN = "echogenicity cannot be determined"


class Margin(StrEnum):
    """The border of a nodule inside the gland."""

    SMOOTH = "smooth"
    ILL_DEFINED = "ill-defined"
    MACROLOBULATED = "macrolobulated"
    MICROLOBULATED = "microlobulated"
    IRREGULAR = "irregular"


class Focus(StrEnum):
    """A kind of echogenic focus or calcification; a nodule may show several, or none."""

    COMET_TAIL = "comet-tail artefact"
    MACROCALCIFICATION = "macrocalcification"
    RIM = "peripheral calcification"
    BROKEN_RIM = "interrupted peripheral calcification"
    PUNCTATE = "microcalcification"


class Shape(StrEnum):
    """Orientation in the transverse plane: wider than tall is parallel, taller than wide is not parallel."""

    WIDER = "wider than tall"
    TALLER = "taller than wide"


class Extension(StrEnum):
    """Growth through the border of the gland."""

    ABSENT = "no extrathyroidal extension"
    PRESENT = "extrathyroidal extension"


Term = Composition | Echogenicity | Margin | Focus | Shape | Extension
Foci = frozenset[Focus]
NO_FOCI: Final[Foci] = frozenset()

ANY_COMPOSITION: Final = frozenset(Composition) - {Composition.HIDDEN}
ANY_ECHOGENICITY: Final = frozenset(Echogenicity) - {Echogenicity.HIDDEN}
ANY_MARGIN: Final = frozenset(Margin)
ANY_SHAPE: Final = frozenset(Shape)
ANY_EXTENSION: Final = frozenset(Extension)
# A rim is interrupted or it is not, so no nodule shows both kinds.
ANY_FOCI: Final[frozenset[Foci]] = frozenset(
    frozenset(chosen)
    for chosen in chain.from_iterable(combinations(Focus, count) for count in range(len(Focus) + 1))
    if not {Focus.RIM, Focus.BROKEN_RIM} <= set(chosen)
)

FEATURES: Final = ("composition", "echogenicity", "margin", "foci", "shape", "extension")
"""Fields of `Nodule` that describe it, in the order in which they are reported."""

FEATURE_NAMES: Final = {
    "composition": "composition",
    "echogenicity": "echogenicity",
    "margin": "margin",
    "foci": "calcification and echogenic foci",
    "shape": "shape",
    "extension": "extrathyroidal extension",
}


@dataclass(frozen=True)
class Description:
    """A nodule of which every feature is known: what a system classifies."""

    composition: Composition
    echogenicity: Echogenicity
    margin: Margin
    foci: Foci
    shape: Shape
    extension: Extension

    def terms(self) -> frozenset[Term]:
        """All terms that describe the nodule."""
        return frozenset({self.composition, self.echogenicity, self.margin, self.shape, self.extension, *self.foci})

    def is_coherent(self) -> bool:
        """Whether fluid and echoes agree: anechoic is the word for cystic nodules, and for them alone (ACR lexicon)."""
        return (self.composition is Composition.CYSTIC) == (self.echogenicity is Echogenicity.ANECHOIC)


@dataclass(frozen=True)
class Nodule:
    """What is known of a nodule: for each feature the terms that it may have.

    One term means known, all terms unknown, and some terms that a coarser word was used ("mixed", "lobulated").
    Make one with `read_nodule` from words, or directly:

    >>> nodule = Nodule(composition=frozenset({Composition.SOLID}), shape=frozenset({Shape.WIDER}), size_mm=12)
    >>> nodule.not_exactly_known()
    ('echogenicity', 'margin', 'foci', 'extension')

    Attributes:
        foci: the possible sets of foci; `frozenset({NO_FOCI})` means that there are none.
        extension: extrathyroidal extension.
        size_mm: largest diameter in millimetres; None means unknown.

    Raises:
        TiradsError: a feature without any possible term, or a size that is no positive number.
    """

    composition: frozenset[Composition] = ANY_COMPOSITION
    echogenicity: frozenset[Echogenicity] = ANY_ECHOGENICITY
    margin: frozenset[Margin] = ANY_MARGIN
    foci: frozenset[Foci] = ANY_FOCI
    shape: frozenset[Shape] = ANY_SHAPE
    extension: frozenset[Extension] = ANY_EXTENSION
    size_mm: float | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            if field.name in FEATURES and not getattr(self, field.name):
                raise TiradsError(f"A nodule needs at least one possible term of {FEATURE_NAMES[field.name]}.")
        if self.size_mm is not None and not 0 < self.size_mm < float("inf"):
            raise TiradsError(f"The size of a nodule should be a positive number of millimetres, got {self.size_mm}.")

    def not_exactly_known(self) -> tuple[str, ...]:
        """The features with more than one possible term."""
        return tuple(name for name in FEATURES if len(getattr(self, name)) > 1)

    def without_size(self) -> "Nodule":
        """The same description, size unknown."""
        return replace(self, size_mm=None)

    def completions(self) -> tuple[Description, ...]:
        """Every full description that fits what is known.

        Descriptions in which fluid and echoes contradict each other are left out, unless nothing else fits.
        """
        return _completions(self.without_size())

    def contradicts_itself(self) -> bool:
        """Whether every full description that fits calls a cystic nodule echoic, or another one anechoic."""
        return not any(item.is_coherent() for item in self.completions())


@lru_cache(maxsize=4096)
def _completions(nodule: Nodule) -> tuple[Description, ...]:
    every = tuple(_every_combination(nodule))
    return tuple(item for item in every if item.is_coherent()) or every


def _every_combination(nodule: Nodule) -> Iterator[Description]:
    for values in product(
        sorted(nodule.composition),
        sorted(nodule.echogenicity),
        sorted(nodule.margin),
        sorted(nodule.foci, key=sorted),
        sorted(nodule.shape),
        sorted(nodule.extension),
    ):
        yield Description(*values)
