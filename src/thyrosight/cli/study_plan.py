"""`thyrosight study plan` and `thyrosight study run --plan`: a study before it is run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thyrosight.cli.language import Language, said
from thyrosight.cli.study_options import CohortSource, RecipeName, Settings, SplitFile

if TYPE_CHECKING:
    from thyrosight.documents import Answer

FILES = {"plan.json": "json", "plan.csv": "csv", "plan.html": "html"}


def plan(
    recipe: RecipeName,
    *,
    cohort: CohortSource,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Also write plan.json, plan.csv and plan.html there.")
    ] = None,
    settings: Settings = None,
    split: SplitFile = None,
    auc: Annotated[float, typer.Option(help="Expected area under the ROC curve.")] = 0.85,
    sensitivity: Annotated[float, typer.Option(help="Expected sensitivity.")] = 0.9,
    specificity: Annotated[float, typer.Option(help="Expected specificity.")] = 0.8,
    width: Annotated[float, typer.Option(help="Full width of their intervals that is wanted.")] = 0.1,
    difference: Annotated[float, typer.Option(help="Difference in AUC to a comparator to be detected.")] = 0.05,
    area_correlation: Annotated[float, typer.Option(help="Of the two areas on the same nodules.")] = 0.5,
    cluster_correlation: Annotated[
        float, typer.Option(help="Of the results of two images of one patient; 1 counts patients alone.")
    ] = 0.5,
    prevalence: Annotated[
        float | None, typer.Option(help="Share of malignant nodules, where not that of the cohort.")
    ] = None,
    power: Annotated[float, typer.Option(help="Wanted power of the test of a difference.")] = 0.8,
    readers: Annotated[int | None, typer.Option(help="Readers of a reader study.")] = None,
    reader_difference: Annotated[
        float, typer.Option(help="Difference in AUC between two ways of reading to be detected.")
    ] = 0.05,
    components: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            help="Of a pilot with readers: test by reader, error, covariances 1, 2, 3 (`stats readers`).",
        ),
    ] = None,
    pilot_cases: Annotated[int | None, typer.Option(help="Cases of that pilot.")] = None,
    language: Language = "en",
) -> None:
    """State what the test part of a study can show, and how many patients its aims need; nothing is trained."""
    from thyrosight.cli.progress import progress_bars
    from thyrosight.cli.stats.planning import variance_components
    from thyrosight.languages import require_language
    from thyrosight.reports.answers import Asked, written
    from thyrosight.studies.loading import load_cohort_recipe
    from thyrosight.studies.plans import Aim, plan_study

    require_language(language)
    found = load_cohort_recipe(recipe, settings=settings or [])
    aim = Aim(
        auc=auc,
        sensitivity=sensitivity,
        specificity=specificity,
        width=width,
        difference=difference,
        area_correlation=area_correlation,
        cluster_correlation=cluster_correlation,
        prevalence=prevalence,
        power=power,
        confidence=found.evaluation.confidence,
        readers=readers,
        reader_difference=reader_difference,
        components=None if components is None else variance_components(components),
        pilot_cases=pilot_cases,
    )
    with progress_bars(language) as progress:
        answer = plan_study(found, cohort, aim, split_file=split, progress=progress)
    typer.echo(written(answer, Asked("plan", group="study"), "text", language=language), nl=False)
    if out is not None:
        _write(answer, out, language=language)


def print_dry_run(recipe: str, cohort: str, *, settings: list[str], split: Path | None, language: str = "en") -> None:
    """Print what a run would train and how long it would take."""
    from thyrosight.cli.progress import progress_bars
    from thyrosight.documents.answer_translation import translated_answer
    from thyrosight.languages import require_language, speaking
    from thyrosight.reports.statistics_tables import as_text
    from thyrosight.studies.loading import load_cohort_recipe
    from thyrosight.studies.plans import dry_run

    require_language(language)
    with progress_bars(language) as progress:
        answer = dry_run(load_cohort_recipe(recipe, settings=settings), cohort, split_file=split, progress=progress)
    with speaking(language):
        said = translated_answer(answer, language)
        typer.echo(f"{said.summary}\n\n{as_text(said.tables)}", nl=False)


def _write(answer: "Answer", out: Path, *, language: str) -> None:
    from thyrosight.files import make_folder, write_text
    from thyrosight.languages import speaking
    from thyrosight.reports.answers import Asked, written

    asked = Asked("plan", group="study")
    folder = make_folder(out)
    for name, form in FILES.items():
        write_text(folder / name, written(answer, asked, form, language=language))
        with speaking(language):
            typer.echo(f"{said('Written')}: {folder / name}", err=True)
