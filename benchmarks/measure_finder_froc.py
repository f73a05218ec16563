"""How many nodules the finder finds at how many false marks: `python benchmarks/measure_finder_froc.py DATA OUT`.

Draws 100 outlined frames of the folder `thyroid_cine` of DATA (at most three of a sweep) and 50 pictures of its
`lymph_nodes` (one of each set of near-duplicates), neither of which trained the finder, and writes `marks.csv` (the
finder's, with its confidence) and `lesions.csv` into OUT for `thyrosight stats froc`. Seeds are fixed.
"""

import argparse
from pathlib import Path

import pandas as pd

from thyrosight.files import write_csv
from thyrosight.imaging import nodule_boxes, read_frame, read_mask
from thyrosight.inference import Refusal, Segmenter, load_bundle
from thyrosight.inference.shipped import shipped_model

_OF_SWEEP, _FRAMES, _NODES = 3, 100, 50


def _sweeps(data: Path) -> list[dict[str, str]]:
    """Frames with their lesions: every nodule that any mask of the same picture outlines."""
    table = pd.read_csv(data / "frames.csv").dropna(subset=["mask"]).sample(frac=1, random_state=0)
    of_picture: dict[bytes, list[tuple[str, str, str]]] = {}
    for row in table.itertuples():
        picture = read_frame(data / row.image).grey().tobytes()
        of_picture.setdefault(picture, []).append((row.image, row.mask, f"sweep {row.group}"))
    rows, taken = [], {}
    for same in of_picture.values():
        image, _, sweep = same[0]
        frame = read_frame(data / image)
        shape = frame.rows, frame.columns
        boxes = [box for _, mask, _ in same for box in nodule_boxes(read_mask(data / mask, shape=shape))]
        if not boxes or taken.get(sweep, 0) == _OF_SWEEP or sum(taken.values()) == _FRAMES:
            continue
        taken[sweep] = taken.get(sweep, 0) + 1
        shared = {"case": str(data / image), "patient_id": sweep}
        for number, box in enumerate(dict.fromkeys(boxes), start=1):
            rows.append(shared | {"lesion": str(number), "box": box.to_text()})
    return rows


def _nodes(data: Path) -> list[dict[str, str]]:
    table = pd.read_csv(data / "cohort.csv").drop_duplicates("near_duplicate_group").sample(_NODES, random_state=0)
    return [
        {"case": str(data / row.image), "patient_id": f"node {row.near_duplicate_group}"} for row in table.itertuples()
    ]


def main() -> None:
    """Draw the pictures, run the finder, write both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    lesions = _sweeps(arguments.data / "thyroid_cine") + _nodes(arguments.data / "lymph_nodes")
    images = list(dict.fromkeys(row["case"] for row in lesions))
    segmenter = Segmenter(load_bundle(shipped_model("default-finder")))
    marks = []
    for image, found in zip(images, segmenter.segment_many(images), strict=True):
        if isinstance(found, Refusal):
            raise SystemExit(found.reason)
        marks += [{"case": image, "box": one.box.to_text(), "confidence": one.probability} for one in found.lesions]
    arguments.out.mkdir(parents=True, exist_ok=True)
    write_csv(arguments.out / "marks.csv", marks, ("case", "box", "confidence"))
    write_csv(arguments.out / "lesions.csv", lesions, ("case", "patient_id", "lesion", "box"))
    print(f"{len(images)} images, {len(marks)} marks")


if __name__ == "__main__":
    main()
