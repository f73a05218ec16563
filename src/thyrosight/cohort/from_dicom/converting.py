"""From a folder, DICOMDIR or archive of DICOM files to images, a manifest, and a list of exclusions."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from thyrosight.cohort.from_dicom.files import Identity, Row, identity_of, require_ultrasound, rows_of_file
from thyrosight.cohort.from_dicom.labelling import IDENTIFIERS, LabelTable, read_labels
from thyrosight.cohort.from_dicom.listing import Listed, listed_files
from thyrosight.cohort.from_dicom.options import FromDicomOptions
from thyrosight.errors import CohortError, ImageError
from thyrosight.files import sha256_of_file, write_csv
from thyrosight.imaging import read_dicom_info
from thyrosight.imaging.deidentify import PseudonymKey, open_key
from thyrosight.lock import locked_folder
from thyrosight.progress import Progress

MANIFEST: Final = "cohort.csv"
_COLUMNS: Final = (
    "key", "image", "patient_id", "nodule_id", "label", "label_source", "age", "sex", "site", "elastogram",
    "laterality", "device", "view", "view_reason", "panel", "frame", "frames_in_file", "frames_per_second",
    "spacing_row_mm", "spacing_column_mm", "spacing_reason", "blanked_share", "study_instance_uid",
    "series_instance_uid", "sop_instance_uid", "exclude", "exclude_detail",
)  # fmt: skip


@dataclass(frozen=True)
class FromDicomResult:
    """The result of a conversion.

    Attributes:
        manifest: the table that `open_cohort` reads.
        links: the original file of each image; this table names originals and lies beside the key.
        key_file: the key of the pseudonyms.
        files: number of files read.
        images: number of B-mode images written.
        labelled: number of these images with a label.
        excluded: number of files and views left out, by reason; the links name each, with a sentence.
        unused_labels: rows of the table of labels that named no image.
    """

    manifest: Path
    links: Path
    key_file: Path
    files: int
    images: int
    labelled: int
    excluded: dict[str, int]
    unused_labels: tuple[int, ...]


def cohort_from_dicom(
    source: Path | str,
    out: Path | str,
    *,
    key_file: Path | str | None = None,
    labels: Path | str | None = None,
    options: FromDicomOptions | None = None,
    progress: Progress | None = None,
) -> FromDicomResult:
    """Turn DICOM files into PNG images and a manifest that `open_cohort` reads.

    Patients, studies, series and objects get pseudonyms from a key; the same key gives the same ones as
    `thyrosight dicom deidentify`. A loop gives a few sharp frames; two views side by side become two images; an
    elastogram beside a B-mode view goes into the column `elastogram`; frames with blood flow only are left out. Every
    file without an image is a row of the manifest with its reason, and a line of the links.

    Images without a label stay in the manifest with an empty label; `open_cohort` counts them as left out ("no label")
    until the cell is filled.

    Args:
        source: a DICOM file, a folder, a DICOMDIR, or a .zip or .tar of files.
        out: a folder for the images and cohort.csv that has no cohort.csv yet; an interrupted run starts again.
        key_file: the key, created if it does not exist; by default beside `out`.
        labels: a CSV table with a column label and one or more of patient_id, study_instance_uid, series_instance_uid
            and sop_instance_uid (as stored or as replaced); further known columns are carried over.
        options: frames, panels, blanking.
        progress: called with the number of files done.

    Raises:
        CohortError: the source or the labels cannot be used, or no file of the source gave an image.
        ImageError: the key file is not a key.
        FolderInUseError: another process works in `out`.
        OutputError: a file cannot be written.
    """
    source, out = Path(source), Path(out)
    key_path = Path(key_file) if key_file is not None else out.with_name(f"{out.name}.key.json")
    _require_places(source, out, key_path)
    table = None if labels is None else read_labels(Path(labels))
    links = key_path.with_name(f"{key_path.stem}.images.csv")
    with locked_folder(out, "conversion"):
        if (out / MANIFEST).exists():
            raise CohortError(f"{out} holds a cohort already; choose a new folder, or remove it.")
        run = _Run(out / "images", open_key(key_path), options or FromDicomOptions(), table)
        with listed_files(source) as listed:
            run.all_files(listed, progress)
        if not any(row.get("image") for row in run.rows):
            reasons = "; ".join(f"{count} x {reason}" for reason, count in Counter(run.reasons()).most_common(3))
            raise CohortError(f"{source}: no file gave an image ({reasons}).")
        write_csv(out / MANIFEST, run.manifest_rows(out), run.columns())
        write_csv(links, run.links, ("key", "file", "original_patient_id", "reason"))
    used = [row for row in run.rows if not row.get("exclude")]
    return FromDicomResult(
        manifest=out / MANIFEST,
        links=links,
        key_file=key_path,
        files=run.files,
        images=len(used),
        labelled=sum(bool(row.get("label")) for row in used),
        excluded=dict(Counter(run.reasons())),
        unused_labels=() if table is None else table.unused(),
    )


class _Run:
    """Rows and links of a conversion, file by file."""

    def __init__(self, images: Path, key: PseudonymKey, options: FromDicomOptions, labels: LabelTable | None) -> None:
        self.images, self.key, self.options, self.labels = images, key, options, labels
        self.rows: list[Row] = []
        self.links: list[Row] = []
        self.files = 0
        self._keys: set[str] = set()
        self._objects: dict[str, str] = {}

    def all_files(self, listed: Listed, progress: Progress | None) -> None:
        """Convert every file; a file that cannot be used becomes a row with its reason."""
        for name, reason in listed.refused:
            self._exclude(name, "", reason, f"{reason} ({name})")
        for number, path in enumerate(listed.files, start=1):
            name = path.relative_to(listed.root).as_posix() if listed.root in path.parents else path.name
            self._file(path, name)
            if progress is not None:
                progress("Reading DICOM files", number, len(listed.files))
        self.files = len(listed.files) + len(listed.refused)

    def _file(self, path: Path, name: str) -> None:
        try:
            info = read_dicom_info(path)
        except ImageError as error:
            self._exclude(name, "", "not a readable DICOM file", str(error))
            return
        identity = identity_of(info, self.key, taken=self._keys)
        patient = identity.written["patient_id"]
        try:
            require_ultrasound(info, all_modalities=self.options.all_modalities)
        except ImageError as error:
            self._exclude(name, identity.patient, "not an ultrasound picture", str(error), patient=patient)
            return
        if self._is_copy(path, name, identity):
            return
        self._keys.add(identity.written["key"])
        try:
            for row in rows_of_file(path, info, identity, images=self.images, options=self.options):
                self._add(row, name, identity, info.laterality or "")
        except ImageError as error:
            self._exclude(name, identity.patient, "pixels that cannot be read", str(error), patient=patient)

    def _is_copy(self, path: Path, name: str, identity: Identity) -> bool:
        """Whether another file holds the same object; files that share its UID and differ are both kept."""
        uid, digest = identity.stored["sop_instance_uid"], sha256_of_file(path)
        first = self._objects.setdefault(f"{uid} {digest}", name)
        if first == name:
            return False
        self._exclude(
            name, identity.patient, "copy of another file", f"the same object as {first}",
            patient=identity.written["patient_id"],
        )  # fmt: skip
        return True

    def _add(self, row: Row, name: str, identity: Identity, laterality: str) -> None:
        if self.labels is not None and not row.get("exclude"):
            row |= self.labels.cells_for(
                {
                    **{column: (identity.stored[column], identity.written[column]) for column in IDENTIFIERS},
                    "frame": (row["frame"],),
                    "laterality": (laterality,),
                }
            )
        self.rows.append(row)
        self._link(row["key"], name, identity.patient, row.get("exclude_detail", ""))

    def _exclude(self, name: str, stored_patient: str, reason: str, sentence: str, *, patient: str = "unknown") -> None:
        """A row for a file without an image. Its sentence names the file and is therefore in the links only."""
        key = f"file-{len(self.rows) + 1:05d}"
        self.rows.append({"key": key, "patient_id": patient, "exclude": reason})
        self._link(key, name, stored_patient, sentence)

    def _link(self, key: str, name: str, patient: str, reason: str) -> None:
        self.links.append(
            {"key": key, "file": name, "original_patient_id": patient.replace("\0", " "), "reason": reason}
        )

    def reasons(self) -> list[str]:
        """The reasons of exclusion, one per row that is left out."""
        return [row["exclude"] for row in self.rows if row.get("exclude")]

    def columns(self) -> tuple[str, ...]:
        """The columns of the manifest: the fixed ones, then those of the table of labels."""
        brought = dict.fromkeys(name for row in self.rows for name in row if name not in _COLUMNS)
        return (*_COLUMNS, *brought)

    def manifest_rows(self, out: Path) -> Iterable[Row]:
        """The rows with paths relative to the manifest."""
        for row in self.rows:
            paths = {
                name: Path(row[name]).relative_to(out).as_posix() for name in ("image", "elastogram") if row.get(name)
            }
            yield {**row, **paths}


def _require_places(source: Path, out: Path, key_path: Path) -> None:
    inside, key_at = out.resolve(), key_path.resolve()
    if inside in key_at.parents:
        raise CohortError(f"The key {key_path} would lie in the output {out}, and tell who is who; put it elsewhere.")
    if source.is_dir() and (inside == source.resolve() or source.resolve() in inside.parents):
        raise CohortError(f"{out} lies in {source}; choose an output folder apart from the DICOM files.")
