"""The cohort: one validated row per image, and all exclusions with their reasons."""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict

from thyrosight.cohort.columns import LABELS, UNKNOWN
from thyrosight.errors import ImageError
from thyrosight.files import sha256_of_json
from thyrosight.imaging import Box, nodule_boxes, read_mask
from thyrosight.showing import Shown

SplitKind = Literal["patient-level", "image-level"]


class Exclusion(BaseModel):
    """Images that were left out for one reason: one side box of the flow chart."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: str
    count: int
    images: tuple[str, ...]

    @classmethod
    def of(cls, reason: str, images: "list[str] | tuple[str, ...]") -> "Exclusion":
        """The exclusion of these images; the count follows from them."""
        return cls(reason=reason, count=len(images), images=tuple(images))


class CohortDescription(Shown, BaseModel):
    """The description of a cohort that is stored in bundles and reports.

    Attributes:
        by_label: images per label.
        by_label_source: images per source of the label and label.
        by_site: images per site and label; empty if no site is known.
        by_size: images per band of nodule size and label; empty if no size is known.
        patients: number of known patients; None if no patient is known.
        unknown_patients: images whose patient is unknown.
        groups: number of groups of patients and near-duplicates; None before the search for near-duplicates.
        filled: number of images with a value in each optional column.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    digest: str
    images: int
    by_label: dict[str, int]
    by_label_source: dict[str, dict[str, int]]
    by_site: dict[str, dict[str, int]]
    by_size: dict[str, dict[str, int]]
    patients: int | None
    unknown_patients: int
    groups: int | None
    split_kind: SplitKind
    label_policy: str
    filled: dict[str, int]
    exclusions: tuple[Exclusion, ...]
    notes: tuple[str, ...]


def no_images() -> pd.DataFrame:
    """An empty table of images left out of a cohort."""
    return pd.DataFrame({"key": [], "image": [], "patient_id": [], "label": []}, dtype="str")


@dataclass(frozen=True, eq=False)
class Cohort(Shown):
    """Images with labels, one row per image.

    Attributes:
        table: columns as in `thyrosight.cohort.COLUMNS`; index 0 to n - 1; empty optional cells are NaN.
        name: short name.
        source: the path as the user gave it.
        exclusions: exclusions, in order.
        notes: notes for readers of results on this cohort.
        label_policy: the rule for the labels.
        kind: kind of the source.
        left_out: key, image, patient and label ("" or another word, such as normal) of images of the source that are
            not in the table; they can show that patients share frames, or that labels contradict each other.
    """

    table: pd.DataFrame
    name: str
    source: str
    exclusions: tuple[Exclusion, ...] = ()
    notes: tuple[str, ...] = ()
    label_policy: str = ""
    kind: str = "manifest"
    left_out: pd.DataFrame = field(default_factory=no_images)

    def __len__(self) -> int:
        return len(self.table)

    @property
    def label_sources(self) -> tuple[str, ...]:
        """Every source of labels in the cohort, in alphabetical order."""
        return tuple(sorted(set(self.table["label_source"])))

    @property
    def split_kind(self) -> SplitKind:
        """`patient-level` when every image has a patient, else `image-level`."""
        return "image-level" if (self.table["patient_id"] == UNKNOWN).any() else "patient-level"

    def digest(self) -> str:
        """SHA-256 over keys, labels and patients, independent of the order of rows and of the files' paths."""
        rows = self.table[["key", "label", "patient_id"]].astype(str).to_numpy().tolist()
        return sha256_of_json(sorted(rows))

    def without(self, exclusion: Exclusion) -> "Cohort":
        """The cohort without the images of `exclusion`, which is recorded."""
        gone = self.table["key"].isin(exclusion.images)
        left_out = pd.concat([self.left_out, self.table.loc[gone, list(self.left_out)]], ignore_index=True)
        kept = self.table[~gone].reset_index(drop=True)
        return replace(self, table=kept, exclusions=(*self.exclusions, exclusion), left_out=left_out)

    def describe(self) -> CohortDescription:
        """Describe the cohort in numbers."""
        table = self.table
        unknown = int((table["patient_id"] == UNKNOWN).sum())
        known = table.loc[table["patient_id"] != UNKNOWN, "patient_id"].nunique()
        optional = [name for name in table.columns if name not in ("key", "image", "label", "group")]
        return CohortDescription(
            name=self.name,
            digest=self.digest(),
            images=len(table),
            by_label={label: int((table["label"] == label).sum()) for label in LABELS},
            by_label_source=_by(table, table["label_source"]),
            by_site=_by(table, table["site"]) if "site" in table else {},
            by_size=_by_size(table) if "size_mm" in table else {},
            patients=int(known) or None,
            unknown_patients=unknown,
            groups=int(table["group"].nunique()) if "group" in table else None,
            split_kind=self.split_kind,
            label_policy=self.label_policy,
            filled={name: int((table[name].notna() & (table[name] != UNKNOWN)).sum()) for name in optional},
            exclusions=self.exclusions,
            notes=self.notes,
        )


def _by(table: pd.DataFrame, values: "pd.Series[Any]") -> dict[str, dict[str, int]]:
    """Images per value and label; an empty value is called unknown."""
    counts = pd.crosstab(values.astype(object).fillna(UNKNOWN), table["label"])
    return {str(value): {label: int(counts.loc[value].get(label, 0)) for label in LABELS} for value in counts.index}


_SIZE_BANDS = (0.0, 5.0, 10.0, 20.0, 40.0, float("inf"))
_SIZE_NAMES = ("up to 5 mm", "over 5 to 10 mm", "over 10 to 20 mm", "over 20 to 40 mm", "over 40 mm")


def _by_size(table: pd.DataFrame) -> dict[str, dict[str, int]]:
    if table["size_mm"].notna().sum() == 0:
        return {}
    bands = pd.cut(table["size_mm"], bins=list(_SIZE_BANDS), labels=list(_SIZE_NAMES))
    counted = _by(table, bands)
    return {name: counted[name] for name in (*_SIZE_NAMES, UNKNOWN) if name in counted}


def nodule_box(row: "pd.Series[Any]") -> Box | None:
    """The box around the nodule (or all lesions) of one row of a cohort table, in pixels of its image.

    It comes from the column `box`, else from the mask files; specks of a mask are ignored.

    Raises:
        ImageError: the cell is not a box, or a mask is unreadable or empty.
    """
    text = row.get("box")
    if isinstance(text, str) and text:
        return Box.from_text(text, where=f"{row['key']}, column box")
    names = row.get("mask")
    if not isinstance(names, str) or not names:
        return None
    boxes = [box for name in names.split("|") for box in nodule_boxes(read_mask(name))]
    if not boxes:
        raise ImageError(f"{names} is empty: no pixel is marked; draw the lesion or leave the mask out.")
    union = boxes[0]
    for box in boxes[1:]:
        union = union.union(box)
    return union
