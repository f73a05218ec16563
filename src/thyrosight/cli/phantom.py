"""`thyrosight phantom`: a phantom cohort on disk."""

from pathlib import Path
from typing import Annotated

import typer


def phantom(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A new or empty folder; run again to resume.")],
    n: Annotated[int, typer.Option("--n", min=1, help="Number of images.")] = 200,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same images.")] = 0,
) -> None:
    """Write simulated ultrasound images of thyroid nodules with masks, features, labels and the best possible AUC."""
    import json

    from thyrosight.cli.progress import progress_bars
    from thyrosight.phantoms import make_phantom_cohort

    with progress_bars() as progress:
        manifest = make_phantom_cohort(out, n=n, seed=seed, progress=progress)
    found = json.loads((manifest.parent / "phantom.json").read_text(encoding="utf-8"))
    typer.echo(
        f"{found['images']} simulated images of {found['nodules']} nodules in {found['patients']} patients: "
        f"{found['benign_images']} benign, {found['malignant_images']} malignant (labels: simulated)."
    )
    typer.echo(f"Best possible AUC: {found['best_possible_auc']:.3f}, the true risk against the drawn label.")
    typer.echo(f"Cohort: {manifest}")
