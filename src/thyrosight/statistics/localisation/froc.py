"""The FROC curve with its band, the sensitivities read from it, and the CPM."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.bootstrap import drawn_blocks
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.localisation.estimates import estimate_from_draws
from thyrosight.statistics.localisation.figures_of_merit import CPM_RATES, INTERPOLATIONS, FreeResponse
from thyrosight.statistics.localisation.marked import MarkedCases
from thyrosight.statistics.validation import Floats, as_numbers, require_choice, require_confidence


@dataclass(frozen=True, eq=False, slots=True)
class FrocCurve(Result):
    """Points of the FROC curve by descending threshold: from no mark to all.

    Attributes:
        thresholds: a mark of at least this confidence counts; infinity first.
        false_per_case: mean number of false marks per case.
        sensitivity: share of all lesions that are marked.
        low: lower limit of the sensitivity at the false marks per case of each point, in steps; NaN without a band.
        high: its upper limit.
        rates: false marks per case at which the sensitivity is read.
        at_rates: sensitivity at each of them.
        cpm: mean sensitivity at 1/8, 1/4, 1/2, 1, 2, 4 and 8 false marks per case.
        false_marks: cases whose false marks count: "all" or "lesion-free".
        lesions: number of lesions.
        n: number of cases.
        clusters: number of patients, or None where cases were taken as independent.
        method: how band and intervals were obtained.
        notes: sentences on what the curve does not show.
        confidence: nominal coverage at each single point.
    """

    thresholds: Floats
    false_per_case: Floats
    sensitivity: Floats
    low: Floats
    high: Floats
    rates: tuple[float, ...]
    at_rates: tuple[Estimate, ...]
    cpm: Estimate
    false_marks: str
    lesions: int
    n: int
    clusters: int | None
    method: str
    notes: tuple[str, ...] = ()
    confidence: float = 0.95

    def __str__(self) -> str:
        lines = [f"FROC curve of {self.lesions} lesions in {self.n} cases ({self.method})"]
        lines += [
            f"  sensitivity at {rate:g} false marks per case: {estimate}"
            for rate, estimate in zip(self.rates, self.at_rates, strict=True)
        ]
        return "\n".join([*lines, f"  CPM: {self.cpm}", *(f"  note: {note}" for note in self.notes)])


def froc_curve(
    marked: MarkedCases,
    *,
    rates: npt.ArrayLike = CPM_RATES,
    false_marks: str = "all",
    interpolation: str = "step",
    confidence: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> FrocCurve:
    """Return the FROC curve (Bunch et al., J Appl Photogr Eng 1978;4:166), its sensitivities at rates, and the CPM.

    A lesion counts as found from a threshold on if its highest mark reaches it. The CPM is that of Niemeijer et al.,
    IEEE Trans Med Imaging 2011;30:215. Marks of equal confidence enter together. Beyond the curve's last point the
    sensitivity stays what it is there, and `notes` say so.

    Args:
        marked: marks and lesions.
        rates: false marks per case at which the sensitivity is read, above 0.
        false_marks: cases whose false marks count: "all" (the default), or "lesion-free" as in screening.
        interpolation: "step" reads the last point within a rate, which was reached in fact; "linear" the line between
            points, as the LUNA16 evaluation does.
        confidence: nominal coverage.
        replicates: bootstrap samples of patients; 0 for no intervals.
        seed: seed of the draws.

    Raises:
        StatisticsError: no lesion, no case that counts, or rates that are not above 0.

    >>> from thyrosight.statistics import marked_cases
    >>> lesions = {"case": ["a", "b", "c", "d"], "lesion": ["1", "1", None, None]}
    >>> marks = {"case": ["a", "b", "c"], "lesion": ["1", "1", None], "confidence": [3, 1, 2]}
    >>> curve = froc_curve(marked_cases(marks, lesions), replicates=0)
    >>> curve.false_per_case.tolist(), curve.sensitivity.tolist()
    ([0.0, 0.0, 0.25, 0.25], [0.0, 0.5, 0.5, 1.0])
    """
    wanted = as_numbers(rates, name="rates")
    if not (wanted > 0).all():
        raise StatisticsError(f"Expected `rates` above 0, got {wanted.min()}.")
    require_confidence(confidence)
    require_choice(interpolation, INTERPOLATIONS, name="interpolation")
    points = FreeResponse.of(marked, false_marks=false_marks)
    false, sensitivity = (one[0] for one in points.points(np.ones((1, len(marked.cases)))))
    drawn, band = _drawn(points, marked, wanted, false, interpolation=interpolation, replicates=replicates, seed=seed)
    low, high = _limits(band, confidence)
    here = points.sensitivities(np.ones((1, len(marked.cases))), _all_rates(wanted), interpolation=interpolation)[0]
    estimates = [
        estimate_from_draws(float(value), row, marked, metric="sensitivity", confidence=confidence)
        for value, row in zip([*here[: wanted.size], here[wanted.size :].mean()], drawn, strict=True)
    ]
    kind = "cases" if marked.cluster is None else "patients"
    return FrocCurve(
        thresholds=np.concatenate([[np.inf], points.thresholds]),
        false_per_case=false,
        sensitivity=sensitivity,
        low=low,
        high=high,
        rates=tuple(wanted.tolist()),
        at_rates=tuple(estimates[:-1]),
        cpm=estimates[-1],
        false_marks=false_marks,
        lesions=marked.lesion_case.size,
        n=len(marked.cases),
        clusters=None if marked.cluster is None else marked.clusters,
        method=f"bootstrap over {kind}, {replicates} replicates" if replicates else "no intervals",
        notes=_notes(wanted, float(false[-1]), marked),
        confidence=confidence,
    )


def _all_rates(wanted: Floats) -> Floats:
    return np.concatenate([wanted, CPM_RATES])


def _drawn(
    points: FreeResponse,
    marked: MarkedCases,
    wanted: Floats,
    false: Floats,
    *,
    interpolation: str,
    replicates: int,
    seed: int,
) -> tuple[Floats, Floats]:
    """Return sensitivities at the wanted rates with the CPM last, and those at the points: (values, replicates)."""
    places = np.unique(false)
    size = len(marked.cases) + marked.lesion_case.size + marked.false_case.size + places.size
    at_rates, at_points = [], []
    for block in drawn_blocks(marked.clusters, size, replicates, seed):
        of_case = block[:, marked.cluster_of_case]
        at = points.sensitivities(of_case, _all_rates(wanted), interpolation=interpolation)
        at_rates.append(np.column_stack([at[:, : wanted.size], at[:, wanted.size :].mean(axis=1)]))
        at_points.append(points.sensitivities(of_case, places, interpolation=interpolation))
    if not at_rates:
        return np.empty((wanted.size + 1, 0)), np.full((false.size, 0), np.nan)
    back = np.searchsorted(places, false)
    return np.concatenate(at_rates).T, np.concatenate(at_points).T[back]


def _limits(band: Floats, confidence: float) -> tuple[Floats, Floats]:
    if band.shape[1] < 2:
        return np.full(len(band), np.nan), np.full(len(band), np.nan)
    tail = (1 - confidence) / 2
    low, high = np.nanquantile(band, [tail, 1 - tail], axis=1)
    return low, high


def _notes(wanted: Floats, last: float, marked: MarkedCases) -> tuple[str, ...]:
    notes = []
    beyond = sorted({float(rate) for rate in _all_rates(wanted) if rate > last + 1e-12})
    if beyond:
        notes.append(
            f"All marks together are {last:.3g} false ones per case: sensitivities from {beyond[0]:g} on are those of"
            " all marks."
        )
    if marked.repeated:
        notes.append(f"{marked.repeated} marks on a lesion that has a higher one were not counted.")
    if marked.cluster is None:
        notes.append("Cases were taken as independent; give the patient if some have several.")
    return tuple(notes)
