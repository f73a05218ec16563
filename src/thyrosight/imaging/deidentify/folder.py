"""De-identifying a folder: every file in it, with a log, resumable, the originals untouched."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from thyrosight.errors import ImageError, ThyroSightError
from thyrosight.files import make_folder, sha256_of_file, sha256_of_json
from thyrosight.imaging.deidentify.contact_sheet import write_contact_sheets
from thyrosight.imaging.deidentify.files import Deidentified, deidentify_dicom, deidentify_picture
from thyrosight.imaging.deidentify.ledger import Ledger, LedgerEntry, write_action_log
from thyrosight.imaging.deidentify.options import DeidentifyOptions
from thyrosight.imaging.deidentify.pseudonyms import PseudonymKey, open_key
from thyrosight.imaging.dicom.signature import looks_like_dicom
from thyrosight.imaging.reading import IMAGE_SUFFIXES
from thyrosight.progress import Progress

ACTION_LOG = "deidentification.csv"


@dataclass(frozen=True)
class DeidentifyReport:
    """The report of a run.

    Attributes:
        written: files written now; `unchanged` were written by an earlier run and are still as they were.
        unchanged: as above.
        refused: files that were not copied, each with the reason.
        blanked: what was blanked in each file that is there now, in words.
        log: every action, without originals.
        links: from originals to copies; it belongs with the key.
        sheets: the contact sheets.
    """

    written: int
    unchanged: int
    refused: tuple[tuple[Path, str], ...]
    blanked: tuple[tuple[str, str], ...]
    log: Path
    links: Path
    sheets: tuple[Path, ...]


def deidentify(
    source: Path | str,
    out: Path | str,
    *,
    key_file: Path | str,
    options: DeidentifyOptions | None = None,
    contact_sheet: Path | str | None = None,
    progress: Progress | None = None,
) -> DeidentifyReport:
    """Write every DICOM image and picture of a file or folder without identifiers.

    DICOM objects follow the basic profile of DICOM PS3.15 with the chosen options; pictures (PNG, JPEG and others) get
    a new name and blanked pixels. Files that cannot be cleaned (reports, PDFs, videos, damaged files) are not copied
    and are named in the result. A run that was stopped goes on where it was; running it twice changes nothing.

    Args:
        source: a file or folder.
        out: a folder outside `source`.
        key_file: the secret; made where it does not exist. The links between originals and copies are kept beside it.
        options: of the profile; by default nothing that it removes is kept.
        contact_sheet: where to draw every file before and after (.png), outside `out`.
        progress: told how many files are done.

    Raises:
        ImageError: no such source, places that lie in one another, or a file that is no key.
        OutputError: a place cannot be written.
    """
    source, out, key_file = Path(source).resolve(), Path(out).resolve(), Path(key_file).resolve()
    sheet = None if contact_sheet is None else Path(contact_sheet).resolve()
    options = options or DeidentifyOptions()
    _require_apart(source, out, key_file, sheet)
    files = list(_files(source))
    if not files:
        raise ImageError(f"{source} holds no file; name the folder that holds the images.")
    run = _Run(source, make_folder(out), open_key(key_file), options, Ledger(key_file))
    unchanged = 0
    for number, path in enumerate(files, start=1):
        unchanged += run.do(path)
        if progress is not None:
            progress("De-identifying", number, len(files))
    here = set(map(str, files))
    done = [entry for entry in run.ledger.of(out) if entry.source in here]
    write_action_log(run.ledger.of(out), out / ACTION_LOG)
    written = [entry for entry in done if entry.status == "written"]
    sheets = write_contact_sheets(written, out, sheet) if sheet is not None and written else []
    refused = tuple((Path(entry.source), entry.reason) for entry in done if entry.status == "refused")
    return DeidentifyReport(
        len(written) - unchanged,
        unchanged,
        refused,
        tuple((entry.output, _blanked(entry)) for entry in written),
        out / ACTION_LOG,
        run.ledger.path,
        tuple(sheets),
    )


def _blanked(entry: LedgerEntry) -> str:
    """Describe the black areas of a file.

    >>> _blanked(LedgerEntry(source="a", sha256="", folder="", options="", status="written", text=("0,0,9,9",),
    ...                      blanked=0.5, text_share=0.01, frames=65))
    '50.0 % of 65 frames is black; 1 box of text took 1.0 % of what stayed'
    """
    beyond = f"; {entry.left_out} frame(s) beyond the stated number were not copied" if entry.left_out else ""
    if entry.clean_before:
        return f"cleaned by this key before; unchanged{beyond}"
    boxes = f"{len(entry.text)} box{'' if len(entry.text) == 1 else 'es'} of text"
    taken = f"{boxes} took {100 * entry.text_share:.1f} % of what stayed" if entry.text else "no text was found"
    frames = "the picture" if entry.frames == 1 else f"{entry.frames} frames"
    return f"{100 * entry.blanked:.1f} % of {frames} is black; {taken}{beyond}"


@dataclass(frozen=True)
class _Run:
    source: Path
    out: Path
    key: PseudonymKey
    options: DeidentifyOptions
    ledger: Ledger

    def do(self, path: Path) -> bool:
        """De-identify one file, unless an earlier run has done it and nothing changed since; True in that case."""
        choice = sha256_of_json([self.options.model_dump(), self.key.fingerprint()])
        sha256 = sha256_of_file(path)
        known = self.ledger.find(self.out, path)
        if known is not None and (known.sha256, known.options) == (sha256, choice) and self._still_there(known):
            return True
        same = {"source": str(path), "sha256": sha256, "folder": str(self.out), "options": choice}
        try:
            done = self._deidentified(path)
        except ThyroSightError as error:
            self.ledger.add(LedgerEntry(**same, status="refused", reason=str(error)))
            return False
        self.ledger.add(
            LedgerEntry(
                **same,
                status="written",
                output=done.path.as_posix(),
                output_sha256=sha256_of_file(self.out / done.path),
                changes=tuple((change.tag, change.name, change.action) for change in done.changes),
                text=tuple(box.to_text() for box in done.text),
                kept=done.kept,
                blanked=done.blanked,
                text_share=done.text_share,
                frames=done.frames,
                left_out=done.left_out,
                clean_before=done.clean_before,
            )
        )
        return False

    def _still_there(self, entry: LedgerEntry) -> bool:
        path = self.out / entry.output
        return entry.status == "written" and path.is_file() and sha256_of_file(path) == entry.output_sha256

    def _deidentified(self, path: Path) -> Deidentified:
        with path.open("rb") as stream:
            head = stream.read(512)
        if path.name.upper() == "DICOMDIR":
            raise ImageError(f"{path} only lists files and names patients; the files themselves are read without it.")
        if looks_like_dicom(head):
            taken = self.ledger.outputs_of_others(self.out, path)
            return deidentify_dicom(path, self.out, self.key, self.options, taken=taken)
        if path.suffix.lower() in IMAGE_SUFFIXES:
            name = path.relative_to(self.source).as_posix() if path != self.source else path.name
            return deidentify_picture(path, self.out, self.key, self.options, name=name)
        raise ImageError(f"{path} is neither DICOM nor a picture; it is not copied, because nothing here can clean it.")


def _files(source: Path) -> Iterator[Path]:
    """All files below a folder, sorted, without links and hidden ones."""
    if source.is_file():
        yield source
        return
    for folder, names, files in os.walk(source):
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in sorted(files):
            path = Path(folder) / name
            if not name.startswith(".") and not path.is_symlink():
                yield path


def _require_apart(source: Path, out: Path, key_file: Path, sheet: Path | None) -> None:
    """Refuse to write where originals are, or to put secrets where the output is."""
    if not source.exists():
        raise ImageError(f"{source}: no such file or folder; check the path.")
    if out == source or source in out.parents or (out in source.parents) or out == source.parent:
        raise ImageError(f"{out} and {source} lie in one another; choose an output folder apart from the originals.")
    for path, what in ((key_file, "The key file"), (sheet, "The contact sheet")):
        if path is not None and (out in path.parents or path == out):
            raise ImageError(f"{what} {path} would lie in the output folder, and tell who is who; put it elsewhere.")
