"""`thyrosight cohort`: what is in a cohort, what is wrong with it, duplicates, splits and public data sets."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thyrosight.cli.cohort_from_dicom import from_dicom
from thyrosight.cli.cohort_map import map_command
from thyrosight.cli.language import Language, spoken
from thyrosight.cli.split_panels import split_panels as split_panels_command

if TYPE_CHECKING:
    from thyrosight.cohort import Cohort

app = typer.Typer(no_args_is_help=True)
app.command("split-panels")(split_panels_command)
app.command("map")(map_command)
app.command("from-dicom")(from_dicom)

_Source = Annotated[str, typer.Argument(metavar="SOURCE", help="A table (CSV, Parquet) or a folder of images.")]
_Kind = Annotated[str | None, typer.Option("--kind", help="Kind of source; recognised if left out (see: kinds).")]
_Options = Annotated[
    list[str] | None,
    typer.Option("--option", metavar="NAME=VALUE", help="A choice of the source, e.g. tirads-malignant-from=4b."),
]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


@app.command()
@spoken
def check(
    source: _Source,
    *,
    kind: _Kind = None,
    option: _Options = None,
    duplicates: Annotated[bool, typer.Option(help="Also look for near-duplicates.")] = True,
    json: _Json = False,
    language: Language = "en",
) -> None:
    """Check every cell and file of a source; list all problems at once. Exit code 2 if it cannot be used."""
    from thyrosight.cli import cohort_check_output, cohort_output
    from thyrosight.cli.progress import progress_bars
    from thyrosight.cohort import check_cohort, find_duplicates, with_groups

    with progress_bars(language) as progress:
        report, cohort = check_cohort(source, kind=kind, progress=progress, **parsed_options(option))
        found = find_duplicates(cohort, progress=progress) if cohort is not None and duplicates else None
    if cohort is not None and found is not None:
        cohort = with_groups(cohort, duplicates=found, contradictions="keep")
    if json:
        cohort_output.print_json(
            {
                **report.model_dump(mode="json"),
                "description": None if cohort is None else cohort.describe().model_dump(mode="json"),
                "duplicates": None if found is None else cohort_output.duplicates_as_json(found),
                "flow": None if cohort is None else cohort_output.flow_as_json(cohort),
            }
        )
    else:
        cohort_check_output.print_check(report, cohort, found)
    if report.errors:
        raise typer.Exit(2)


@app.command()
@spoken
def describe(
    source: _Source, kind: _Kind = None, option: _Options = None, json: _Json = False, language: Language = "en"
) -> None:
    """Count what is in a cohort, per label, label source, site and size, and draw its flow chart; opens no image."""
    from thyrosight.cli import cohort_check_output, cohort_output

    cohort = _open(source, kind, option)
    if json:
        cohort_output.print_json(
            {"description": cohort.describe().model_dump(mode="json"), "flow": cohort_output.flow_as_json(cohort)}
        )
    else:
        cohort_check_output.print_description(cohort)
        cohort_check_output.print_flow_chart(cohort)


@app.command()
def convert(
    source: _Source,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A .csv or .parquet file to write.")],
    kind: _Kind = None,
    option: _Options = None,
) -> None:
    """Write any source as a manifest that can be edited and opened again."""
    from thyrosight.cohort import write_manifest

    cohort = _open(source, kind, option)
    path = write_manifest(cohort, out)
    typer.echo(f"{len(cohort)} images used and {len(cohort.left_out)} left out were written to {path}")


@app.command()
def duplicates(
    source: _Source,
    *,
    against: Annotated[str | None, typer.Option("--against", metavar="SOURCE", help="Look in another cohort.")] = None,
    contact_sheet: Annotated[
        Path | None, typer.Option("--contact-sheet", metavar="FILE.png", help="Draw the pairs side by side.")
    ] = None,
    kind: _Kind = None,
    option: _Options = None,
    json: _Json = False,
) -> None:
    """Find copies of one frame, and views of one scene, across case numbers, folders and cohorts."""
    from thyrosight.cli import cohort_check_output, cohort_output
    from thyrosight.cli.progress import progress_bars
    from thyrosight.cohort import find_duplicates, find_duplicates_between, open_cohort, write_contact_sheet

    cohort = _open(source, kind, option)
    images = cohort_output.images_by_key(cohort)
    with progress_bars() as progress:
        if against is None:
            found = find_duplicates(cohort, progress=progress)
            pairs = found.pairs
            shown = cohort_output.duplicates_as_json(found)
        else:
            other = open_cohort(against)
            pairs = cohort_output.named_apart(cohort, other, find_duplicates_between(cohort, other, progress=progress))
            images = cohort_output.images_apart(cohort, other)
            shown = {"pairs": cohort_output.pairs_as_json(pairs)}
    if json:
        cohort_output.print_json(shown)
    elif against is None:
        cohort_check_output.print_duplicates(found)
    else:
        cohort_check_output.print_pairs(pairs)
    if contact_sheet is not None:
        drawn = write_contact_sheet(pairs, images, contact_sheet)
        typer.echo(f"{drawn} pairs were drawn to {contact_sheet}", err=json)


@app.command()
def shortcuts(
    source: _Source,
    *,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="COLUMN=VALUES", help="Also on these images alone, e.g. width=820..840."),
    ] = None,
    kind: _Kind = None,
    option: _Options = None,
    json: _Json = False,
) -> None:
    """How well the label can be told from the files alone: width, height, shape, bytes, colour. About 0.5 is good."""
    from thyrosight.cli import cohort_output
    from thyrosight.cli.progress import progress_bars
    from thyrosight.cohort import file_properties, property_aucs, with_groups

    with progress_bars() as progress:
        cohort = with_groups(_open(source, kind, option), progress=progress)
        properties = file_properties(cohort, progress=progress)
    found = {chosen: property_aucs(cohort, properties, only=chosen) for chosen in ("", *(only or ()))}
    if json:
        cohort_output.print_json(cohort_output.shortcuts_as_json(found))
    else:
        cohort_output.print_shortcuts(found)


@app.command()
def split(
    source: _Source,
    *,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="The splits.json to write.")] = None,
    existing: Annotated[
        Path | None, typer.Option("--check", metavar="FILE", help="Check this splits.json instead of drawing one.")
    ] = None,
    folds: Annotated[int, typer.Option(help="Cross-validation with so many folds; 0 for hold-out.")] = 0,
    test: Annotated[float, typer.Option(help="Hold-out: share of images for the test part.")] = 0.3,
    validation: Annotated[float, typer.Option(help="Share of what is left for the validation part.")] = 0.15,
    repeats: Annotated[int, typer.Option(help="Hold-out: how many divisions to draw.")] = 1,
    seed: Annotated[int, typer.Option(help="The same seed gives the same split.")] = 0,
    stratify: Annotated[str, typer.Option(help="Columns to balance, separated by commas.")] = "label",
    contradictions: Annotated[
        str, typer.Option(help="Copies with different labels: exclude, majority, keep or worst.")
    ] = "exclude",
    kind: _Kind = None,
    option: _Options = None,
) -> None:
    """Divide a cohort into training, validation and test groups, and write splits.json; or check such a file."""
    from typing import cast

    from thyrosight.cli import cohort_output
    from thyrosight.cli.progress import progress_bars
    from thyrosight.cohort import Policy, Split, split_folds, split_holdout, with_groups
    from thyrosight.errors import SplitError

    if (out is None) == (existing is None):
        raise SplitError("Give either --out FILE to draw a split, or --check FILE to check one.")
    columns = tuple(name.strip() for name in stratify.split(",") if name.strip())
    cohort = _open(source, kind, option)
    with progress_bars() as progress:
        cohort = with_groups(cohort, contradictions=cast("Policy", contradictions), progress=progress)
    if existing is not None:
        drawn = Split.load(existing)
    elif folds:
        drawn = split_folds(cohort, folds=folds, validation=validation, seed=seed, stratify=columns)
    else:
        drawn = split_holdout(cohort, test=test, validation=validation, repeats=repeats, seed=seed, stratify=columns)
    drawn.check(cohort)
    if out is not None:
        drawn.save(out)
    cohort_output.print_split(drawn, cohort)
    typer.echo(f"Written to {out}" if out is not None else f"{existing} fits the cohort; no group stands in two parts.")


@app.command()
def fetch(
    name: Annotated[str | None, typer.Argument(help="A public data set; without it, they are listed.")] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the data set goes.")] = Path("data"),
    url: Annotated[str | None, typer.Option("--url", help="Address of the archive, from the landing page.")] = None,
    sha256: Annotated[str | None, typer.Option("--sha256", help="What the archive must hash to.")] = None,
    trust_first_download: Annotated[
        bool, typer.Option("--trust-first-download", help="Accept an unknown hash and record it.")
    ] = False,
) -> None:
    """Download a public data set: shows address, hash and licence, resumes, and refuses a wrong hash."""
    from thyrosight.cli import cohort_output
    from thyrosight.cli.progress import progress_bars
    from thyrosight.cohort import fetch_public_set, public_set

    if name is None:
        cohort_output.print_public_sets()
        return
    cohort_output.print_public_set(public_set(name), url=url, sha256=sha256)
    with progress_bars() as progress:
        folder = fetch_public_set(
            name, out, url=url, sha256=sha256, trust_first_download=trust_first_download, progress=progress
        )
    typer.echo(f"Unpacked to {folder}. Now run: thyrosight cohort check {folder}")


@app.command()
def kinds() -> None:
    """List the kinds of source, how each is recognised, and its options."""
    from thyrosight.cli import cohort_output

    cohort_output.print_kinds()


def _open(source: str, kind: str | None, option: list[str] | None) -> "Cohort":
    from thyrosight.cohort import open_cohort

    return open_cohort(source, kind=kind, **parsed_options(option))


def parsed_options(option: list[str] | None) -> dict[str, str]:
    """`NAME=VALUE` pairs as a dictionary."""
    from thyrosight.errors import CohortError

    pairs = [text.partition("=") for text in option or []]
    for name, equals, _ in pairs:
        if not equals or not name:
            raise CohortError(f"--option {name}: write NAME=VALUE, for example tirads-malignant-from=4b.")
    return {name.strip().replace("-", "_"): value for name, _, value in pairs}
