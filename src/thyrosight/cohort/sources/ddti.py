"""DDTI (Pedraza and colleagues 2015) as frames with mask pictures and one table of labels."""

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from thyrosight.cohort.sources.base import Source, SourceTable, natural_order, read_delimited
from thyrosight.cohort.sources.ddti_words import CALCIFICATION, COMPOSITION, ECHOGENICITY, MARGIN, SEX, in_our_words
from thyrosight.cohort.sources.tirads_labels import CATEGORIES, OPTIONS, label_of, left_out, policy
from thyrosight.cohort.table import Exclusion
from thyrosight.errors import CohortError

_TABLE = "labels.csv"
_FRAME = re.compile(r"(?P<case>\d+)_(?P<number>\d+)\.a\.jpg", re.IGNORECASE)

NOTES = (
    "labels: TI-RADS as read by radiologists, not pathology",
    "the case number of the export stands for the patient; the archive exports some frames under several case numbers",
)


def _recognises(path: Path) -> bool:
    return (path / _TABLE).is_file() and any(_FRAME.fullmatch(file.name) for file in path.iterdir())


def _read(path: Path, options: Mapping[str, str]) -> SourceTable:
    raw = read_delimited(path / _TABLE)
    missing = [name for name in ("image", "tirads") if name not in raw]
    if missing:
        raise CohortError(f"{path / _TABLE}: there is no column {missing[0]} (found {', '.join(raw.columns)}).")
    raw["tirads"] = raw["tirads"].str.lower()
    frames = {file.name[: -len(".a.jpg")]: file for file in path.iterdir() if _FRAME.fullmatch(file.name)}
    everything = raw
    raw, exclusions = select_rated(raw, options)
    table = _table(raw, path)
    unlisted = sorted(set(frames) - set(everything["image"]), key=lambda name: natural_order(Path(name)))
    if unlisted:
        exclusions = (*exclusions, Exclusion.of(f"not listed in {_TABLE}", unlisted))
    unused = sorted(_names(exclusions) & set(frames), key=lambda name: natural_order(Path(name)))
    left_out = pd.DataFrame(
        {
            "key": unused,
            "image": [str(frames[name].resolve()) for name in unused],
            "patient_id": [name.partition("_")[0] for name in unused],
        }
    )
    return SourceTable(table, exclusions, NOTES, policy(options), left_out)


def select_rated(raw: pd.DataFrame, options: Mapping[str, str]) -> tuple[pd.DataFrame, tuple[Exclusion, ...]]:
    """Leave out rows without a TI-RADS category, or with a category that the user excludes; add the label.

    `raw` has the columns image (its name) and tirads in lower case. A category outside the scale is kept as the label,
    so that validation names the row.
    """
    groups = [("TI-RADS unknown", raw["tirads"] == "")]
    groups += [(f"TI-RADS {name} left out by option", raw["tirads"] == name) for name in left_out(options)]
    exclusions = tuple(Exclusion.of(reason, raw.loc[mask, "image"].tolist()) for reason, mask in groups if mask.any())
    kept = raw[~raw["image"].isin(_names(exclusions))].copy()
    start = options["tirads-malignant-from"]
    kept["label"] = [
        label_of(name, malignant_from=start) if name in CATEGORIES else f"TI-RADS {name}" for name in kept["tirads"]
    ]
    return kept, exclusions


def _names(exclusions: tuple[Exclusion, ...]) -> set[str]:
    return {image for exclusion in exclusions for image in exclusion.images}


def _table(raw: pd.DataFrame, folder: Path) -> pd.DataFrame:
    folder = folder.resolve()
    table = pd.DataFrame(index=raw.index)
    table["key"] = raw["image"]
    table["image"] = [str(folder / f"{name}.a.jpg") for name in raw["image"]]
    masks = [folder / f"{name}.b.jpg" for name in raw["image"]]
    table["mask"] = [str(mask) if mask.is_file() else "" for mask in masks]
    table["patient_id"] = raw["image"].str.partition("_")[0]
    table["label"] = raw["label"]
    table["label_source"] = "TI-RADS"
    table["tirads"] = raw["tirads"]
    for name in ("age", "site_folder"):
        if name in raw:
            table[name] = raw[name]
    described = {
        "sex": ("sex", SEX),
        "composition": ("composition", COMPOSITION),
        "echogenicity": ("echogenicity", ECHOGENICITY),
        "margin": ("margins", MARGIN),
        "calcification": ("calcifications", CALCIFICATION),
    }
    for name, (theirs, words) in described.items():
        if theirs in raw:
            table[name] = [in_our_words(cell, words) for cell in raw[theirs]]
    return table


SOURCE = Source(
    name="ddti",
    title="DDTI frames with mask pictures and labels.csv",
    looks_for="labels.csv beside frames N_k.a.jpg (masks N_k.b.jpg)",
    recognises=lambda path: path.is_dir() and _recognises(path),
    read=_read,
    options=OPTIONS,
)
