"""TI-RADS: eight systems side by side, with ranges while a feature is unknown."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from thyrosight.server.accounts import Actor, Role
from thyrosight.server.http import Answer, Body, Caller, allow
from thyrosight.server.nodules.editing import require_descriptors
from thyrosight.server.routes.nodules import Descriptors
from thyrosight.tirads import Composition, Echogenicity, Extension, Focus, Margin, Shape, assess, read_nodule, systems

router = APIRouter(prefix="/tirads", tags=["tirads"])
Reading = Annotated[Actor, allow(Role.CLINICIAN, Role.RESEARCHER, Role.READER)]


class Describe(Body):
    """Descriptors as words, and the largest diameter in mm; what is left out is unknown."""

    descriptors: Descriptors = Field(default_factory=dict)
    size_mm: Annotated[float, Field(ge=0.1, le=200)] | None = None


class Category(Answer):
    """The category under one system, or the range of those that remain possible, with points, risk and advice."""

    system: str
    title: str
    category: str | None
    text: str
    lowest: str | None
    highest: str | None
    categories: list[str]
    lowest_points: int | None
    highest_points: int | None
    risk_percent: str | None
    size_mm: float | None
    action: str | None
    recommendation: str
    not_exactly_known: list[str]
    unclassifiable_descriptions: int
    fitting_descriptions: int
    notes: list[str]
    research_use: str


class Feature(Answer):
    """A feature and the words of the lexicon for it; several words may be joined by " + " where `several` is set."""

    name: str
    title: str
    words: list[str]
    several: bool


class SystemAnswer(Answer):
    """A system, its categories and its source."""

    key: str
    title: str
    categories: list[str]
    source: str


class Lexicon(Answer):
    """The features with their words, and the systems."""

    features: list[Feature]
    systems: list[SystemAnswer]


_FEATURES: list[tuple[str, str, Any]] = [
    ("composition", "Composition", Composition),
    ("echogenicity", "Echogenicity", Echogenicity),
    ("shape", "Shape", Shape),
    ("margin", "Margin", Margin),
    ("calcification", "Calcification and echogenic foci", Focus),
    ("extrathyroidal_extension", "Extrathyroidal extension", Extension),
]


@router.get("")
def lexicon(services: Caller, actor: Reading) -> Lexicon:
    """The words for forms, and the systems with their sources."""
    return Lexicon(
        features=[
            Feature(
                name=name,
                title=title,
                words=[*(["none"] if terms is Focus else []), *(term.value for term in terms)],
                several=terms is Focus,
            )
            for name, title, terms in _FEATURES
        ],
        systems=[
            SystemAnswer(
                key=one.key, title=one.title, categories=[each.name for each in one.categories], source=one.source
            )
            for one in (systems()[key] for key in services.site.now.systems_in_order())
        ],
    )


@router.post("")
def classify(body: Describe, services: Caller, actor: Reading) -> list[Category]:
    """The category under each system, that which the site has chosen first."""
    record: dict[str, Any] = dict(require_descriptors(body.descriptors))
    if body.size_mm is not None:
        record["size_mm"] = str(body.size_mm)
    nodule = read_nodule(record)
    ordered = [systems()[key] for key in services.site.now.systems_in_order()]
    return [Category(title=system.title, **assess(system, nodule).as_dict()) for system in ordered]
