"""Options of a lymph node cohort."""

from dataclasses import asdict, dataclass, field
from typing import Any

from thyrosight.errors import OutputError
from thyrosight.phantoms.lymph_nodes.reporter import SimulatedReporter


@dataclass(frozen=True)
class LymphNodeOptions:
    """Options of a lymph node cohort. Patients, nodes, features and labels depend on the seed alone.

    Attributes:
        second_node_share: frequency of a second, smaller node in the picture that is not the target.
        reporter: the simulated author of the original reports.

    Raises:
        OutputError: a share is outside 0 to 1.
    """

    second_node_share: float = 0.1
    reporter: SimulatedReporter = field(default_factory=SimulatedReporter)

    def __post_init__(self) -> None:
        if not 0 <= self.second_node_share <= 1:
            raise OutputError(
                f"second_node_share of a lymph node cohort should be 0 to 1, got {self.second_node_share}."
            )

    def as_dict(self) -> dict[str, Any]:
        """The differences from the default options, as JSON."""
        plain = asdict(LymphNodeOptions())
        return {name: value for name, value in asdict(self).items() if value != plain[name]}
