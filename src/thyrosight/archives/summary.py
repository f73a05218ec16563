"""The summary of a run over an archive as a document: numbers, refusals by reason, quality flags, speed."""

from collections.abc import Sequence
from dataclasses import dataclass

from thyrosight.archives.tally import TENTHS, Tally
from thyrosight.documents import Column, Document, Facts, Share, Summary, Table, Tile, duration, section
from thyrosight.inference import QUALITY_FLAGS, Bundle


@dataclass(frozen=True)
class Left:
    """Parts that could not be done for one reason, and how many images they hold."""

    reason: str
    parts: int
    images: int


@dataclass(frozen=True)
class Pace:
    """The images that one run assessed, its duration, and its workers where they are known."""

    images: int
    seconds: float
    workers: int | None


def summarise(counted: Tally, model: Bundle, *, images: int, left: Sequence[Left], pace: Pace) -> Document:
    """The summary of all parts that are done.

    Args:
        counted: over their results.
        model: that assessed them.
        images: rows of the whole work list.
        left: what is still to be done.
        pace: of the last run.
    """
    info = model.info
    answered = counted.images - counted.refused_images
    malignant = Share(n=counted.labels["malignant"], of=counted.assessed)
    rate = pace.images / pace.seconds if pace.seconds else 0.0
    return Document(
        title="Assessments of an archive",
        subtitle=f"{model.title}, model {model.hash[:12]}",
        key_result=(
            f"{_count(images)} images were listed: {_count(answered)} were assessed and "
            f"{_count(counted.refused_images)} refused{_still(images - counted.images)}. Of "
            f"{_count(counted.assessed)} assessed nodules, images and frames {_count(malignant.n)} are labelled "
            f"malignant, at a {'calibrated risk' if info.calibrated else 'risk, not calibrated,'} of "
            f"{info.operating_point.threshold:.3f} or more."
        ),
        tiles=(
            Tile(name="Images listed", value=_count(images)),
            Tile(name="Assessed", value=_count(answered), below=_percent(answered, images)),
            Tile(name="Refused", value=_count(counted.refused_images), below=_percent(counted.refused_images, images)),
            Tile(name="Images per second", value=f"{rate:.1f}" if pace.images else "-", below=_of_run(pace)),
        ),
        facts=(
            f"labels of the model: {info.label_source}",
            f"split it was measured on: {info.cohort['split_kind']}",
            f"model hash: {model.hash}",
        ),
        unfinished=tuple(f"{_count(one.images)} images in {_parts(one.parts)}: {one.reason}" for one in left),
        limitations=(
            info.research_use,
            "A share of malignant labels in an archive is no prevalence: it depends on the operating point and on "
            "which images were stored.",
        ),
        sections=(
            section("Numbers", _labels(counted, images), _risks(counted, calibrated=info.calibrated)),
            section("Refusals", _reasons(counted) or "No image was refused."),
            section("Quality flags", _flags(counted) or "No quality flag was raised."),
            section("Speed", _machines(counted), Facts(rows=(("last run", _last_run(pace)),))),
        ),
        source=f"labels of the model: {info.label_source}; {info.cohort['split_kind']} split",
        summary=Summary(table="labels", columns=("what", "count")),
    )


def _labels(counted: Tally, images: int) -> Table:
    answered, left = counted.images - counted.refused_images, images - counted.images
    rows = [
        {"what": "images assessed", "count": Share(n=answered, of=images)},
        {"what": "images refused", "count": Share(n=counted.refused_images, of=images)},
        *([{"what": "images still to be done", "count": Share(n=left, of=images)}] if left else []),
        *(
            {"what": f"labelled {label}", "count": Share(n=counted.labels[label], of=counted.assessed)}
            for label in ("benign", "malignant")
        ),
    ]
    return Table(
        name="labels",
        caption="Images, and labels of their nodules",
        columns=(Column(key="what", title=""), Column(key="count", title="number", kind="summary")),
        rows=tuple(rows),
        notes=("Labels count every assessed nodule, every image without a box, and every frame of a loop.",),
    )


def _risks(counted: Tally, *, calibrated: bool) -> Table:
    return Table(
        name="risks",
        caption="Calibrated risk" if calibrated else "Risk, not calibrated",
        columns=(Column(key="risk", title="risk"), Column(key="count", title="number", kind="summary")),
        rows=tuple(
            {"risk": f"{place / TENTHS:.1f} to {(place + 1) / TENTHS:.1f}", "count": Share(n=n, of=counted.assessed)}
            for place, n in enumerate(counted.tenths)
        ),
    )


def _reasons(counted: Tally) -> Table | None:
    if not counted.reasons:
        return None
    return Table(
        name="refusals",
        caption="Refusals by reason",
        columns=(
            Column(key="count", title="number", kind="count"),
            Column(key="reason", title="reason, without names and numbers"),
            Column(key="example", title="the first of them"),
        ),
        rows=tuple(
            {"count": count, "reason": reason, "example": counted.examples[reason]}
            for reason, count in counted.reasons.most_common()
        ),
        source="",
    )


def _flags(counted: Tally) -> Table | None:
    if not counted.flags:
        return None
    return Table(
        name="flags",
        caption="Quality flags",
        columns=(
            Column(key="flag", title="flag"),
            Column(key="count", title="number", kind="summary"),
            Column(key="meaning", title="meaning"),
        ),
        rows=tuple(
            {"flag": flag, "count": Share(n=count, of=counted.assessed), "meaning": QUALITY_FLAGS.get(flag, "")}
            for flag, count in counted.flags.most_common()
        ),
    )


def _machines(counted: Tally) -> Table:
    return Table(
        name="machines",
        caption="Work of each machine, over all runs",
        columns=(
            Column(key="machine", title="machine"),
            Column(key="images", title="images", kind="count"),
            Column(key="seconds", title="work of its processes", kind="seconds"),
            Column(key="rate", title="images per second and process", kind="number"),
        ),
        rows=tuple(
            {"machine": name, "images": images, "seconds": seconds, "rate": images / seconds if seconds else None}
            for name, (images, seconds) in sorted(counted.machines.items())
        ),
        source="",
    )


def _last_run(pace: Pace) -> str:
    if not pace.images:
        return "nothing was left to assess"
    workers = "" if pace.workers is None else f", {pace.workers} process{'es' if pace.workers > 1 else ''}"
    return f"{_count(pace.images)} images in {duration(pace.seconds)}{workers}"


def _of_run(pace: Pace) -> str:
    return "in the last run" if pace.images else "nothing was left to assess"


def _still(images: int) -> str:
    return f"; {_count(images)} are still to be done" if images else ""


def _parts(count: int) -> str:
    return f"{_count(count)} part" + ("s" if count != 1 else "")


def _count(value: int) -> str:
    return f"{value:,}"


def _percent(n: int, of: int) -> str:
    return f"{100 * n / of:.1f} %" if of else ""
