"""From the folders, tables and DICOMweb archives that a user names to rows of the work list, one after the other."""

import glob
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thyrosight.errors import ImageError, ThyroSightWarning
from thyrosight.inference.inputs import find_images, pictures_below
from thyrosight.progress import Progress, silent
from thyrosight.tables import is_missing, of_length, open_rows, require_different

if TYPE_CHECKING:
    from thyrosight.pacs import DicomWeb

WorkRow = dict[str, str]
"""Cells of the work list by column; a missing one is empty."""
COLUMNS = ("image", "box", "frame", "elastogram", "found", "study", "series", "instance")
"""Columns of every work list. `found` is "yes" for images that were there when the list was made, as those in folders
are; the last three name an object of a DICOMweb archive."""
GIVEN = "given_"
"""Before the names of columns that are kept from a table, so that they hide no result."""
_TABLES = frozenset({".csv", ".parquet"})
_MODALITY = "US"


def is_url(source: str) -> bool:
    """Whether a source is the address of a DICOMweb archive."""
    return source.lower().startswith(("http://", "https://"))


def list_rows(
    sources: Sequence[str], *, match: Sequence[str] = (), keep: Sequence[str] = (), progress: Progress = silent
) -> Iterator[WorkRow]:
    """The rows of a work list, in an order that depends on the sources alone.

    Args:
        sources: folders, files and patterns of images; tables (CSV, Parquet, or a folder of Parquet files) with the
            column `image`, and perhaps `box`, `frame` and `elastogram`, whose paths are relative to the table; or
            addresses of DICOMweb archives.
        match: `KEYWORD=VALUE` pairs that the studies of a DICOMweb archive must have; `Modality=` is that of the
            objects to take, without it ultrasound.
        keep: columns of tables, or attributes of DICOMweb objects, to repeat in the results.
        progress: called as an archive's studies are listed.

    Raises:
        ImageError: a source stands for no image, or a table cannot be read or lacks a column.
        DicomError: an archive cannot be reached or refuses.
    """
    if match and not any(map(is_url, sources)):
        raise ImageError("--match selects studies of a DICOMweb archive; name its address in place of a folder.")
    for source in sources:
        if is_url(source):
            yield from _objects(source, match, keep, progress)
        elif _is_table(Path(source)):
            yield from _table_rows(Path(source), keep)
        else:
            yield from _files(source, keep)


def _is_table(path: Path) -> bool:
    if path.is_dir():
        return next(path.glob("*.parquet"), None) is not None
    return path.suffix.lower() in _TABLES


def _files(source: str, keep: Sequence[str]) -> Iterator[WorkRow]:
    if keep:
        raise ImageError(f"{source}: images in folders have no columns to keep; name a table that lists them.")
    path = Path(source).expanduser()
    if not path.exists() and not glob.has_magic(source):
        raise ImageError(f"{source} does not exist; check the path.")
    count = 0
    if path.is_dir():
        for image in pictures_below(path.absolute()):
            count += 1
            yield {"image": _name(image), "found": "yes"}
    if not count:
        images, refusals = find_images([source])
        if refusals:
            raise ImageError(refusals[0].reason)
        yield from ({"image": _name(image.absolute())} for image in images)


def _name(path: Path) -> str:
    """The name of a file in UTF-8; one that was written in another encoding names no file then, and is refused."""
    return str(path).encode("utf-8", "replace").decode("utf-8")


def _table_rows(table: Path, keep: Sequence[str]) -> Iterator[WorkRow]:
    folder = (table if table.is_dir() else table.parent).absolute()
    for row in _read_csv(table, keep) if table.suffix.lower() == ".csv" else _read_parquet(table, keep):
        for column in ("image", "elastogram"):
            if row.get(column):
                row[column] = str(folder / row[column])
        yield row


def _read_csv(table: Path, keep: Sequence[str]) -> Iterator[WorkRow]:
    with open_rows(table, error=ImageError) as (_, notes, rows):
        for note in notes:
            warnings.warn(ThyroSightWarning(note), stacklevel=2)
        _, header = next(rows, (0, ()))
        require_different(header, table, ImageError)
        wanted = _wanted(table, header, keep)
        for number, row in rows:
            whole = of_length(row, header, where=f"{table}, row {number}", error=ImageError, short=True)
            cells = dict(zip(header, whole, strict=True))
            yield _filled({name: cells[column] for column, name in wanted.items()})


def _read_parquet(table: Path, keep: Sequence[str]) -> Iterator[WorkRow]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    for path in sorted(table.glob("*.parquet")) if table.is_dir() else [table]:
        try:
            with pq.ParquetFile(path) as file:
                wanted = _wanted(path, file.schema_arrow.names, keep)
                for batch in file.iter_batches(batch_size=10_000, columns=list(wanted)):
                    for row in batch.to_pylist():
                        yield _filled({name: row[column] for column, name in wanted.items()})
        except (OSError, pa.ArrowException) as error:
            raise ImageError(f"{path}: cannot be read as a Parquet table ({error}); check the file.") from error


def _wanted(table: Path, columns: Sequence[str], keep: Sequence[str]) -> dict[str, str]:
    """The columns to read, with their names in the work list.

    Raises:
        ImageError: one is missing.
    """
    for column in ("image", *keep):
        if column not in columns:
            raise ImageError(f"{table}: the column {column!r} is missing; it has {', '.join(map(str, columns))}.")
    own = {column: column for column in COLUMNS[:4] if column in columns}
    return own | {column: GIVEN + column for column in keep}


def _filled(cells: Mapping[str, Any]) -> WorkRow:
    """Cells as text, without those that are empty."""
    texts = ((name, _text(value)) for name, value in cells.items())
    return {name: text for name, text in texts if text and (name.startswith(GIVEN) or not is_missing(text))}


def _text(value: Any) -> str:
    """A cell of a table as text.

    >>> _text(3.0), _text([1, 2, 30, 40]), _text(None), _text(float("nan")), _text(" a ")
    ('3', '1,2,30,40', '', '', 'a')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _objects(url: str, match: Sequence[str], keep: Sequence[str], progress: Progress) -> Iterator[WorkRow]:
    """The ultrasound objects of the studies that match, sorted by their identifiers."""
    from thyrosight.imaging.dicom.elements import tags_of
    from thyrosight.pacs import DicomWeb
    from thyrosight.pacs.dicomweb import login_from_environment, value
    from thyrosight.pacs.uids import require_uid

    unknown = next((keyword for keyword in keep if not tags_of(keyword)), None)
    if unknown:
        raise ImageError(f"{unknown!r} is no DICOM keyword to keep; write it as PatientID or StudyDate is written.")
    filters = _filters(match)
    modality = filters.pop("Modality", _MODALITY)
    archive = DicomWeb(url, login=login_from_environment())
    found = archive.search("studies", filters=filters, most=_MOST)
    studies = sorted({require_uid(value(one, "StudyInstanceUID"), f"{url}: a Study Instance UID") for one in found})
    count = 0
    for number, study in enumerate(studies, start=1):
        for row in _objects_of(archive, study, modality, keep):
            count += 1
            yield row
        progress("Listing studies", number, len(studies))
    if not count:
        raise ImageError(f"{url}: no study that matches {', '.join(match)} holds objects of modality {modality}.")


_MOST = 100_000_000
"""Studies of a search; their identifiers fit in memory."""


def _filters(match: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in match]
    if not pairs or any(not (name and equals and wanted) for name, equals, wanted in pairs):
        raise ImageError("Say what to assess: --match KEYWORD=VALUE, for example --match StudyDate=20260101-20260131.")
    return {name: wanted for name, _, wanted in pairs}


def _objects_of(archive: "DicomWeb", study: str, modality: str, keep: Sequence[str]) -> list[WorkRow]:
    from thyrosight.pacs.dicomweb import value
    from thyrosight.pacs.uids import require_uid

    fields = ("SeriesInstanceUID", "Modality", *keep)
    rows = []
    for item in archive.search("instances", study=study, fields=fields):
        if value(item, "Modality") not in (modality, ""):  # reports, segmentations and pictures of results
            continue
        uids = {
            name: require_uid(value(item, keyword), f"{archive.url}: {keyword} of a search result")
            for name, keyword in (("series", "SeriesInstanceUID"), ("instance", "SOPInstanceUID"))
        }
        image = f"{archive.url}/studies/{study}/series/{uids['series']}/instances/{uids['instance']}"
        given = {GIVEN + keyword: value(item, keyword) for keyword in keep}
        rows.append(_filled({"image": image, "study": study, **uids, **given}))
    return sorted(rows, key=lambda row: row["image"])
