"""The best possible AUC on simulated lymph nodes, computed exactly as a sum over all possible nodes."""

from functools import lru_cache
from typing import Literal

import numpy as np

from thyrosight.phantoms.lymph_nodes.features import node_population
from thyrosight.phantoms.lymph_nodes.neck_level import place_shares

Known = Literal["picture", "picture and sex", "picture, sex and neck level"]


@lru_cache
def best_possible_node_auc(known: Known = "picture") -> float:
    """AUC of the risk given the known facts of a node: the expected upper limit for a reader who knows only these.

    The picture shows the features and no other fact that is related to the label. Sex has an effect on the risk. Neck
    level and side are drawn by label and are therefore informative. The report is excluded, because it was made from
    the label.

    Args:
        known: the facts that are known beside the features in the picture.

    >>> best_possible_node_auc() < best_possible_node_auc("picture and sex")
    True
    """
    from sklearn.metrics import roc_auc_score

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
    # Rounded, so that equal risks are ties regardless of the order of their sums.
    risk = np.round(malignant / (benign + malignant), 12)
    return float(roc_auc_score(truth, np.tile(risk, 2), sample_weight=np.concatenate([benign, malignant])))
