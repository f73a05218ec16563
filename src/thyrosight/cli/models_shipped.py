"""The list of the models that come with the package, for `thyrosight models`."""

from typing import TYPE_CHECKING, Any

from thyrosight.intervals import limits_in_words, value_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console


_MAIN = ("AUC, no box given", "mean Dice of the outlined nodule", "found at IoU 0.3", "mean Dice per frame")
"""Measured values that are printed; the model card has the rest."""


def shipped_rows() -> list[dict[str, Any]]:
    """Task, training and measured values of each model that comes along, or the reason why it cannot be read."""
    from thyrosight.errors import BundleError
    from thyrosight.inference import read_info
    from thyrosight.inference.shipped import SHIPPED, measured_of, shipped_model

    rows: list[dict[str, Any]] = []
    for name in SHIPPED:
        try:
            info, own_hash = read_info(shipped_model(name))
        except BundleError as error:
            rows.append({"model": name, "problem": str(error)})
            continue
        rows.append(
            {
                "model": name,
                "task": "outlines nodules" if info.spec.task == "segmentation" else "risk of malignancy of a nodule",
                "network": info.spec.architecture,
                "trained_on": info.cohort["name"],
                "label_source": info.label_source,
                "split_kind": info.cohort["split_kind"],
                "on_fold_left_out": measured(info.metrics, None if info.masks is None else info.masks.model_dump()),
                "measured": [one.model_dump(exclude={"hash", "model"}) for one in measured_of(own_hash)],
                "hash": own_hash,
            }
        )
    return rows


def print_shipped(console: "Console") -> None:
    """Print the models that come along, one block each."""
    from rich.table import Table

    for row in shipped_rows():
        if "problem" in row:
            console.print(row["problem"], style="yellow", markup=False)
            continue
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column()
        grid.add_row("model", f"[bold]{row['model']}[/bold]: {row['task']} ({row['network']})")
        grid.add_row("trained on", f"{row['trained_on']}; labels: {row['label_source']}; {row['split_kind']} split")
        grid.add_row("on the fold left out", row["on_fold_left_out"])
        for one in row["measured"]:
            if one["what"] in _MAIN:
                value = value_in_words(one["value"], one["low"], one["high"])
                count = f"{one['n']} frames in {one['groups']} groups"
                grid.add_row(
                    "measured",
                    f"{one['on']}: {one['what']} {value}; {count}; truth: {one['labels']}",
                )
        grid.add_row("hash", row["hash"])
        console.print(grid)
        console.print()
    console.print("`thyrosight models card NAME` prints all that was measured. For research use only.\n", style="bold")


def measured(metrics: "Mapping[str, Any]", masks: "Mapping[str, Any] | None") -> str:
    """The main figure of a model, and the data that it was measured on."""
    auc = metrics.get("auc")
    if isinstance(auc, dict) and auc.get("value") is not None:
        return f"AUC {auc['value']:.3f} ({limits_in_words(auc.get('low'), auc.get('high'))}; n = {auc['n']})"
    if masks is not None and masks.get("dice") is not None:
        return f"mean Dice {masks['dice']:.3f} on the {masks['chosen_on']}"
    return "nothing stated"
