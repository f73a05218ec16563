"""The reproduction folder: what a study can be computed again from, with the hash of every file and image."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from thyrosight.errors import CohortError
from thyrosight.files import parse_json, sha256_of_file, write_json, write_text
from thyrosight.progress import Progress, silent
from thyrosight.studies.result import RESULTS, Result

HASHES, RECIPE, SPLITS, ENVIRONMENT = "hashes.json", "recipe.yaml", "splits.json", "environment.txt"
FORMAT = 1
READINGS, PROTOCOL, LESIONS, ORDERS = "readings.csv", "protocol.yaml", "lesions.csv", "orders.csv"
"""Files from which a study of readers was computed."""
_OF_TRIALS = ("predictions.csv", "outlines.csv")
IMAGE_COLUMNS = ("image", "mask", "elastogram")


def write_reproduction(
    result: Result, run: Path, folder: Path, *, cohort: pd.DataFrame, progress: Progress = silent
) -> None:
    """Copy recipe, divisions or readings, results, tables and predictions of a study; write down hashes and versions.

    Args:
        result: of the study.
        run: its folder.
        folder: is created; it must not exist.
        cohort: the table that the study used; image files that a cohort names are hashed where they are still there.
        progress: called for each image.

    Raises:
        OutputError: the folder cannot be written.
        CohortError: a file of the run is missing.
    """
    write_text(folder / RECIPE, result.facts.recipe_yaml)
    needed = (SPLITS, RESULTS) if result.facts.readings is None else (READINGS, RESULTS)
    copies = {run / name: folder / name for name in needed}
    copies |= {run / name: folder / name for name in (PROTOCOL, LESIONS, ORDERS) if (run / name).is_file()}
    copies |= {path: folder / "tables" / path.name for path in (run / "tables").glob("*.csv")}
    copies |= {path: folder / "predictions" / path.name for path in (run / "predictions").glob("*.csv")}
    for name in _OF_TRIALS:
        copies |= {path: folder / "trials" / path.parent.name / name for path in (run / "trials").glob(f"*/{name}")}
    for source, target in copies.items():
        if not source.is_file():
            raise CohortError(f"{source} is missing; run the study again in the same folder to write it anew.")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    versions = "\n".join(f"{name} {value}" for name, value in result.facts.software.items())
    write_text(folder / ENVIRONMENT, f"{versions}\ncommand {result.facts.command}\n")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    write_json(
        folder / HASHES,
        {
            "format": FORMAT,
            "cohort": result.facts.cohort_digest,
            "source": result.facts.source,
            "files": {path.relative_to(folder).as_posix(): sha256_of_file(path) for path in files},
            "images": {} if result.facts.readings else image_hashes(cohort, progress=progress),
        },
    )


def image_hashes(cohort: pd.DataFrame, *, progress: Progress = silent) -> dict[str, str]:
    """SHA-256 of every image, mask and elastogram of a cohort's table, by key and column; absent files are left out."""
    found = {}
    for place, row in enumerate(cohort.to_dict("records"), start=1):
        for column in IMAGE_COLUMNS:
            paths = [Path(part) for part in str(row.get(column) or "").split("|")]
            if all(path.is_file() for path in paths):
                name = str(row["key"]) if column == "image" else f"{row['key']} ({column})"
                found[name] = " ".join(sha256_of_file(path) for path in paths)
        progress("Hashing images", place, len(cohort))
    return found


def reproduction_folder(folder: Path) -> Path:
    """The reproduction folder that `folder` is or holds.

    Raises:
        CohortError: neither.
    """
    for place in (folder, folder / "reproduction"):
        if (place / HASHES).is_file():
            return place
    raise CohortError(
        f"{folder} is no reproduction folder: it has no {HASHES}; name the folder that `thyrosight study export` wrote."
    )


def check_files(folder: Path) -> dict[str, Any]:
    """Compare every file of a reproduction folder with its hash.

    Returns:
        What `hashes.json` holds.

    Raises:
        CohortError: a file is missing or was changed, or `hashes.json` cannot be read; names the first.
    """
    path = folder / HASHES
    try:
        stored = parse_json(path.read_text(encoding="utf-8"))
        files: Mapping[str, str] = dict(stored["files"])
        if stored["format"] != FORMAT:
            raise ValueError(f"format {stored['format']}")
        _ = stored["cohort"], stored["source"], dict(stored["images"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CohortError(f"{path} cannot be read ({error}); export the study again.") from error
    for name, sha in files.items():
        file = folder / name
        if not file.is_file():
            raise CohortError(f"{file} is missing; export the study again.")
        if sha256_of_file(file) != sha:
            raise CohortError(
                f"{file} was changed since the export: its SHA-256 is no longer {sha[:12]}...; export the study again."
            )
    return dict(stored)
