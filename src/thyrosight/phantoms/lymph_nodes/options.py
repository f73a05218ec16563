"""What can be chosen of a lymph node cohort."""

from dataclasses import asdict, dataclass, field
from typing import Any

from thyrosight.errors import OutputError
from thyrosight.phantoms.lymph_nodes.reporter import SimulatedReporter


@dataclass(frozen=True)
class LymphNodeOptions:
    """What to change of a lymph node cohort. Patients, nodes, features and labels depend on the seed alone.

    Attributes:
        second_node_share: how often a second, smaller node that is not the target lies in the picture.
        reporter: who writes the original reports.

    Raises:
        OutputError: a share outside 0 to 1.
    """

    second_node_share: float = 0.1
    reporter: SimulatedReporter = field(default_factory=SimulatedReporter)

    def __post_init__(self) -> None:
        if not 0 <= self.second_node_share <= 1:
            raise OutputError(
                f"second_node_share of a lymph node cohort should be 0 to 1, got {self.second_node_share}."
            )

    def as_dict(self) -> dict[str, Any]:
        """A JSON-able record of what differs from the cohort that comes without options."""
        plain = asdict(LymphNodeOptions())
        return {name: value for name, value in asdict(self).items() if value != plain[name]}
