"""Best, middling and worst outlines of a network side by side with the reader's, chosen by Dice alone."""

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from thyrosight.documents import Figure, drawings
from thyrosight.imaging import Preparation, mask_in_window, read_frame
from thyrosight.inference.outlines import clean_mask
from thyrosight.studies.analyses.outlines import Outlined
from thyrosight.studies.outlined import FOUND, load_found, true_mask
from thyrosight.studies.predictions import calibration_clause
from thyrosight.studies.trial import Setup

Pictures = dict[str, npt.NDArray[Any]]


def outline_examples(setup: Setup[Any], item: Outlined, *, count: int) -> tuple[Figure | None, Pictures]:
    """The best, middle and worst outlines of a network on the test part of its first division.

    Each group (patient) is shown once. "Worst" are the last, whether or not they count as failures.

    Returns:
        The figure, None without examples; and its pixels and masks at the network's size.
    """
    tested = item.network.tested[0]
    path = tested.folder / FOUND
    division = tested.trial.division
    if not count or not path.exists():
        return None, {}
    risks = {row["key"]: row for row in _records(tested.judged().part("test"))} if len(tested.raw) else {}
    clause = calibration_clause([tested.judged()]) if risks else ""
    marked, preparation = load_found(path), tested.trial.preparation
    assert isinstance(preparation, Preparation), "outlines are learnt from single images"
    rows = {row["key"]: row for row in _records(setup.cohort.table)}
    examples: list[drawings.GridPicture] = []
    pictures: Pictures = {}
    shown: list[str] = []
    for group, found in _chosen(item.drawn[item.drawn["division"] == division], count):
        key = str(found["key"])
        text = f"Dice {found['dice']:.3f}"
        if risks:
            text += f", risk {risks[key]['risk']:.2f}: {'malignant' if risks[key]['predicted'] else 'benign'}"
        own = _pictures(rows[key], key, preparation) | {f"{key}/found": clean_mask(marked[key])}
        heading = group if all(example.heading != group for example in examples) else ""
        examples += _pair(key, own, label=str(found["label"]), text=text, heading=heading)
        pictures |= own
        shown.append(key)
    if not examples:
        return None, {}
    caption = (
        f"Outlines of {item.title}, test part of {division}: left the reader's, right the network's, with its Dice"
        f"{f' and risk ({clause})' if risks else ''} (the paper's Figure 2). Chosen by Dice alone, one image of a "
        f"group. Images: {', '.join(shown)}"
    )
    drawing = drawings.PictureGrid(pictures=tuple(examples), columns=4)
    return Figure(name="outlines", caption=caption, drawing=drawing, wide=True), pictures


def _pair(
    key: str, pictures: Pictures, *, label: str, text: str, heading: str
) -> tuple[drawings.GridPicture, drawings.GridPicture]:
    """An image with the reader's outline and the same with the network's, without black bars above and below."""
    pixels = pictures[f"{key}/pixels"]
    lit = np.flatnonzero(pixels.reshape(len(pixels), -1).any(axis=1))
    part = (0, int(lit[0]), pixels.shape[1], int(lit[-1]) + 1) if lit.size else None

    def outlined(label: str, who: str, mask: str, colour: Literal["turquoise", "yellow"]) -> drawings.GridPicture:
        words = who if pictures[mask].any() else f"{who}: nothing"
        mark = drawings.Mark(colour=colour, mask=mask, text=words)
        return drawings.GridPicture(picture=f"{key}/pixels", label=label, part=part, marks=(mark,))

    reader = outlined(label, "reader", f"{key}/truth", "turquoise").model_copy(update={"heading": heading})
    return reader, outlined(text, "network", f"{key}/found", "yellow")


def _chosen(drawn: pd.DataFrame, count: int) -> list[tuple[str, "pd.Series[Any]"]]:
    """`count` of each kind, from different groups as far as there are enough; none stands twice."""
    ordered = drawn[drawn["true_pixels"] > 0].sort_values(["dice", "key"], ascending=[False, True])
    ordered = ordered.drop_duplicates("group").reset_index(drop=True)
    n = len(ordered)
    count = min(count, n // 3)
    middle = (n - count) // 2
    kinds = {"Best": range(count), "In the middle": range(middle, middle + count), "Worst": range(n - count, n)}
    return [(kind, ordered.iloc[place]) for kind, places in kinds.items() for place in places]


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [dict(row) for _, row in table.assign(key=table["key"].astype(str)).iterrows()]


def _pictures(row: dict[str, Any], key: str, preparation: Preparation) -> Pictures:
    frame = read_frame(row["image"])
    prepared = preparation.prepare(frame)
    truth = mask_in_window(true_mask(row, (frame.rows, frame.columns)), prepared)
    return {f"{key}/pixels": np.asarray(prepared.pixels), f"{key}/truth": truth}
