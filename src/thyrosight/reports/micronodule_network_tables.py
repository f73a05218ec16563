"""Tables of the networks of a micronodule study: side by side, inside and outside the cohort, and their training."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from thyrosight.reports.micronodule_tables import PERCENT, p_or_dash, shown
from thyrosight.reports.tables import Cell, Table, sentence

if TYPE_CHECKING:
    from thyrosight.studies.micronodule.result import MicronoduleResult, TestSet


def networks_table(found: "TestSet", *, title: str) -> Table | None:
    """Every network at its operating point of the validation part (Supplement 1); None with none."""
    from thyrosight.studies.micronodule.result import QUANTITIES

    if not found.networks:
        return None
    rows: list[list[str | Cell]] = []
    for network in found.networks:
        cells: list[str | Cell] = [shown(name, network.measures[name]) for name in ("auc", *PERCENT)]
        against = "main" if network.against_main is None else p_or_dash(network.against_main.p)
        rows.append([network.title, *cells, against])
    methods = {sentence(network.against_main.method) for network in found.networks if network.against_main is not None}
    return Table(
        caption=f"{title}. Networks on {found.name}, at the operating point of the validation part",
        head=["Network", "AUC", *(f"{QUANTITIES[name]}, %" for name in PERCENT), "P against main (AUC)"],
        rows=rows,
        notes=["The cut-off was chosen before these nodules were seen.", *methods, sentence(found.source_sentence)],
        strong_row=0,
    )


def everywhere_table(result: "MicronoduleResult") -> Table | None:
    """The main network on its validation part, within the cohort and on every external set."""
    from thyrosight.studies.micronodule.result import QUANTITIES

    main = result.main
    if main is None:
        return None
    measures = ("auc", "sensitivity", "specificity", "accuracy", "ppv", "npv")
    rows: list[list[str | Cell]] = []
    if main.validated:
        cells = [shown(name, main.validated[name]) for name in measures]
        labels = " and ".join(result.label_sources)
        rows.append(["Validation part (optimistic)", str(main.validation), labels, *cells])
    for found in result.sets:
        if not found.networks:
            continue
        network = found.networks[0]
        kind = "external" if found.external else "internal"
        rows.append(
            [
                f"{found.name} ({kind})",
                str(found.images),
                " and ".join(found.label_sources),
                *(shown(name, network.measures[name]) for name in measures),
            ]
        )
    heads = [QUANTITIES[name] + (", %" if name in PERCENT else "") for name in measures]
    return Table(
        caption=f"{main.title} within the cohort and outside it, at the operating point of the validation part",
        head=["Set", "n", "Labels", *heads],
        rows=rows,
        notes=[
            "The validation part chose calibration and operating point; its figures flatter. Intervals respect "
            "patients or groups.",
            sentence(result.source_sentence),
        ],
    )


def training_table(result: "MicronoduleResult") -> Table:
    """The networks: first weights, sizes, how long they trained."""
    rows: list[Sequence[str | Cell]] = [
        [
            network.title,
            network.role,
            network.start,
            f"{network.parameters / 1e6:.1f} million",
            f"{network.train} + {network.mirrored} mirrored",
            str(network.validation),
            f"{network.seconds / 60:.1f} min",
        ]
        for network in result.networks
    ]
    return Table(
        caption="Networks",
        head=["Network", "Role", "Initial weights", "Parameters", "Training images", "Validation", "Time"],
        rows=rows,
        notes=["Mirrored: copies added so that both classes are seen equally often."],
    )
