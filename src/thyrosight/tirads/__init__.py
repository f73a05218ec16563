"""TI-RADS: the lexicon of sonographic features, the systems as data tables, and risk categories of models."""

from thyrosight.tirads.assess import CategoryResult, assess
from thyrosight.tirads.categories import category_rank, read_category
from thyrosight.tirads.codes import CODED_COLUMNS, CodedReading, read_coded_nodule
from thyrosight.tirads.lexicon import (
    FEATURE_NAMES,
    NO_FOCI,
    Composition,
    Description,
    Echogenicity,
    Extension,
    Focus,
    Margin,
    Nodule,
    Shape,
    TiradsError,
)
from thyrosight.tirads.reading import COLUMNS, read_nodule, read_size_mm, try_read_nodule
from thyrosight.tirads.risk_categories import CNN_TIRADS, RiskCategories
from thyrosight.tirads.system import Action, Category, Pattern, Patterns, Points, SizeRule, System, Verdict
from thyrosight.tirads.systems import find_system, systems
from thyrosight.tirads.table import AssessedTable, assess_table
from thyrosight.tirads.words import VOCABULARIES, Vocabulary, plain

__all__ = [
    "CNN_TIRADS",
    "CODED_COLUMNS",
    "COLUMNS",
    "FEATURE_NAMES",
    "NO_FOCI",
    "VOCABULARIES",
    "Action",
    "AssessedTable",
    "Category",
    "CategoryResult",
    "CodedReading",
    "Composition",
    "Description",
    "Echogenicity",
    "Extension",
    "Focus",
    "Margin",
    "Nodule",
    "Pattern",
    "Patterns",
    "Points",
    "RiskCategories",
    "Shape",
    "SizeRule",
    "System",
    "TiradsError",
    "Verdict",
    "Vocabulary",
    "assess",
    "assess_table",
    "category_rank",
    "find_system",
    "plain",
    "read_category",
    "read_coded_nodule",
    "read_nodule",
    "read_size_mm",
    "systems",
    "try_read_nodule",
]
