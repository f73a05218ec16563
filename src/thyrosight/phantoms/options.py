"""Options of a phantom cohort: sizes, sites, reference standards, readers, a network."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from thyrosight.errors import OutputError
from thyrosight.phantoms.network_errors import SimulatedNetwork
from thyrosight.phantoms.readers import SimulatedReader
from thyrosight.tirads import TiradsError, find_system


@dataclass(frozen=True)
class PhantomOptions:
    """Additions to a phantom cohort. With the defaults, a cohort has the same bytes as without options.

    Patients, nodules, features and labels depend on the seed alone; options change only images and recorded columns.

    Attributes:
        small_share: share of nodules that become micronodules (3 to 9 mm).
        external_share: share of patients seen at external hospitals, with other machines.
        one_image_each: one image of each nodule, instead of one to three images of each patient.
        reference_standard: add the columns `surgery` and `bethesda`.
        unconfirmed_share: share of nodules that neither surgery nor Bethesda II or VI confirm.
        missing_sizes: share of nodules without a size.
        tirads: a system whose category, computed from the true features, becomes the column `tirads`.
        readers: simulated radiologists.
        network: a simulated network whose errors depend on the features.

    Raises:
        OutputError: a share is outside 0 to 1, two readers have one name, or the system is unknown.
    """

    small_share: float = 0.0
    external_share: float = 0.0
    one_image_each: bool = False
    reference_standard: bool = False
    unconfirmed_share: float = 0.0
    missing_sizes: float = 0.0
    tirads: str = ""
    readers: tuple[SimulatedReader, ...] = ()
    network: SimulatedNetwork | None = None

    def __post_init__(self) -> None:
        for name in ("small_share", "external_share", "unconfirmed_share", "missing_sizes"):
            if not 0 <= getattr(self, name) <= 1:
                raise OutputError(f"{name} of a phantom cohort should be 0 to 1, got {getattr(self, name)}.")
        names = [reader.name for reader in self.readers]
        for name in names:
            if names.count(name) > 1:
                raise OutputError(f"Two simulated readers are named {name!r}; give each its own name.")
        if self.tirads:
            try:
                find_system(self.tirads)
            except TiradsError as error:
                raise OutputError(str(error)) from None

    def as_dict(self) -> dict[str, Any]:
        """The differences from a plain cohort, as JSON."""
        plain = PhantomOptions()
        return {name: value for name, value in asdict(self).items() if value != getattr(plain, name)}


_CHANGES: Final[Mapping[str, PhantomOptions]] = {
    "standard": PhantomOptions(),
    "micronodule": PhantomOptions(
        small_share=0.45,
        external_share=0.25,
        one_image_each=True,
        reference_standard=True,
        unconfirmed_share=0.08,
        missing_sizes=0.02,
        readers=(
            SimulatedReader("A", auc=0.72),
            SimulatedReader("B", auc=0.82, skipped=0.03),
            SimulatedReader("C", accuracy=0.85),
        ),
    ),
    "inception-margin": PhantomOptions(
        small_share=0.35, one_image_each=True, tirads="kwak-2011", network=SimulatedNetwork()
    ),
}
LIKE: Final = tuple(_CHANGES)
"""Names of ready-made options: a plain cohort, and one for each study that needs more."""


def options_like(name: str, **changes: Any) -> PhantomOptions:
    """Ready-made options by name, with changes.

    Raises:
        OutputError: the name is unknown, or a change is not possible.

    >>> options_like("micronodule", readers=()).small_share
    0.45
    """
    if name not in _CHANGES:
        raise OutputError(f"There are no phantoms like {name!r}; choose from {', '.join(LIKE)}.")
    return replace(_CHANGES[name], **changes)
