"""Near-duplicates: copies of a frame, and frames so similar that they must come from one examination."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final, Literal

import scipy

from thyrosight.cohort.candidates import Candidate, candidates
from thyrosight.cohort.columns import UNKNOWN
from thyrosight.cohort.contradictions import Contradiction, find_contradictions
from thyrosight.cohort.fingerprints import Fingerprint, fingerprint
from thyrosight.cohort.linking import linked
from thyrosight.cohort.similarity import Similarity, similarity
from thyrosight.cohort.table import Cohort
from thyrosight.cohort.threads import in_threads
from thyrosight.errors import ImageError
from thyrosight.imaging import read_frame
from thyrosight.progress import Progress

LINK_SHARE: Final = 0.2
"""Share of matching blocks from which two frames are linked into one group."""
SAME_SHARE: Final = 0.8
SAME_CLOSENESS: Final = 0.88
"""Share of matching blocks, and their median correlation, from which two frames count as copies."""

Kind = Literal["same frame", "same view"]


@dataclass(frozen=True)
class DuplicatePair:
    """Two images that show the same frame, or the same view a moment later.

    Attributes:
        first, second: keys.
        share: share of matching blocks, 0 to 1.
        closeness: their median correlation.
        mirrored: whether one is the mirror image of the other.
    """

    first: str
    second: str
    share: float
    closeness: float
    mirrored: bool = False

    @property
    def kind(self) -> Kind:
        """`same frame` for a copy, `same view` for another frame of the same scene."""
        return "same frame" if self.share >= SAME_SHARE and self.closeness >= SAME_CLOSENESS else "same view"


@dataclass(frozen=True, eq=False)
class DuplicateGroups:
    """Near-duplicates among the images of a cohort.

    Attributes:
        keys, patients, labels: keys, patients and labels of the images compared: the rows of the cohort's table, then
            the images that were left out of it (with another label or ""), which also show that two patients are one.
        used: number of these images that are rows of the table.
        pairs: linked pairs, most similar first. Pairs that follow from others may be missing.
        contradictions: frames of the table whose copies carry different labels.
    """

    keys: tuple[str, ...]
    patients: tuple[str, ...]
    labels: tuple[str, ...]
    used: int
    pairs: tuple[DuplicatePair, ...]
    contradictions: tuple[Contradiction, ...] = ()

    @cached_property
    def links(self) -> list[tuple[int, int]]:
        """The pairs as positions."""
        return self._positions(self.pairs)

    @cached_property
    def groups(self) -> list[int]:
        """Number of the group of near-duplicates (copies and same views) of each row of the table."""
        return [int(number) for number in linked(len(self.keys), self.links)[: self.used]]

    @cached_property
    def frames(self) -> list[int]:
        """Number of the distinct frame of each image compared."""
        copies = self._positions(pair for pair in self.pairs if pair.kind == "same frame")
        return [int(number) for number in linked(len(self.keys), copies)]

    @property
    def distinct_frames(self) -> int:
        """How many different frames the rows of the table show."""
        return len(set(self.frames[: self.used]))

    @cached_property
    def merged_cases(self) -> tuple[tuple[str, ...], ...]:
        """Known patients that share near-duplicates and are therefore in one group: one tuple per set of patients."""
        names = [name for name in dict.fromkeys(self.patients) if name != UNKNOWN]
        position = {name: number for number, name in enumerate(names)}
        pairs = [(self.patients[a], self.patients[b]) for a, b in self.links]
        joined = [(position[a], position[b]) for a, b in pairs if UNKNOWN not in (a, b)]
        sets: dict[int, list[str]] = {}
        for name, number in zip(names, linked(len(names), joined).tolist(), strict=True):
            sets.setdefault(number, []).append(name)
        return tuple(tuple(members) for members in sets.values() if len(members) > 1)

    def _positions(self, pairs: Iterable[DuplicatePair]) -> list[tuple[int, int]]:
        position = {key: number for number, key in enumerate(self.keys)}
        return [(position[pair.first], position[pair.second]) for pair in pairs]


def find_duplicates(cohort: Cohort, *, progress: Progress | None = None) -> DuplicateGroups:
    """Find copies and same views among all images of a cohort, across case numbers, folders and labels.

    Frames are compared by texture inside the scan area, so that compression, rescaling, brightness, contrast, gamma,
    other callipers, cropping by up to a sixth of a side and mirroring do not hide a copy.

    Raises:
        ImageError: an image of the cohort cannot be read.
    """
    out = cohort.left_out
    keys = (*cohort.table["key"], *out["key"])
    prints = _fingerprints((*cohort.table["image"], *out["image"]), optional_from=len(cohort), progress=progress)
    read = [number for number, found in enumerate(prints) if found is not None]
    known = [found for found in prints if found is not None]
    names = [keys[number] for number in read]
    patients = (*cohort.table["patient_id"], *out["patient_id"])
    labels = (*cohort.table["label"], *out["label"])
    found = DuplicateGroups(
        keys=tuple(names),
        patients=tuple(str(patients[number]) for number in read),
        labels=tuple(str(labels[number]) for number in read),
        used=len(cohort),
        pairs=tuple(_pairs(known, candidates(known), names, progress)),
    )
    return replace(found, contradictions=find_contradictions(cohort.table, found.keys, found.labels, found.frames))


def find_duplicates_between(
    first: Cohort, second: Cohort, *, progress: Progress | None = None
) -> tuple[DuplicatePair, ...]:
    """Find images that two cohorts share; a pair holds the keys in the first and the second cohort.

    Raises:
        ImageError: an image cannot be read.
    """
    one = [found for found in _fingerprints(tuple(first.table["image"]), progress=progress) if found is not None]
    two = [found for found in _fingerprints(tuple(second.table["image"]), progress=progress) if found is not None]
    names = [*first.table["key"], *second.table["key"]]
    found = candidates(one, two)
    in_order = []
    for pair in _pairs([*one, *two], found, [str(number) for number in range(len(names))], progress):
        low, high = sorted((int(pair.first), int(pair.second)))
        in_order.append(DuplicatePair(names[low], names[high], pair.share, pair.closeness, pair.mirrored))
    return tuple(in_order)


def _fingerprints(
    images: Sequence[str], *, optional_from: int | None = None, progress: Progress | None
) -> list[Fingerprint | None]:
    """Fingerprints in order; None for an unreadable image from position `optional_from` on."""
    first_optional = len(images) if optional_from is None else optional_from

    def one(number: int) -> Fingerprint | None:
        try:
            return _fingerprint_of(images[number])
        except ImageError:
            if number >= first_optional:
                return None
            raise

    return in_threads(one, range(len(images)), "Reading images", progress)


def _fingerprint_of(image: str) -> Fingerprint:
    """The fingerprint of a file, computed again only if it changed: a study asks for its cohort alone, then beside each
    external set."""
    try:
        state = Path(image).stat()
    except OSError:
        return fingerprint(read_frame(Path(image)).pixels)  # says why it cannot be read
    return _fingerprint_as_it_was(image, state.st_size, state.st_mtime_ns, state.st_ino)


@lru_cache(maxsize=2048)  # of 60 KB each
def _fingerprint_as_it_was(image: str, size: int, changed: int, inode: int) -> Fingerprint:
    return fingerprint(read_frame(Path(image)).pixels)


_AT_ONCE: Final = 256  # candidates compared before copies among them make others superfluous; fixed, so that runs agree


def _pairs(
    prints: Sequence[Fingerprint], found: Sequence[Candidate], names: Sequence[str], progress: Progress | None
) -> list[DuplicatePair]:
    """Compare the candidates closely, except pairs that are already known to be copies through others."""

    def compare(candidate: Candidate) -> Similarity:
        one, two = prints[candidate.first].texture, prints[candidate.second].texture
        return similarity(one, two, candidate.part(prints))

    copies = scipy.cluster.hierarchy.DisjointSet(range(len(prints)))
    pairs: list[DuplicatePair] = []
    for start in range(0, len(found), _AT_ONCE):
        open_ = [c for c in found[start : start + _AT_ONCE] if not copies.connected(c.first, c.second)]
        for candidate, alike in zip(open_, in_threads(compare, open_), strict=True):
            if alike.share < LINK_SHARE:
                continue
            first, second = sorted((candidate.first, candidate.second))
            pair = DuplicatePair(names[first], names[second], alike.share, alike.closeness, candidate.mirrored)
            if pair.kind == "same frame":
                copies.merge(first, second)
            pairs.append(pair)
        if progress is not None:
            progress("Comparing likely duplicates", min(start + _AT_ONCE, len(found)), len(found))
    return sorted(pairs, key=lambda pair: (-pair.share, -pair.closeness))
