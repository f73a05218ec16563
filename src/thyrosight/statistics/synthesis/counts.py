"""The two-by-two table of each site."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.estimate import Result
from thyrosight.statistics.proportions.confusion import cell_of
from thyrosight.statistics.validation import Floats, as_count, as_labels, as_truth, require_same_length


@dataclass(frozen=True, slots=True)
class SiteCounts(Result):
    """Counts of several sites, each with diseased and healthy nodules.

    Attributes:
        sites: name of each site.
        true_positive: diseased nodules called positive, per site.
        false_negative: diseased nodules called negative.
        false_positive: healthy nodules called positive.
        true_negative: healthy nodules called negative.

    Raises:
        StatisticsError: counts that are not whole or differ in number, no site, a name used twice, or a site without
            diseased or without healthy nodules.
    """

    sites: tuple[str, ...]
    true_positive: tuple[int, ...]
    false_negative: tuple[int, ...]
    false_positive: tuple[int, ...]
    true_negative: tuple[int, ...]

    def __post_init__(self) -> None:
        columns = {
            name: np.array([as_count(count, name=name) for count in getattr(self, name)], dtype=np.int64)
            for name in ("true_positive", "false_negative", "false_positive", "true_negative")
        }
        require_same_length(sites=np.empty(len(self.sites)), **columns)
        if not self.sites:
            raise StatisticsError("Expected at least one site, got none.")
        if len(set(self.sites)) < len(self.sites):
            twice = next(name for name in self.sites if self.sites.count(name) > 1)
            raise StatisticsError(f"Expected one row per site, got several of {twice}.")
        for name, counts in columns.items():
            object.__setattr__(self, name, tuple(int(count) for count in counts))
        for word, total in (("diseased", self.diseased), ("healthy", self.healthy)):
            if not total.all():
                where = self.sites[int(total.argmin())]
                raise StatisticsError(f"Site {where} has no {word} nodule; leave it out, as it has no rate to pool.")

    @property
    def diseased(self) -> Floats:
        """Diseased nodules per site."""
        return np.array(self.true_positive, dtype=np.float64) + self.false_negative

    @property
    def healthy(self) -> Floats:
        """Healthy nodules per site."""
        return np.array(self.false_positive, dtype=np.float64) + self.true_negative

    @property
    def right(self) -> Floats:
        """Diseased nodules called positive, and healthy ones called negative: shape (sites, 2)."""
        return np.stack([self.true_positive, self.true_negative], axis=1).astype(np.float64)

    @property
    def totals(self) -> Floats:
        """Diseased and healthy nodules: shape (sites, 2)."""
        return np.stack([self.diseased, self.healthy], axis=1)


def count_sites(site: npt.ArrayLike, truth: npt.ArrayLike, predicted: npt.ArrayLike) -> SiteCounts:
    """Count the two-by-two table of each site.

    Args:
        site: site of each nodule.
        truth: 1 diseased, 0 healthy.
        predicted: call of each nodule, 0 or 1.

    Raises:
        StatisticsError: lengths that differ, other values, or a site without diseased or without healthy nodules.

    >>> count_sites(["a", "a", "a", "b", "b"], [1, 1, 0, 1, 0], [1, 0, 0, 1, 1]).true_positive
    (1, 1)
    """
    codes, names = as_labels(site, name="site")
    known = as_truth(truth, both_classes=False)
    call = as_truth(predicted, name="predicted", both_classes=False)
    require_same_length(site=codes, truth=known, predicted=call)
    cells = np.bincount(codes * 4 + cell_of(known, call), minlength=4 * names.size).reshape(-1, 4)
    columns = [tuple(int(count) for count in column) for column in cells.T]
    return SiteCounts(tuple(str(name) for name in names.tolist()), *columns)
