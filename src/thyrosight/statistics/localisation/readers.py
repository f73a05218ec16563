"""Reader studies with localisation: figures of merit by the method of Obuchowski and Rockette."""

from collections.abc import Mapping

import numpy.typing as npt

from thyrosight.statistics.localisation.comparison import notes_on_few
from thyrosight.statistics.localisation.estimates import NOT_SMOOTH, independent_units
from thyrosight.statistics.localisation.figures_of_merit import METRICS
from thyrosight.statistics.localisation.partial import notes_on_searches, searched_merits, searches
from thyrosight.statistics.readers.analysis import Merits, compare_merits
from thyrosight.statistics.readers.design import FACTORIAL
from thyrosight.statistics.readers.results import ReaderComparison
from thyrosight.statistics.resampling.few_groups import without_tests
from thyrosight.statistics.validation import require_choice


def compare_localisation_readers(
    marks: Mapping[str, npt.ArrayLike],
    lesions: Mapping[str, npt.ArrayLike],
    *,
    metric: str = "wafroc",
    test: str,
    reader: str,
    case: str = "case",
    lesion: str = "lesion",
    confidence_column: str = "confidence",
    weight: str | None = None,
    cluster: str | None = None,
    searched: Mapping[str, npt.ArrayLike] | None = None,
    readers: str = "random",
    cases: str = "random",
    confidence: float = 0.95,
) -> ReaderComparison:
    """Analyse a study in which several readers mark lesions in the same cases with one or more tests.

    The covariance of the figures of merit is that of the jackknife over patients (over cases without `cluster`); the
    rest is the method of Obuchowski and Rockette with the degrees of freedom of Hillis, as in `compare_readers`
    (Chakraborty, "Observer Performance Methods for Diagnostic Imaging", 2017, chapters 9 and 10). A reader without a
    mark in a case that was searched has none there. With fewer patients with a lesion, or to compare with, than
    `LEAST_GROUPS` there is no P value.

    With `searched` a reader's value rests on the cases that this reader searched with the test. A patient enters the
    covariance of two values by the product of the jackknife's deviations, 0 for a patient of whom one searched nothing
    (`thyrosight.statistics.localisation.partial`). Searches must be missing by design or by chance.

    Args:
        marks: one row per mark, with the columns of `test` and `reader` beside those of `marked_cases`.
        lesions: one row per lesion, and one per case without, as for `marked_cases`.
        metric: "wafroc", "afroc", "wafroc1", "afroc1", "inferred-roc", "lroc" or "pcl".
        test: column that names the test (modality, system) of a mark.
        reader: column that names the reader.
        case: column that names the case.
        lesion: column that names the lesion.
        confidence_column: column of the marks' confidence.
        weight: column of the lesions' weights.
        cluster: column of `lesions` that names the patient.
        searched: one row per search with the columns of `test`, `reader` and `case`; None where every reader has
            searched every case with every test.
        readers: "random" or "fixed".
        cases: "random" or "fixed"; not both may be fixed.
        confidence: nominal coverage.

    Raises:
        StatisticsError: as `marked_cases` and `compare_readers`; without `searched` a reader without any mark with a
            test; a mark where nothing was searched; a metric for which the jackknife does not hold; too few patients
            for a variance.
    """
    require_choice(metric, tuple(name for name in METRICS if name not in NOT_SMOOTH), name="metric")
    found = searches(
        marks,
        lesions,
        searched,
        test=test,
        reader=reader,
        case=case,
        lesion=lesion,
        confidence=confidence_column,
        weight=weight,
        cluster=cluster,
    )
    values, matrix = searched_merits(found, metric)
    fewest = min((unit for unit in found.units if unit is not None), key=lambda unit: independent_units(unit, metric))
    few = notes_on_few(found.all_cases, metric)
    rough = notes_on_few(fewest, metric, meaning="for a variance that can be relied on, as one reader has searched")
    merits = Merits(
        values=values,
        covariance=matrix,
        metric=metric,
        of_cases=f"jackknife covariance over {'cases' if cluster is None else 'patients'}",
        design=found.design,
        tests=found.tests,
        readers=found.readers,
        cases=len(found.all_cases.cases),
        clusters=None if cluster is None else found.all_cases.clusters,
        units=max(1, independent_units(fewest, metric)),
        notes=(*notes_on_searches(found), *(few or rough)),
        read=None if found.design == FACTORIAL else found.read,
        read_clusters=None if found.design == FACTORIAL or cluster is None else found.read_clusters,
    )
    result = compare_merits(merits, readers=readers, cases=cases, confidence=confidence)
    return without_tests(result) if few else result
