"""The kinds of study, one package each."""

from thyrosight.studies.kinds.registry import KINDS, KindEntry, find_kind, find_outline, find_recipe

__all__ = ["KINDS", "KindEntry", "find_kind", "find_outline", "find_recipe"]
