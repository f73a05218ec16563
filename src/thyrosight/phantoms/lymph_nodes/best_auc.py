"""The best AUC that anyone can reach on simulated lymph nodes, exactly: a sum over all nodes that could be drawn."""

from functools import lru_cache
from typing import Literal

import numpy as np
from sklearn.metrics import roc_auc_score

from thyrosight.phantoms.lymph_nodes.features import node_population
from thyrosight.phantoms.lymph_nodes.neck_level import place_shares

Known = Literal["picture", "picture and sex", "picture, sex and neck level"]


@lru_cache
def best_possible_node_auc(known: Known = "picture") -> float:
    """AUC of the risk given what is known of a node; no reader who knows no more can beat it in the long run.

    The picture tells the features and nothing else that bears on the label. Sex bears on the risk. Neck level and side
    are drawn by label, and so tell something too. The report is left out: it was made from the label.

    Args:
        known: what the reader has beside the features in the picture.

    >>> best_possible_node_auc() < best_possible_node_auc("picture and sex")
    True
    """
    nodes = node_population()
    benign, malignant = nodes.frequency * (1 - nodes.risk), nodes.frequency * nodes.risk
    if known == "picture":
        benign, malignant = benign.sum(axis=1), malignant.sum(axis=1)
    elif known == "picture, sex and neck level":
        benign = benign[..., None] * place_shares("benign")
        malignant = malignant[..., None] * place_shares("malignant")
    drawn = benign + malignant > 0
    benign, malignant = benign[drawn], malignant[drawn]
    truth = np.repeat([0, 1], benign.size)
    # Rounded, so that equal risks count as a tie whatever the order of their sums.
    risk = np.round(malignant / (benign + malignant), 12)
    return float(roc_auc_score(truth, np.tile(risk, 2), sample_weight=np.concatenate([benign, malignant])))
