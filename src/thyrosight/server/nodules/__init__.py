"""Nodules, their views, opinions on them, and what the models say once an opinion is locked."""

from thyrosight.server.nodules.editing import POLES, SIDES, NoduleChange, ViewChange
from thyrosight.server.nodules.measuring import region_of, size_of_view
from thyrosight.server.nodules.opinions import NewOpinion, lock_opinion, opinions_seen_by, reveal, stage_of
from thyrosight.server.nodules.questions import ask_finder, ask_judge

__all__ = [
    "POLES",
    "SIDES",
    "NewOpinion",
    "NoduleChange",
    "ViewChange",
    "ask_finder",
    "ask_judge",
    "lock_opinion",
    "opinions_seen_by",
    "region_of",
    "reveal",
    "size_of_view",
    "stage_of",
]
