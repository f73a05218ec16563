"""How many readings a study was to have, from what is known of its plan."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from thyrosight.errors import ReadingsError
from thyrosight.readings import Planned, Protocol, planned_by_design, planned_by_orders

Orders = Sequence[Mapping[str, Any]]
_CROSSED_FROM = 0.5
"""Share of all cells of readers, cases and arms from which a table without a protocol counts as planned to be full."""


def planned(
    main: pd.DataFrame, table: pd.DataFrame, *, arms: Sequence[str], protocol: Protocol | None, orders: Orders | None
) -> Planned | None:
    """How many readings there were to be: from the orders, else from the protocol, else as many as a full table has.

    Args:
        main: readings of the main analysis.
        table: all readings.
        arms: that were read.
        protocol: of the study, where there is one.
        orders: who was to read what, where that is known.

    Raises:
        ReadingsError: orders that do not know a reader or a case of the table.
    """
    cases, readers = main["case"].nunique(), list(dict.fromkeys(main["reader"]))
    if orders is not None:
        for what in ("reader", "case"):
            known = {row[what] for row in orders}
            if unknown := [name for name in dict.fromkeys(main[what]) if name not in known]:
                raise ReadingsError(
                    f"The table has readings of the {what} {unknown[0]!r}, which the orders do not know; give the "
                    "orders of this study."
                )
        aside = table[(table["withdrawn"] == 1) | table["truth"].isna()]["case"]
        return planned_by_orders(orders, without=set(aside))
    if protocol is not None:
        return planned_by_design(protocol, readers=readers, cases=cases)
    whole = cases * len(readers) * len(arms)
    if len(main) < _CROSSED_FROM * whole:
        return None
    return Planned(whole, dict.fromkeys(readers, cases * len(arms)))


def is_crossed(main: pd.DataFrame, arms: Sequence[str], protocol: Protocol | None) -> bool:
    """Whether every reader was to read every case in every arm."""
    if protocol is not None:
        return protocol.reading == "crossed" and protocol.readers == "crossed" and protocol.design != "concurrent"
    return len(main) >= _CROSSED_FROM * main["case"].nunique() * main["reader"].nunique() * len(arms)
