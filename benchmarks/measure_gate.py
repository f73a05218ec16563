"""How many images the quality flags catch: things that are no thyroid, and thyroids of collections never learnt from.

    python benchmarks/measure_gate.py FINDER DATA PACKS [KIND ...]

FINDER is a bundle that outlines (`default-finder` is the one that comes along), DATA the folder of the collections,
PACKS that of the packed ones, which know groups and folds. Of BUSI and DDTI the fold left out of training is shown; of
DDTI it gave the limit too, so that its row is no test. Three columns: the flag by the network's features, it or
"colour" or "not like ultrasound", and any flag; each with a 95 % interval over groups.
"""

import csv
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thyrosight.default_models.pack import load
from thyrosight.imaging import Frame, read_frame
from thyrosight.inference import Request, Segmentation, Segmenter, load_bundle
from thyrosight.inference.familiarity import UNLIKE
from thyrosight.phantoms import make_elastography_cohort, make_lymph_node_cohort, make_phantom_cohort
from thyrosight.statistics import gee_proportion

FOLD = 0
"""Left out of the training of the default models."""

OTHER_THAN_ULTRASOUND = {"colour", "not like ultrasound"}
_EVERY = 3  # of the frames of a sweep
_PHANTOMS, _SEED = 60, 11

Shown = tuple[Request, str]
"""An image, and its group."""


def nodes(data: Path, *, doppler: bool) -> Iterator[Shown]:
    """Lymph nodes of the neck in B-mode or in Doppler."""
    for row in rows(data / "lymph_nodes/cohort.csv"):
        if (row["colour_doppler"] == "1") == doppler:
            yield Request(data / "lymph_nodes" / row["image"]), row["near_duplicate_group"]


def breasts(data: Path, packs: Path) -> Iterator[Shown]:
    """BUSI, the fold left out."""
    for key, group in left_out(packs / "busi.npz"):
        kind, _, name = key.partition("/")
        yield Request(next((data / "busi" / kind).glob(f"{name}.*"))), group


def ddti(data: Path, packs: Path) -> Iterator[Shown]:
    """DDTI, the fold left out."""
    for key, group in left_out(packs / "ddti.npz"):
        yield Request(data / "ddti" / f"{key}.a.jpg"), group


def left_out(pack: Path) -> Iterator[tuple[str, str]]:
    """Keys and groups of the fold left out."""
    loaded = load(pack)
    for row in np.flatnonzero(loaded.fold == FOLD):
        yield str(loaded.key[row]), str(loaded.group[row])


def tn5000(data: Path, packs: Path) -> Iterator[Shown]:
    """TN5000, part valid."""
    pack = load(packs / "tn5000.npz")
    for key, note, group in zip(pack.key, pack.note, pack.group, strict=True):
        if str(note).startswith("part=valid"):
            yield Request(data / f"tn5000/images/{key}.jpg"), str(group)


def web(data: Path, packs: Path) -> Iterator[Shown]:
    """Teaching files."""
    pack = load(packs / "thyroid_web.npz")
    for key, group in zip(pack.key, pack.group, strict=True):
        kind, _, name = str(key).partition("/")
        yield Request(next((data / "thyroid_web" / kind).glob(f"{name}.*"))), str(group)


def sweeps(data: Path) -> Iterator[Shown]:
    """Every third frame of the sweeps."""
    for row in rows(data / "thyroid_cine/frames.csv")[::_EVERY]:
        yield Request(data / "thyroid_cine" / row["image"]), row["group"]


def glands(data: Path) -> Iterator[Shown]:
    """Every third frame of thyroid_gland; frames of one video share the first part of their names."""
    for file in sorted((data / "thyroid_gland/images").iterdir())[::_EVERY]:
        yield Request(file), file.stem.partition("_")[0]


def files_of(folder: Path) -> Iterator[Shown]:
    """Every picture of a folder, each a group of its own."""
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() in {".jpg", ".png"}:
            yield Request(file), file.stem.partition("_")[0]


def power_doppler(data: Path) -> Iterator[Shown]:
    """One sweep: its interval over groups cannot be had, so every frame counts as one."""
    for file in sorted((data / "power_doppler").iterdir()):
        yield Request(file), file.name


def dicom() -> Iterator[Shown]:
    """Ultrasound of other organs that comes with pydicom-data; fifteen frames are of one loop of the heart."""
    import data_store

    folder = Path(data_store.__file__).parent / "data"
    for name in ("JPGLosslessP14SV1_1s_1f_8b", "OBXXXX1A", "US1_UNCR", "color-pl", "color-px", "gdcm-US-ALOKA-16"):
        yield Request(folder / f"{name}.dcm"), name
    for number in range(0, 120, 8):
        yield Request(folder / "color3d_jpeg_baseline.dcm", frame=number), "heart"


def photographs() -> Iterator[Shown]:
    """Photographs, drawings and scans of print that come with scikit-image, scikit-learn and matplotlib."""
    import matplotlib
    import skimage.data
    import sklearn.datasets

    folders = [
        Path(skimage.data.__file__).parent,
        Path(sklearn.datasets.__file__).parent / "images",
        Path(matplotlib.get_data_path()) / "sample_data",
    ]
    for folder in folders:
        for file in sorted(folder.iterdir()):
            if file.suffix in {".png", ".jpg"}:
                yield Request(file), file.name


def phantoms() -> Iterator[Shown]:
    """Simulated thyroids, lymph nodes and elastograms of another seed than those that were learnt from."""
    with tempfile.TemporaryDirectory() as name:
        for kind, make in (
            ("thyroids", make_phantom_cohort),
            ("nodes", make_lymph_node_cohort),
            ("elastograms", make_elastography_cohort),
        ):
            folder = make(Path(name) / kind, n=_PHANTOMS, seed=_SEED).parent
            for file in sorted((folder / ("frames" if kind == "elastograms" else "images")).iterdir()):
                yield Request(_in_memory(file)), f"{kind} {file.stem.partition('_')[0]}"


def _in_memory(file: Path) -> Frame:
    return read_frame(file)


def rows(table: Path) -> list[dict[str, str]]:
    """The rows of a table."""
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def line(name: str, flags: list[set[str]], groups: list[str]) -> str:
    """One row of the table."""
    raised = (
        [UNLIKE in one for one in flags],
        [bool(one & {UNLIKE, *OTHER_THAN_ULTRASOUND}) for one in flags],
        [bool(one) for one in flags],
    )
    shares = [share(np.array(column), groups) for column in raised]
    return f"| {name} | {len(flags)} ({len(set(groups))}) | {' | '.join(shares)} |"


def share(raised: NDArray[np.bool_], groups: list[str]) -> str:
    """A share in per cent with its interval."""
    found = gee_proportion(raised.astype(np.int64), groups)
    return f"{found.value:.0%} ({found.low:.0%} to {found.high:.0%})"


def main(finder: str, data_folder: str, packs_folder: str, *names: str) -> None:
    """Print the table."""
    data, packs = Path(data_folder), Path(packs_folder)
    kinds: dict[str, Callable[[], Iterator[Shown]]] = {
        "lymph nodes, B-mode": lambda: nodes(data, doppler=False),
        "lymph nodes, Doppler": lambda: nodes(data, doppler=True),
        "breast, fold left out": lambda: breasts(data, packs),
        "power Doppler of the thyroid": lambda: power_doppler(data),
        "other ultrasound (pydicom-data)": dicom,
        "photographs and drawings": photographs,
        "phantoms": phantoms,
        "thyroid: tn5000, part valid": lambda: tn5000(data, packs),
        "thyroid: ddti, fold left out": lambda: ddti(data, packs),
        "thyroid: ddti_published": lambda: files_of(data / "ddti_published"),
        "thyroid: thyroid_web": lambda: web(data, packs),
        "thyroid: thyroid_cine": lambda: sweeps(data),
        "thyroid: thyroid_gland": lambda: glands(data),
    }
    segmenter = Segmenter(load_bundle(finder))
    print(f"model {segmenter.bundle.hash[:12]}: {segmenter.bundle.title}")
    print("| kind | n (groups) | by features | or colour, or not like ultrasound | any flag |\n|---|---|---|---|---|")
    for name, shown in kinds.items():
        if names and not any(part in name for part in names):
            continue
        images = list(shown())
        found = list(segmenter.segment_many([request for request, _ in images]))
        kept = [(one, group) for one, (_, group) in zip(found, images, strict=True) if isinstance(one, Segmentation)]
        print(line(name, [set(one.quality_flags) for one, _ in kept], [group for _, group in kept]), flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
