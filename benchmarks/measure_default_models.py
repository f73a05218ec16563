"""Measure the models that come with the package, as a user meets them: files in, no box and no model named.

    python benchmarks/measure_default_models.py DATA OUT.json [--only NAME,NAME] [--risk BUNDLE] [--finder BUNDLE]

DATA holds the collections as `docs/explanation/default-models.md` says. The risk of an image is that of its largest
find. Rows that OUT.json holds for the same models and other measurements stay. Frames and groups are kept in
OUT.cases.json, since looking for near-duplicates takes minutes. Measurements are the keys of `MEASUREMENTS`.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from default_models.pack import TESTING_ONLY
from default_models.shortcuts import TRIALS
from numpy.typing import NDArray

from thyrosight.assessing import assess
from thyrosight.default_models.collections import frames_of, with_near_duplicates
from thyrosight.default_models.pack import Item, folds
from thyrosight.files import write_json
from thyrosight.imaging import Box, Frame, nodule_boxes, read_frame, read_mask
from thyrosight.inference import Bundle, Refusal, Request, Segmentation, Segmenter, load_bundle
from thyrosight.inference.shipped import FINDER, RISK, Measured
from thyrosight.statistics import (
    Estimate,
    auc,
    calibration_error,
    calibration_slope,
    compare_auc,
    fit_calibrator,
    gee_proportion,
    mean_interval,
)

FOUND_FROM = 0.3
"""A nodule counts as found from this intersection over union with a find."""
_FOLDS = 5


@dataclass(frozen=True)
class Case:
    """A frame with what is known of it."""

    key: str
    image: str
    masks: list[str]
    label: int
    group: str
    note: dict[str, str]


@dataclass(frozen=True, eq=False)
class Setting:
    """The two models that are measured, and the places of the frames."""

    data: Path
    cases: Path
    judge: Bundle
    finder: Bundle

    def of(self, name: str) -> list[Case]:
        """The frames of a collection; TN5000 by part: `tn5000 fold` (left out of training) and `tn5000 valid`."""
        collection, _, part = name.partition(" ")
        known = json.loads(self.cases.read_text(encoding="utf-8")) if self.cases.is_file() else {}
        if collection not in known:
            found = _frames(self.data, collection)
            known[collection] = [
                asdict(Case(i.key, str(i.image), [str(m) for m in i.masks], i.label, i.group or i.key, i.note))
                for i in found
            ]
            write_json(self.cases, known)
        cases = [Case(**row) for row in known[collection]]
        if part == "valid":
            return [case for case in cases if case.note["part"] == "valid"]
        if part == "fold":
            left_out = folds(np.array([case.group for case in cases])) == 0
            return [c for c, out in zip(cases, left_out, strict=True) if out and c.note.get("part", "train") == "train"]
        return cases


def _frames(data: Path, name: str) -> list[Item]:
    """The frames of a collection, near-duplicates in one group."""
    return (
        TESTING_ONLY[name](data) if name in TESTING_ONLY else with_near_duplicates(frames_of(data, name), data / name)
    )


@dataclass(frozen=True, eq=False)
class Judged:
    """Risks of frames with known labels."""

    truth: NDArray[np.int64]
    probability: NDArray[np.float64]
    risk: NDArray[np.float64]
    group: "NDArray[np.str_]"
    none: NDArray[np.bool_]

    @property
    def clusters(self) -> int:
        return len(set(self.group))


def judged(setting: Setting, cases: Sequence[Case], requests: Sequence[Request | str] | None = None) -> Judged:
    """The risk of each frame: that of its largest find, or of the whole scan area where nothing is found."""
    asked = [Request(case.image, place=place) for place, case in enumerate(cases)] if requests is None else requests
    found = assess(asked, model=setting.judge, segmenter=setting.finder)
    if found.refusals:
        raise SystemExit(f"Refused: {found.refusals[0].reason}")
    first: dict[str, Any] = {}
    for one in found:
        first.setdefault(one.image, one)
    names = [request.name if isinstance(request, Request) else request for request in asked]
    answers = [first[name] for name in names]
    return Judged(
        np.array([case.label for case in cases]),
        np.array([one.probability for one in answers]),
        np.array([one.calibrated_risk for one in answers]),
        np.array([case.group for case in cases]),
        np.array([one.box is None for one in answers]),
    )


ON = {
    "tn5000 fold": "TN5000, fold left out (calibration and threshold were chosen there)",
    "tn5000 valid": "TN5000, part valid (neighbours of its frames were trained on)",
    "ddti": "DDTI (its TI-RADS may have been trained on: see the card)",
    "ddti fold": "DDTI, fold left out (the finder's thresholds were chosen there)",
}
"""Names of collections and parts that need a word of caution."""
LABELS = {
    "tn5000": "pathology",
    "ddti": "TI-RADS (malignant from 4b)",
    "thyroid_web": "unstated",
    "thyroid_cine": "outline of one nodule",
}


def risk_rows(setting: Setting, name: str) -> Iterator[Measured]:
    """AUC and calibration of one collection, without boxes; and what calibration fitted anew there gives."""
    cases = [case for case in setting.of(name) if case.label >= 0]
    found = judged(setting, cases)
    row = partial(_row, setting.judge, RISK, measurement=f"risk {name}", on=name, labels=_labels(name))
    yield row("AUC, no box given", auc(found.truth, found.risk, cluster=found.group))
    yield row("no nodule found", gee_proportion(found.none.astype(int), found.group))
    yield row("expected calibration error", calibration_error(found.truth, found.risk, cluster=found.group))
    slope = calibration_slope(found.truth, found.risk, cluster=found.group)
    yield row("calibration slope", slope.slope)
    yield row("calibration intercept in the large", slope.intercept_in_the_large)
    anew = _recalibrated(found)
    yield row(
        "calibration error after recalibration, out of fold", calibration_error(found.truth, anew, cluster=found.group)
    )
    yield row("slope after recalibration, out of fold", calibration_slope(found.truth, anew, cluster=found.group).slope)


def _recalibrated(found: Judged) -> NDArray[np.float64]:
    fold, risk = folds(found.group, seed=1), np.zeros(len(found.truth))
    for number in range(_FOLDS):
        others = fold != number
        risk[~others] = fit_calibrator(found.truth[others], found.probability[others]).apply(found.probability[~others])
    return risk


def boxed_rows(setting: Setting, name: str) -> Iterator[Measured]:
    """AUC with the reader's own outline in place of the finder: of frames whose mask is drawn."""
    cases = [case for case in setting.of(name) if case.label >= 0 and case.masks]
    requests = []
    for case in cases:
        frame = read_frame(case.image)
        mask = np.any([read_mask(path, shape=(frame.rows, frame.columns)) for path in case.masks], axis=0)
        largest = max(nodule_boxes(mask), key=lambda box: box.area)
        requests.append(Request(case.image, largest))
    found = judged(setting, cases, requests)
    row = partial(_row, setting.judge, RISK, measurement=f"boxed {name}", on=name, labels=_labels(name))
    yield row("AUC, reader's outline as box", auc(found.truth, found.risk, cluster=found.group))


def sweep_rows(setting: Setting) -> Iterator[Measured]:
    """Finds on sweeps: Dice of the outlined nodule, share found, and finds that overlap no outline of the frame."""
    cases = [case for case in setting.of("thyroid_cine") if case.masks]
    frames = [read_frame(case.image) for case in cases]
    masks = [read_mask(case.masks[0], shape=(f.rows, f.columns)) for case, f in zip(cases, frames, strict=True)]
    kept = [place for place, mask in enumerate(masks) if mask.any()]
    joined: dict[bytes, NDArray[np.bool_]] = {}
    for place in kept:  # several clips are one sweep with another nodule outlined
        key = frames[place].grey().tobytes()
        joined[key] = joined.get(key, np.zeros_like(masks[place])) | masks[place]
    scores, hits, extra = [], [], []
    for place, result in zip(kept, _segmented(setting, [cases[place].image for place in kept]), strict=True):
        finds = list(_masks(result))
        scores.append(max((_dice(find, masks[place]) for find in finds), default=0.0))
        hits.append(int(any(_overlap(find, masks[place]) >= FOUND_FROM for find in finds)))
        extra.append(sum(not (find & joined[frames[place].grey().tobytes()]).any() for find in finds))
    group = np.array([cases[place].group for place in kept])
    row = partial(_row, setting.finder, FINDER, measurement="sweeps", on="thyroid_cine", labels=_labels("thyroid_cine"))
    yield row("mean Dice of the outlined nodule", mean_interval(scores, cluster=group, method="mean Dice"))
    yield row(f"found at IoU {FOUND_FROM}", gee_proportion(hits, group))
    yield row("false finds per frame", mean_interval(extra, cluster=group, method="mean"))


def outline_rows(setting: Setting, name: str) -> Iterator[Measured]:
    """Dice of everything outlined against everything found in the fold that was left out of training."""
    cases = [case for case in setting.of(f"{name} fold") if case.masks]
    scores = []
    for case, result in zip(cases, _segmented(setting, [case.image for case in cases]), strict=True):
        drawn = np.any([read_mask(path, shape=result.mask.shape) for path in case.masks], axis=0)
        scores.append(_dice(result.mask, drawn))
    group = np.array([case.group for case in cases])
    measurement, on, labels = f"outlines {name}", f"{name} fold", "readers' outlines"
    row = partial(_row, setting.finder, FINDER, measurement=measurement, on=on, labels=labels)
    yield row("mean Dice per frame", mean_interval(scores, cluster=group, method="mean Dice"))


def shortcut_rows(setting: Setting) -> Iterator[Measured]:
    """Change of risk, finder and risk model together, where frames are painted on, cut, shifted or re-encoded."""
    cases = setting.of("tn5000 fold")
    before = judged(setting, cases)
    row = partial(_row, setting.judge, RISK, measurement="shortcuts", on="tn5000 fold", labels="pathology")
    yield row("AUC of the frames as they are", auc(before.truth, before.risk, cluster=before.group))
    for name, trial in TRIALS.items():
        draw = np.random.default_rng(0)
        changed = [Request(_changed(case, trial, draw, place)) for place, case in enumerate(cases)]
        after = judged(setting, cases, changed)
        change = np.abs(after.risk - before.risk)
        for what, value in (("median change", np.median(change)), ("95th percentile", np.percentile(change, 95))):
            yield row(f"{name}: {what} of risk", _plain(float(value), len(cases), before.clusters))
        yield row(f"{name}: AUC", auc(after.truth, after.risk, cluster=after.group))
        found = compare_auc(after.truth, after.risk, before.risk, cluster=after.group)
        moved = Estimate(found.difference, found.low, found.high, found.se, found.method, found.n, found.clusters)
        yield row(f"{name}: change of AUC", moved)


def _changed(
    case: Case, trial: Callable[[NDArray[np.uint8], np.random.Generator], NDArray[np.uint8]],
    draw: np.random.Generator, place: int,
) -> Frame:  # fmt: skip
    return Frame(np.ascontiguousarray(trial(read_frame(case.image).grey(), draw)), f"{place}.png")


MEASUREMENTS: dict[str, Callable[[Setting], Iterator[Measured]]] = {
    **{
        f"risk {name}": partial(risk_rows, name=name) for name in ("tn5000 fold", "tn5000 valid", "thyroid_web", "ddti")
    },
    "boxed ddti": partial(boxed_rows, name="ddti"),
    "sweeps": sweep_rows,
    "outlines ddti": partial(outline_rows, name="ddti"),
    "shortcuts": shortcut_rows,
}


def _segmented(setting: Setting, images: Sequence[str]) -> Iterator[Segmentation]:
    for result in Segmenter(setting.finder).segment_many(images):
        if isinstance(result, Refusal):
            raise SystemExit(f"Refused: {result.reason}")
        yield result


def _masks(result: Segmentation) -> Iterator[NDArray[np.bool_]]:
    """One mask per lesion."""
    for lesion in result.lesions:
        one = np.zeros_like(result.mask)
        box: Box = lesion.box
        one[box.top : box.bottom, box.left : box.right] = result.mask[box.top : box.bottom, box.left : box.right]
        yield one


def _dice(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    total = int(one.sum()) + int(other.sum())
    return 1.0 if total == 0 else 2 * int((one & other).sum()) / total


def _overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return int((one & other).sum()) / max(int((one | other).sum()), 1)


def _plain(value: float, n: int, clusters: int) -> Estimate:
    return Estimate(value, float("nan"), float("nan"), float("nan"), "quantile, no interval", n, clusters)


def _labels(name: str) -> str:
    return LABELS[name.partition(" ")[0]]


def _row(bundle: Bundle, model: str, what: str, found: Estimate, *, measurement: str, on: str, labels: str) -> Measured:
    low, high = (None if np.isnan(limit) else round(limit, 4) for limit in (found.low, found.high))
    known = {
        "measurement": measurement,
        "model": model,
        "hash": bundle.hash,
        "on": ON.get(on, on),
        "labels": labels,
        "what": what,
    }
    return Measured(**known, value=round(found.value, 4), low=low, high=high, n=found.n, groups=found.clusters)


def main() -> None:
    """Measure, print each row and store all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", default=",".join(MEASUREMENTS))
    parser.add_argument("--risk", default=RISK)
    parser.add_argument("--finder", default=FINDER)
    given = parser.parse_args()
    setting = Setting(
        given.data, given.out.with_suffix(".cases.json"), load_bundle(given.risk), load_bundle(given.finder)
    )
    rows = json.loads(given.out.read_text(encoding="utf-8")) if given.out.is_file() else []
    current = {setting.judge.hash, setting.finder.hash}
    for name in given.only.split(","):
        rows = [row for row in rows if row["measurement"] != name and row["hash"] in current]
        for row in MEASUREMENTS[name](setting):
            print(f"{row.on}: {row.what} {row.figure}; n {row.n}, groups {row.groups}", flush=True)
            rows.append(row.model_dump())
        write_json(given.out, rows)


if __name__ == "__main__":
    main()
