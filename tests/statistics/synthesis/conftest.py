"""Studies of venous ultrasonography for deep venous thrombosis, the table dat.kearon1998 of R's metadat."""

import pytest

from thyrosight.statistics import SiteCounts

# metadat 1.2-0, studies without missing counts: tp, np - tp, nn - tn, tn
_SYMPTOMATIC = (
    (325, 20, 25, 22, 70, 40, 27, 25, 40, 39, 75, 49, 33, 20, 94, 22),
    (8, 5, 3, 3, 7, 6, 7, 4, 0, 2, 22, 1, 1, 3, 27, 3),
    (22, 0, 0, 1, 1, 1, 5, 7, 10, 7, 1, 0, 0, 0, 7, 2),
    (483, 29, 23, 24, 142, 18, 36, 28, 27, 29, 59, 50, 75, 64, 346, 45),
)
_ASYMPTOMATIC = (
    (10, 15, 10, 13, 10, 16, 12, 13, 24, 17, 5, 18, 24, 26),
    (15, 9, 4, 10, 22, 45, 37, 13, 18, 10, 17, 13, 4, 29),
    (6, 3, 3, 0, 1, 2, 1, 8, 2, 6, 1, 5, 0, 8),
    (47, 29, 44, 123, 55, 184, 137, 66, 55, 85, 45, 240, 104, 81),
)


def _counts(columns: tuple[tuple[int, ...], ...]) -> SiteCounts:
    return SiteCounts(tuple(f"study {i}" for i in range(len(columns[0]))), *columns)


@pytest.fixture(scope="session")
def kearon() -> dict[str, SiteCounts]:
    """Studies of symptomatic and of asymptomatic patients."""
    return {"symptomatic": _counts(_SYMPTOMATIC), "asymptomatic": _counts(_ASYMPTOMATIC)}
