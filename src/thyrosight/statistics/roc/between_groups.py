"""Whether the area under the ROC curve differs between groups of cases, such as women and men."""

import numpy as np
import numpy.typing as npt
from scipy import stats

from thyrosight.errors import StatisticsError
from thyrosight.statistics.association import AssociationTest
from thyrosight.statistics.ranking import placements
from thyrosight.statistics.roc.covariance import areas
from thyrosight.statistics.validation import Floats, as_labels, as_numbers, as_truth, require_same_length


def auc_between_groups(
    truth: npt.ArrayLike, score: npt.ArrayLike, category: npt.ArrayLike, *, cluster: npt.ArrayLike
) -> AssociationTest:
    """Test whether the AUC is the same in all categories, with correlation within clusters.

    A Wald test of the log odds of the areas. Their covariance is that of the structural components (DeLong 1988),
    summed over clusters (Obuchowski 1997), so that a patient may have cases of several categories.

    Args:
        truth: 0 or 1 per case.
        score: the higher, the more likely 1.
        category: label of each case.
        cluster: patient of each case.

    Raises:
        StatisticsError: fewer than two categories, one of them with one class or without any error, or unequal lengths.

    >>> truth, score = [0, 0, 0, 1, 1, 1] * 2, [1, 2, 4, 3, 5, 6, 1, 3, 5, 2, 4, 6]
    >>> print(auc_between_groups(truth, score, ["F"] * 6 + ["M"] * 6, cluster=range(12)))
    Wald test of log odds of areas, variance between clusters, statistic 0.656, df 1: P = 0.418 (n = 12)
    """
    labels, values = as_truth(truth), as_numbers(score, name="score", finite=False)
    codes, names = as_labels(category, name="category")
    clusters, patients = as_labels(cluster, name="cluster")
    require_same_length(truth=labels, score=values, category=codes, cluster=clusters)
    if names.size < 2:
        raise StatisticsError(f"Expected at least two categories, got {names.size}.")
    found, influence = np.zeros(names.size), np.zeros((patients.size, names.size))
    for place, name in enumerate(names):
        own = codes == place
        part = labels[own]
        if part.min() == part.max():
            raise StatisticsError(f"Category {name} holds one class only, so that it has no area.")
        placed = placements(part, [values[own]])
        found[place] = areas(placed, part)[0]
        if found[place] in (0.0, 1.0):
            raise StatisticsError(
                f"In category {name} the classes are perfectly separated, so that no variance is known."
            )
        sizes = np.where(part == 1, part.sum(), (1 - part).sum())
        np.add.at(influence[:, place], clusters[own], (placed[0] - found[place]) / sizes)
    slope = 1 / (found * (1 - found))
    covariance: Floats = patients.size / (patients.size - 1) * (influence.T @ influence) * np.outer(slope, slope)
    contrast = np.eye(names.size)[1:] - np.eye(names.size)[0]
    distance = contrast @ np.log(found / (1 - found))
    statistic = float(distance @ np.linalg.pinv(contrast @ covariance @ contrast.T, hermitian=True) @ distance)
    words = "Wald test of log odds of areas, variance between clusters"
    df = names.size - 1
    return AssociationTest(words, statistic, float(df), float(stats.chi2.sf(statistic, df)), labels.size)
