"""`thyrosight phantom`: a phantom cohort on disk."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from thyrosight.phantoms import PhantomOptions


def phantom(
    *,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A new or empty folder; run again to resume.")],
    n: Annotated[int, typer.Option("--n", min=1, help="Number of images.")] = 200,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same images.")] = 0,
    like: Annotated[
        str,
        typer.Option(
            "--like",
            metavar="STUDY",
            help="standard, micronodule, inception-margin, ynet-lymph-node or elasticity-fusion.",
        ),
    ] = "standard",
    small: Annotated[
        float | None, typer.Option("--small", metavar="SHARE", min=0, max=1, help="Nodules of 3 to 9 mm.")
    ] = None,
    external: Annotated[
        float | None, typer.Option("--external", metavar="SHARE", min=0, max=1, help="Patients of other hospitals.")
    ] = None,
    one_image_each: Annotated[
        bool | None, typer.Option("--one-image-each/--several-images", help="One image of each nodule, or more.")
    ] = None,
    reference_standard: Annotated[
        bool | None, typer.Option("--reference-standard/--no-reference-standard", help="Surgery and Bethesda columns.")
    ] = None,
    unconfirmed: Annotated[
        float | None, typer.Option("--unconfirmed", metavar="SHARE", min=0, max=1, help="Nodules nothing confirms.")
    ] = None,
    missing_sizes: Annotated[
        float | None, typer.Option("--missing-sizes", metavar="SHARE", min=0, max=1, help="Nodules without a size.")
    ] = None,
    tirads: Annotated[
        str | None, typer.Option("--tirads", metavar="SYSTEM", help="Column tirads, from the true features.")
    ] = None,
    reader: Annotated[
        list[str] | None,
        typer.Option("--reader", metavar="NAME=AUC", help="A reader with that AUC; may be repeated."),
    ] = None,
    describing_reader: Annotated[
        list[str] | None,
        typer.Option("--describing-reader", metavar="NAME=ACCURACY", help="A reader who records what was seen."),
    ] = None,
    reader_system: Annotated[
        str, typer.Option("--reader-system", metavar="SYSTEM", help="TI-RADS system of the readers.")
    ] = "k-tirads-2016",
    network_errors: Annotated[
        bool | None,
        typer.Option("--network-errors/--no-network-errors", help="A network whose errors depend on features."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes that draw; one per core where not given.")
    ] = None,
) -> None:
    """Write simulated ultrasound images of thyroid nodules with masks, features, labels and the best possible AUC.

    The truth that was put in, with each reader's and network's performance, is written to phantom.json. The cohort like
    ynet-lymph-node shows cervical lymph nodes; those like elasticity-fusion, and -easy, -patients or
    -machines behind that, pair B-mode with elastograms; all these take --out, --n, --seed and --workers alone.
    """
    changes: dict[str, Any] = {
        "small_share": small,
        "external_share": external,
        "one_image_each": one_image_each,
        "reference_standard": reference_standard,
        "unconfirmed_share": unconfirmed,
        "missing_sizes": missing_sizes,
        "tirads": tirads,
    }
    added = {"reader": reader or None, "describing_reader": describing_reader or None, "network_errors": network_errors}
    if like in _COHORTS_OF_THEIR_OWN:
        _refuse_changes(like, changes | added)
        _COHORTS_OF_THEIR_OWN[like](out, n, seed, workers)
        return
    _require_known(like)
    options = _options(
        like,
        changes,
        ratings=reader or [],
        descriptions=describing_reader or [],
        system=reader_system,
        network_errors=network_errors,
    )
    _write_nodules(out, n, seed, workers, options)


def _write_nodules(out: Path, n: int, seed: int, workers: int | None, options: "PhantomOptions") -> None:
    from thyrosight.cli.progress import progress_bars
    from thyrosight.phantoms import make_phantom_cohort

    with progress_bars() as progress:
        manifest = make_phantom_cohort(
            out, n=n, seed=seed, options=options, workers=workers or cores(), progress=progress
        )
    found = _described(manifest)
    typer.echo(
        f"{found['images']} simulated images of {found['nodules']} nodules in {found['patients']} patients: "
        f"{found['benign_images']} benign, {found['malignant_images']} malignant (labels: simulated)."
    )
    typer.echo(f"Best possible AUC: {found['best_possible_auc']:.3f}, the true risk against the drawn label.")
    for item in found.get("readers", []):
        typer.echo(f"Simulated reader {item['name']}: {item['system']} categories with an AUC of {item['auc']:.3f}.")
    typer.echo(f"Cohort: {manifest}")


def _write_lymph_nodes(out: Path, n: int, seed: int, workers: int | None) -> None:
    from thyrosight.cli.progress import progress_bars
    from thyrosight.phantoms import make_lymph_node_cohort

    with progress_bars() as progress:
        manifest = make_lymph_node_cohort(out, n=n, seed=seed, workers=workers or cores(), progress=progress)
    found = _described(manifest)
    reporter = found["reporter"]
    typer.echo(
        f"{found['images']} simulated images of {found['nodules']} lymph nodes in {found['patients']} patients: "
        f"{found['benign_images']} benign, {found['malignant_images']} malignant (labels: simulated)."
    )
    typer.echo(
        f"Best possible AUC: {found['best_possible_auc']:.3f}, the risk given the picture against the drawn label."
    )
    typer.echo(
        f"Simulated original reports: sensitivity {reporter['sensitivity']:.2%}, "
        f"specificity {reporter['specificity']:.2%} where they decide."
    )
    typer.echo(f"Cohort: {manifest}")


def _write_elastograms(like: str, out: Path, n: int, seed: int, workers: int | None) -> None:
    from thyrosight.cli.progress import progress_bars
    from thyrosight.phantoms import elastography_options_like, make_elastography_cohort

    with progress_bars() as progress:
        manifest = make_elastography_cohort(
            out,
            n=n,
            seed=seed,
            options=elastography_options_like(like),
            workers=workers or cores(),
            progress=progress,
        )
    found = _described(manifest)
    typer.echo(
        f"{found['images']} simulated images with elastograms of {found['nodules']} nodules in {found['patients']} "
        f"patients: {found['benign_images']} benign, {found['malignant_images']} malignant (labels: simulated)."
    )
    best = {name: item["auc"] for name, item in found["best_possible_auc_by_knowledge"].items()}
    typer.echo(
        f"Best possible AUC: {best['b_mode']:.3f} from B-mode features, {best['stiffness']:.3f} from stiffness, "
        f"{best['both']:.3f} from both."
    )
    typer.echo(f"Cohort: {manifest}")


_COHORTS_OF_THEIR_OWN: Final[Mapping[str, Callable[[Path, int, int, int | None], None]]] = {
    "ynet-lymph-node": _write_lymph_nodes,
    "elasticity-fusion": partial(_write_elastograms, "elasticity-fusion"),
    "elasticity-fusion-easy": partial(_write_elastograms, "elasticity-fusion-easy"),
    "elasticity-fusion-patients": partial(_write_elastograms, "elasticity-fusion-patients"),
    "elasticity-fusion-machines": partial(_write_elastograms, "elasticity-fusion-machines"),
}
"""Further cohorts that `--like` names, each with the function that writes it and describes it."""


def cores() -> int:
    """Processor cores that this process may use, eight at most."""
    import os

    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, 8)


def _described(manifest: Path) -> dict[str, Any]:
    import json

    return dict(json.loads((manifest.parent / "phantom.json").read_text(encoding="utf-8")))


def _refuse_changes(like: str, changes: Mapping[str, Any]) -> None:
    """Refuse options of thyroid nodules for other cohorts, so that no option is silently ignored."""
    from thyrosight.errors import OutputError

    given = [
        f"--{name.replace('_share', '').replace('_', '-')}" for name, value in changes.items() if value is not None
    ]
    if given:
        raise OutputError(
            f"{', '.join(given)} cannot be used with --like {like}; "
            "leave out what is not --out, --n, --seed or --workers."
        )


def _require_known(like: str) -> None:
    from thyrosight.errors import OutputError
    from thyrosight.phantoms import LIKE

    if like not in LIKE:
        known = ", ".join((*LIKE, *_COHORTS_OF_THEIR_OWN))
        raise OutputError(f"There are no phantoms like {like!r}; choose from {known}.")


def _options(
    like: str,
    changes: dict[str, Any],
    *,
    ratings: list[str],
    descriptions: list[str],
    system: str,
    network_errors: bool | None,
) -> "PhantomOptions":
    """The options of `--like`, changed by those that were given."""
    from thyrosight.phantoms import SimulatedNetwork, SimulatedReader, options_like

    given = {name: value for name, value in changes.items() if value is not None}
    readers = [SimulatedReader(name, auc=value, system=system) for name, value in map(_named_share, ratings)]
    readers += [SimulatedReader(name, accuracy=value, system=system) for name, value in map(_named_share, descriptions)]
    if readers:
        given["readers"] = tuple(readers)
    if network_errors is not None:
        given["network"] = SimulatedNetwork() if network_errors else None
    return options_like(like, **given)


def _named_share(text: str) -> tuple[str, float]:
    from thyrosight.errors import OutputError

    name, _, value = text.rpartition("=")
    try:
        return name.strip(), float(value)
    except ValueError:
        raise OutputError(f"{text!r} should read NAME=NUMBER, for example A=0.8.") from None
