"""Sonographic features in the order in which pages ask for them."""

from typing import Final

from thyrosight.tirads import Composition, Echogenicity, Extension, Focus, Margin, Shape

LEXICON: Final = (
    ("composition", "Composition", tuple(Composition), False),
    ("echogenicity", "Echogenicity", tuple(Echogenicity), False),
    ("shape", "Shape", tuple(Shape), False),
    ("margin", "Margin", tuple(Margin), False),
    ("calcification", "Echogenic foci", ("none", *Focus), True),
    ("extrathyroidal_extension", "Extrathyroidal extension", tuple(Extension), False),
)
"""For each feature: name, title, terms, and whether several terms may hold."""
