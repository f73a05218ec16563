"""The lexicon: sonographic features of a thyroid nodule and their terms, and the description of one nodule.

The terms are the finest distinctions that any of the encoded systems makes. A coarser word of a society stands for
several terms. Definitions: Grant et al. 2015, J Am Coll Radiol 12:1272 (ACR lexicon); Shin et al. 2016, Korean J Radiol
17:370.
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
    """Composition of a nodule: solid, cystic or between."""

    CYSTIC = "cystic"
    SPONGIFORM = "spongiform"
    PREDOMINANTLY_CYSTIC = "predominantly cystic"
    PREDOMINANTLY_SOLID = "predominantly solid"
    SOLID = "solid"
    HIDDEN = "composition cannot be determined"


class Echogenicity(StrEnum):
    """Echogenicity of the solid part compared with normal thyroid tissue; markedly: darker than the strap muscles."""

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
    """A nodule with every feature known. Systems classify these."""

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
        """Whether composition and echogenicity agree: cystic nodules, and no others, are anechoic (ACR lexicon)."""
        return (self.composition is Composition.CYSTIC) == (self.echogenicity is Echogenicity.ANECHOIC)


@dataclass(frozen=True)
class Nodule:
    """Knowledge of one nodule: the possible terms of each feature.

    One term: the feature is known. All terms: it is unknown. Several: a coarser word was used ("mixed", "lobulated").
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

        Descriptions in which composition and echogenicity contradict each other are left out, unless no other fits.
        """
        return _completions(self.without_size())

    def contradicts_itself(self) -> bool:
        """Whether composition and echogenicity contradict each other in every full description that fits."""
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
