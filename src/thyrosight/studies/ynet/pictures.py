"""Good, middling and failed outlines of the main network, with the pictures to show them: Figure 2."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thyrosight.imaging import mask_in_window, read_frame
from thyrosight.inference.outlines import clean_mask
from thyrosight.studies.ynet.outlined import load_found, true_mask
from thyrosight.studies.ynet.result import OutlineExample
from thyrosight.studies.ynet.tested import Tested
from thyrosight.studies.ynet.trials import FOUND, Setup

Pictures = dict[str, NDArray[Any]]
Kind = Literal["good", "middling", "failed"]


def outline_examples(setup: Setup, found: Sequence[Tested]) -> tuple[list[OutlineExample], Pictures, str]:
    """The best, middle and worst outlines of the first network that draws any, on the test part of its first division.

    Each group (patient) is shown once. "Failed" are the worst, whether or not they are below the recipe's limit.

    Returns:
        The examples, the best first; the pixels as `<key>/pixels`, `<key>/truth` and `<key>/found` at the network's
        size; and whose they are, in words.
    """
    able = [item for item in found if item.outlines and (item.folders[0] / FOUND).exists()]
    if not able or not setup.recipe.outlines.examples:
        return [], {}, ""
    item = able[0]
    division = item.divisions[0]
    drawn = item.drawn
    chosen = _chosen(drawn[drawn["division"] == division], setup.recipe.outlines.examples)
    told_of = {str(row["key"]): row for _, row in item.judged[0].part("test").iterrows()} if item.judged else {}
    marked = load_found(item.folders[0] / FOUND)
    rows = {str(row["key"]): row for _, row in setup.cohort.table.iterrows()}
    examples: list[OutlineExample] = []
    pictures: Pictures = {}
    for kind, row in chosen:
        key = str(row["key"])
        told = told_of.get(key)
        examples.append(
            OutlineExample(
                kind=kind,
                key=key,
                group=str(row["group"]),
                label=str(row["label"]),
                division=division,
                dice=float(row["dice"]),
                risk=None if told is None else float(told["risk"]),
                predicted=None if told is None else ("malignant" if told["predicted"] else "benign"),
            )
        )
        pictures |= _pictures(setup, rows[key], key) | {f"{key}/found": clean_mask(marked[key])}
    return examples, pictures, f"{item.network.title}, test part of {division}"


def _chosen(drawn: pd.DataFrame, count: int) -> list[tuple[Kind, "pd.Series[Any]"]]:
    """`count` of each kind, from different groups as far as there are enough; none stands twice."""
    ordered = drawn[drawn["true_pixels"] > 0].sort_values(["dice", "key"], ascending=[False, True])
    ordered = ordered.drop_duplicates("group").reset_index(drop=True)
    n = len(ordered)
    count = min(count, n // 3)
    middle = (n - count) // 2
    kinds: tuple[tuple[Kind, range], ...] = (
        ("good", range(count)),
        ("middling", range(middle, middle + count)),
        ("failed", range(n - count, n)),
    )
    return [(kind, ordered.iloc[place]) for kind, places in kinds for place in places]


def _pictures(setup: Setup, row: "pd.Series[Any]", key: str) -> Pictures:
    frame = read_frame(row["image"])
    prepared = setup.recipe.preparation.prepare(frame)
    truth = mask_in_window(true_mask(row, (frame.rows, frame.columns)), prepared)
    return {f"{key}/pixels": np.asarray(prepared.pixels), f"{key}/truth": truth}
