"""The ledger of files and actions. It links originals to pseudonyms, so it is kept beside the key."""

import os
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from thyrosight.files import make_folder, output_error, write_csv


class LedgerEntry(BaseModel):
    """One original and its copy.

    Attributes:
        source: the original, as an absolute path.
        sha256: of the original.
        folder: the output folder, as an absolute path.
        options: digest of the options.
        status: written, or refused with the reason.
        output: relative to the folder; "" where refused.
        output_sha256: of the output; "" where refused.
        reason: why it was refused.
        changes: tag, name and action of every changed attribute.
        text: boxes of blanked text.
        kept: the part around them that stayed.
        blanked: share of the frame that is black now.
        text_share: share of the part that stayed which text took away.
        frames: how many.
        left_out: frames beyond the number that the original states; they are not copied.
        clean_before: whether this key had cleaned the pixels before.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    sha256: str
    folder: str
    options: str
    status: Literal["written", "refused"]
    output: str = ""
    output_sha256: str = ""
    reason: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()
    text: tuple[str, ...] = ()
    kept: str = ""
    blanked: float = 0.0
    text_share: float = 0.0
    frames: int = 0
    left_out: int = 0
    clean_before: bool = False


class Ledger:
    """Entries of all runs with one key, one line of JSON each, written as soon as a file is done."""

    def __init__(self, key_file: Path) -> None:
        self.path = key_file.with_name(f"{key_file.stem}.links.jsonl")
        self._entries: dict[tuple[str, str], LedgerEntry] = {}
        self._makers: dict[tuple[str, str], str] = {}  # the original of each output of each folder
        if self.path.is_file():
            for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
                self._take(line)

    def _take(self, line: str) -> None:
        """A line that was cut short when the machine stopped is passed over: that file is done again."""
        try:
            entry = LedgerEntry.model_validate_json(line)
        except ValidationError:
            return
        self._keep(entry)

    def _keep(self, entry: LedgerEntry) -> None:
        self._entries[(entry.folder, entry.source)] = entry
        if entry.output:
            self._makers[(entry.folder, entry.output)] = entry.source

    def add(self, entry: LedgerEntry) -> None:
        """Record one file, for good."""
        self._keep(entry)
        make_folder(self.path.parent)
        new = not self.path.exists()
        try:
            with self.path.open("a", encoding="utf-8", newline="\n") as stream:
                stream.write(entry.model_dump_json() + "\n")
                stream.flush()
                os.fsync(stream.fileno())
            if new:
                self.path.chmod(0o600)
        except OSError as error:
            raise output_error(self.path, error) from error

    def find(self, folder: Path, source: Path) -> LedgerEntry | None:
        """The last entry of an original for one output folder."""
        return self._entries.get((str(folder), str(source)))

    def outputs_of_others(self, folder: Path, source: Path) -> "Taken":
        """The outputs in a folder that belong to other originals than `source`."""
        return Taken(self._makers, str(folder), str(source))

    def of(self, folder: Path) -> list[LedgerEntry]:
        """All entries for one output folder, by the name of the original."""
        return sorted((one for (at, _), one in self._entries.items() if at == str(folder)), key=lambda one: one.source)


@dataclass(frozen=True)
class Taken(Container[str]):
    """Whether an output belongs to another original; a view, because a ledger may hold many entries."""

    makers: Mapping[tuple[str, str], str]
    folder: str
    source: str

    def __contains__(self, output: object) -> bool:
        return self.makers.get((self.folder, str(output)), self.source) != self.source


def write_action_log(entries: Iterable[LedgerEntry], path: Path) -> None:
    """Every action on every output as CSV; it names no original and holds no value, so it may go with the data."""
    rows: list[tuple[str, ...]] = []
    for entry in entries:
        if entry.status == "refused":
            continue
        rows += [(entry.output, "attribute", tag, name, action) for tag, name, action in entry.changes]
        rows += [(entry.output, "pixels", box, "text", f"blanked in {entry.frames} frame(s)") for box in entry.text]
        if entry.left_out:
            words = f"{entry.left_out} frame(s) beyond the stated number"
            rows.append((entry.output, "pixels", "frames", words, "not copied"))
        if entry.text:
            taken = f"{len(entry.text)} boxes of text, {entry.text_share:.4f} of the part that stays"
            rows.append((entry.output, "pixels", "all text", taken, f"blanked in {entry.frames} frame(s)"))
        if entry.clean_before:
            rows.append((entry.output, "pixels", "", "", "cleaned by this key before; unchanged"))
        elif entry.kept:
            rows.append((entry.output, "pixels", "outside", entry.kept, f"blanked; {entry.blanked:.4f} of the frame"))
    columns = ("file", "what", "where", "name", "action")
    write_csv(path, (dict(zip(columns, row, strict=True)) for row in rows), columns)
