"""How a keyword is meant, by the words around it."""

import pytest

from thyrosight.cohort.records.report_context import Meant, context_of
from thyrosight.cohort.records.report_dictionary import KeywordDictionary

WORDS = KeywordDictionary.model_validate(
    {
        "malignant": ["tumour", "node"],
        "benign": ["cyst"],
        "primary_tumour": ["tumour"],
        "negated_by": ["no"],
        "negated_after_by": ["absent"],
        "no_negation": ["no change of"],
        "ends_negation": ["but"],
        "comma_before_ends_negation": ["suspect"],
        "comma_after_ends_negation": ["seen"],
        "history_by": ["after"],
        "history_of_tumour_by": ["known"],
        "history_after_by": ["removed"],
        "ends_history": ["now"],
        "asked_by": ["exclude"],
        "open_after_by": ["or not"],
        "elsewhere_by": ["no other"],
        "elsewhere_after_by": ["elsewhere"],
        "may_stand_between": ["is"],
    }
)


@pytest.mark.parametrize(
    ("text", "keyword", "meant"),
    [
        ("a node", "node", "said"),
        ("no node", "node", "negated"), ("no cyst, no scar, node", "node", "negated"),
        ("no cyst but a node", "node", "said"), ("no cyst, suspect node", "node", "said"),
        ("no cyst seen, a node", "node", "said"), ("no change of node", "node", "said"),
        ("node is absent", "node", "negated"), ("node, hilum absent", "node", "said"),
        ("after tumour", "tumour", "history"), ("after surgery, a node", "node", "said"),
        ("after surgery now a node", "node", "said"), ("known tumour", "tumour", "history"),
        ("known node", "node", "said"), ("tumour, removed", "tumour", "history"),
        ("node, scar, removed", "node", "said"),
        ("exclude tumour", "tumour", "asked"), ("exclude cyst, a node", "node", "said"),
        ("node or not", "node", "open"),
        ("no other node", "node", "elsewhere"), ("node elsewhere", "node", "elsewhere"),
    ],
)  # fmt: skip
def test_meaning_of_a_keyword(text: str, keyword: str, meant: Meant) -> None:
    context = context_of(WORDS)
    start = text.index(keyword)
    clause = context.blank(text)
    assert context.meant(clause, keyword, start, start + len(keyword), next_start=None) == meant
