"""Multi-reader multi-case studies by the method of Obuchowski and Rockette."""

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.readers.analysis import Merits, compare_merits, require_inference
from thyrosight.statistics.readers.covariance import COVARIANCES, METRICS, independent_units, merits
from thyrosight.statistics.readers.design import FACTORIAL, READERS_IN_TESTS, UNBALANCED, ReaderStudy, read_study
from thyrosight.statistics.readers.notes import notes_on_design, notes_on_dropped
from thyrosight.statistics.readers.results import ReaderComparison
from thyrosight.statistics.validation import Integers, require_choice, require_confidence


def compare_readers(
    data: Mapping[str, npt.ArrayLike],
    *,
    metric: str = "auc",
    test: str,
    reader: str,
    case: str,
    truth: str,
    rating: str,
    threshold: float | None = None,
    covariance: str = "delong",
    readers: str = "random",
    cases: str = "random",
    cluster: str | None = None,
    block: str | None = None,
    missing: str = "refuse",
    confidence: float = 0.95,
) -> ReaderComparison:
    """Analyse a multi-reader multi-case study by the method of Obuchowski and Rockette.

    Obuchowski & Rockette 1995 with the degrees of freedom of Hillis (Stat Med 2007; 2014 for nested designs). With
    random readers the result extends to similar readers, with fixed readers to these alone; likewise for cases. The
    interval of each test uses the data of that test alone. A study may be factorial (every reader reads every case with
    every test), have its cases nested in readers (each reader reads their own cases with every test) or nested in
    tests, have its readers nested in tests (each reader uses one test), or be split-plot (blocks of readers, each with
    cases of its own: every block is factorial, and readers are compared within blocks; Obuchowski 2009, Hillis 2014).
    The design is recognised from the names of readers and cases.

    With `missing="analyse"` any readings may be missing. Each reader's value then rests on the cases this reader read
    with that test, every reader counts alike, and the covariance of two values comes from the cases both read (DeLong's
    components, 0 for cases not read). Readings must be missing for reasons that have nothing to do with their rating.

    Args:
        data: a long table with one row per reading: a pandas DataFrame, or a mapping of column names to values.
        metric: "auc" (empirical), or "sensitivity", "specificity" or "accuracy" of calling `rating >= threshold` 1.
        test: column that names the test (modality, system, treatment).
        reader: column that names the reader.
        case: column that names the case.
        truth: column of 0 and 1.
        rating: column of ratings, the higher the more likely 1.
        threshold: rating from which a case counts as called 1; for every metric but "auc".
        covariance: "delong", "jackknife" or "unbiased" (Gallas 2006). For the other metrics the three are equal.
        readers: "random" or "fixed".
        cases: "random" or "fixed"; not both may be fixed.
        cluster: column that names the cluster (patient, slide) of the case; the covariance is then that of Obuchowski
            1997 and needs covariance="delong".
        block: column that names the block of reader and case in a split-plot design. Without it, readers who share a
            case, directly or by way of others, form a block.
        missing: "refuse" a study with missing readings (no row, or a rating of NaN), "drop-case": leave the case out
            for all readers and tests, or "analyse" all readings there are. `notes` say what was done.
        confidence: nominal coverage.

    Raises:
        StatisticsError: a missing column, a design other than these, a case with two truths, or too few readers or
            cases.

    >>> ratings = {("A", 1): [1, 3, 2, 4, 5, 3], ("A", 2): [2, 2, 1, 5, 3, 2],  # the last three cases are cancers
    ...            ("B", 1): [2, 3, 4, 4, 3, 3], ("B", 2): [1, 3, 2, 2, 4, 3]}
    >>> rows = [(*key, case, int(case > 3), r) for key, row in ratings.items() for case, r in enumerate(row, 1)]
    >>> table = dict(zip(["test", "reader", "case", "cancer", "rating"], zip(*rows)))
    >>> study = compare_readers(table, test="test", reader="reader", case="case", truth="cancer", rating="rating")
    >>> print(study.method)
    Obuchowski-Rockette, random readers, random cases, DeLong covariance, Hillis degrees of freedom
    >>> print(f"A - B: {study.differences[0].estimate.value:.3f}, P = {study.differences[0].p:.3f}")
    A - B: 0.222, P = 0.295
    >>> print(study.component_notes[2])  # estimates below 0, as happen in small studies
    Covariance 2 of B alone is -0.00772; in its interval it counts as 0 (as in MRMCaov).
    """
    for value, allowed, name in (
        (metric, METRICS, "metric"),
        (covariance, COVARIANCES, "covariance"),
    ):
        require_choice(value, allowed, name=name)
    require_confidence(confidence)
    if (metric != "auc") != (threshold is not None):
        raise StatisticsError(f"Expected `threshold` for every metric but 'auc', got {threshold} for {metric!r}.")
    if cluster is not None and covariance != "delong":
        raise StatisticsError("With `cluster` the covariance is Obuchowski's (1997); use covariance='delong'.")
    study = read_study(
        data,
        test=test,
        reader=reader,
        case=case,
        truth=truth,
        rating=rating,
        cluster=cluster,
        block=block,
        missing=missing,
    )
    if study.design in (UNBALANCED, READERS_IN_TESTS) and covariance != "delong":
        raise StatisticsError(f"For the design {study.design!r} the covariance is DeLong's; use covariance='delong'.")
    require_inference(study.readers, readers=readers, cases=cases)
    values, matrix = merits(
        study, metric=metric, threshold=math.nan if threshold is None else threshold, covariance=covariance
    )
    found = Merits(
        values=values,
        covariance=matrix,
        metric=metric,
        of_cases=_covariance_name(metric, covariance, cluster),
        design=study.design,
        tests=study.tests,
        readers=study.readers,
        cases=study.truth.size,
        clusters=None if study.cluster is None else int(study.cluster.max()) + 1,
        units=independent_units(study, metric=metric),
        notes=(*notes_on_dropped(study.dropped, study.truth.size), *notes_on_design(study)),
        block=study.reader_block,
        read=None if study.design == FACTORIAL else (~np.isnan(study.ratings)).sum(axis=2),
        read_clusters=None if study.design == FACTORIAL or study.cluster is None else _clusters_read(study),
    )
    return compare_merits(found, readers=readers, cases=cases, confidence=confidence)


def _clusters_read(study: ReaderStudy) -> Integers:
    """Clusters of the cases that were read, shape (tests, readers)."""
    cluster, read = study.clusters(), ~np.isnan(study.ratings)
    return np.array([[np.unique(cluster[row]).size for row in rows] for rows in read], dtype=np.int64)


def _covariance_name(metric: str, covariance: str, cluster: str | None) -> str:
    if metric != "auc":
        return "covariance of means" if cluster is None else "covariance of clustered means"
    if cluster is not None:
        return "Obuchowski covariance of clusters"
    return {"delong": "DeLong", "jackknife": "jackknife", "unbiased": "unbiased"}[covariance] + " covariance"
