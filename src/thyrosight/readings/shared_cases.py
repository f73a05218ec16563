"""How designs that are not fully crossed change the covariances of readers' areas: by the share of cases in common."""

from dataclasses import dataclass

from thyrosight.readings.fields import ProtocolFields
from thyrosight.statistics import VarianceComponents


@dataclass(frozen=True, slots=True)
class Overlap:
    """Share of cases that readings of a study have in common.

    Attributes:
        cases: that one reader reads in one arm.
        arms: share of these that the same reader reads in another arm, too.
        readers: share of these that another reader reads in the same arm.
        both: share of these that another reader reads in another arm.
    """

    cases: float
    arms: float = 1.0
    readers: float = 1.0
    both: float = 1.0


def overlap(protocol: ProtocolFields, *, readers: int, cases: float) -> Overlap:
    """Share of cases that the readings of a design have in common on average.

    >>> from thyrosight.readings import parse_protocol, template
    >>> blocks = parse_protocol(template()).model_copy(update={"reading": "blocks", "readers_per_case": 3})
    >>> overlap(blocks, readers=5, cases=100)
    Overlap(cases=60.0, arms=1.0, readers=0.5, both=0.5)
    """
    per_case = {"crossed": readers, "nested": 1}.get(protocol.reading, protocol.readers_per_case or readers)
    own = cases * per_case / readers
    shared = (per_case - 1) / (readers - 1) if readers > 1 else 1.0
    if protocol.design == "concurrent" and len(protocol.arms) > 1:
        share = 1 / len(protocol.arms)
        return Overlap(own * share, arms=0.0, readers=shared * share, both=shared * share)
    return Overlap(own, readers=shared, both=shared)


def scaled(components: VarianceComponents, shares: Overlap, *, pilot_cases: int) -> VarianceComponents:
    """The components of areas of a study, from those of a crossed pilot study.

    Error variance and covariances go down with the number of cases. A covariance of two areas goes down besides with
    the share of their cases that is common: the covariance of DeLong is a sum over cases that both have.
    """
    shrink = pilot_cases / shares.cases
    return VarianceComponents(
        reader=components.reader,
        test_by_reader=components.test_by_reader,
        error=components.error * shrink,
        covariance_1=components.covariance_1 * shrink * shares.arms,
        covariance_2=components.covariance_2 * shrink * shares.readers,
        covariance_3=components.covariance_3 * shrink * shares.both,
    )
