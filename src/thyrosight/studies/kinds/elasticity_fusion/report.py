"""The report of a study of fusion: the paper's tables and figures, for any cohort with elastograms."""

from collections.abc import Mapping
from functools import partial

from thyrosight.documents import Content, Facts, Figures, Summary, Table
from thyrosight.studies.analyses import curves
from thyrosight.studies.analyses.calibration_figures import calibration_figure
from thyrosight.studies.analyses.freeze_depth import best_table, cost_table, depth_figure, draws_table
from thyrosight.studies.analyses.pair_examples import pair_examples
from thyrosight.studies.analyses.pairs import pairs_alone
from thyrosight.studies.analyses.part_balance import parts_table
from thyrosight.studies.further.parts import further
from thyrosight.studies.kind import Findings, Finished, Report
from thyrosight.studies.kinds.elasticity_fusion.diagrams import network_diagrams
from thyrosight.studies.kinds.elasticity_fusion.published import published_table
from thyrosight.studies.kinds.elasticity_fusion.recipe import Input, Recipe
from thyrosight.studies.kinds.elasticity_fusion.study import Plan, Study
from thyrosight.studies.kinds.elasticity_fusion.tables import fusion_table, hidden_table, lines_table, training_table
from thyrosight.studies.kinds.elasticity_fusion.words import (
    choice,
    depth_words,
    facts_rows,
    flow,
    gain_words,
    limitations,
    main_words,
    unfinished,
)
from thyrosight.studies.measures import pooled_measures
from thyrosight.studies.page import flow_figure
from thyrosight.studies.predictions import calibration_clause
from thyrosight.studies.sentences import tile
from thyrosight.studies.tested import Network

NO_ELASTOGRAPHY = "second view of the same image, no elastography"
"""Said in the title and in every caption of a study whose second image is no elastogram."""
_TILES = {"auc": "AUC", "accuracy": "Accuracy", "recall": "Sensitivity", "specificity": "Specificity"}
_PLAIN_TABLES: dict[Input, str] = {"b-mode": "I", "elastogram": "II"}
_DEPTH_TABLES: dict[Input, str] = {"b-mode": "III", "elastogram": "III", "early": "V"}


def report(finished: Finished[Recipe], plan: Plan) -> Report:
    """Report on depths, fusion and heads.

    Raises:
        NetworkError: the main method could not be trained.
    """
    study = Study(finished, plan)
    recipe, main = study.recipe, study.main
    finished.progress("Evaluating", 0, 2)
    examples = _examples(study)
    for network in finished.networks.values():
        if network is not main:
            network.tested[0].drop_weights()
    parts = [analysis(study) for analysis in (_cohort, _networks, _plain, _depths, _methods, _one_missing)]
    parts += [*further(finished, chosen=partial(pairs_alone, second=recipe.second)), examples, _published(study)]
    parts.append(_training(study))
    finished.progress("Evaluating", 2, 2)
    single = recipe.second.source == "image"
    return Report.of(
        parts,
        title=f"{finished.facts.title} ({NO_ELASTOGRAPHY})" if single else "",
        source=NO_ELASTOGRAPHY if single else "",
        tiles=[tile(title, study.line.mean[name]) for name, title in _TILES.items()],
        tiles_note=f"{study.line.title}, mean over the folds' networks on the held-out test part.",
        summary=Summary(
            table="methods",
            columns=("title", *_TILES),
            figure="roc",
            note="mean over the folds, one test part, 95 % interval",
        ),
        more=[draws_table(study.best)] if plan.best else [],
        model=main,
        metrics=pooled_measures(main.judged()[0].part("test"), options=recipe.statistics),
        flow=flow(study),
    )


def _cohort(study: Study) -> Findings:
    return Findings(
        "Cohort and division",
        [
            Facts(rows=facts_rows(study)),
            flow_figure(flow(study)),
            parts_table(
                study.cohort,
                study.split,
                caption="Patients and images of the training and the test part (the paper's Table IV)",
            ),
        ],
        said=main_words(study),
        limitations=limitations(study),
        unfinished=unfinished(study),
    )


def _networks(study: Study) -> Findings:
    """How the networks are built."""
    images = study.main.tested[0].record["train"]
    return Findings("Networks", network_diagrams(study.recipe, study.main, study.line.configuration, images=images))


def _plain(study: Study) -> Findings:
    """Tables I and II: networks without pretraining, each compared with the first."""
    tables = [
        lines_table(
            lines,
            name=f"plain-{shown}",
            caption=f"Without pretraining, {study.name(shown)}{_numbered(_PLAIN_TABLES, shown)}",
            first="Network",
            main=lines[0],
            to=lines[0].title,
            strong=False,
            shown=("parameters",),
        )
        for shown in study.recipe.plain.inputs
        if (lines := study.of(study.plan.plain, shown))
    ]
    return Findings("Networks without pretraining", tables)


def _depths(study: Study) -> Findings:
    """Tables III and V: how many layers to freeze, each number compared with the best one."""
    by_input = {shown: study.of(study.plan.depths, shown) for shown in study.recipe.freeze.inputs}
    tables: list[Table] = []
    means = {}
    for shown, lines in by_input.items():
        if not lines:
            continue
        means[study.name(shown)] = {line.configuration.depth: line.mean for line in lines}
        best = next(line for line in lines if line.configuration.depth == study.plan.best[shown].depth)
        tables.append(
            lines_table(
                lines,
                name=f"depths-{shown}",
                caption=f"Frozen layers, {study.name(shown)}{_numbered(_DEPTH_TABLES, shown)}",
                main=best,
                to=f"{best.configuration.depth} frozen layers",
                shown=("depth", "validation_auc", "trained_parameters"),
                note="Bold: the depth with the best validation AUC.",
            )
        )
    if not tables:
        return Findings("How many layers to freeze")
    contents: list[Content] = [choice(study), depth_figure(means, study.best), best_table(study.best), *tables]
    return Findings("How many layers to freeze", contents)


def _numbered(numerals: Mapping[Input, str], shown: Input) -> str:
    return f" (the paper's Table {numerals[shown]})" if shown in numerals else ""


def _methods(study: Study) -> Findings:
    """Table VI: every head with every input, and what late fusion gains."""
    main = study.line
    heads = "SPP: spatial pyramid pooling; GAP: global average pooling; own classifier: the network's own layers."
    methods = lines_table(
        study.methods,
        name="methods",
        caption="Methods (the paper's Table VI)",
        first="Method",
        main=main,
        to=f"the main method ({main.title})",
        shown=("depth", "accuracy_difference"),
        note=f"{heads} The paper has no intervals and no tests.",
    )
    nodules = lines_table(
        study.methods,
        name="nodules",
        caption="The same methods per nodule: the risks of its images averaged",
        first="Method",
        main=main,
        per_nodule=True,
        note=(
            "Where the nodule is not recorded, a patient's images of one label are averaged; the operating point is "
            "that of single images."
        ),
    )
    fusion = fusion_table(study.methods)
    own = [line for line in study.methods if line.configuration.head == main.configuration.head]
    own.sort(key=lambda line: line is not main)
    roc = curves.roc_figure(
        {study.name(line.configuration.input): (line.network.pooled(), line.mean["auc"]) for line in own},
        caption=(
            "ROC curves over the test predictions of all folds' networks, methods with the head of the main one "
            f"({main.title}); mean AUC with 95 % interval.{curves.band_words(main.network.pooled(), main.title)}"
        ),
        options=main.options,
    )
    contents = [methods, fusion, Figures(items=(roc,)), nodules]
    return Findings(
        "Methods",
        contents,
        said=[gain_words(study, fusion), depth_words(study)],
        predictions={item.trial.division: item.judged().table for item in study.main.tested},
    )


def _one_missing(study: Study) -> Findings:
    """Methods that can do without one of the images, tested without it."""
    table, dropout = hidden_table(study.methods, study.recipe), study.recipe.training.modality_dropout
    if table is None:
        return Findings("One image missing")
    learnt = (
        f"Late fusion learnt for it by hiding one image of a training pair with probability {dropout:g}."
        if dropout
        else "Late fusion was not trained for it (training.modality_dropout is 0)."
    )
    return Findings(
        "One image missing", [f"What is left of a method when one of the two images is not there. {learnt}", table]
    )


def _examples(study: Study) -> Findings:
    """Figures 3 and 7."""
    recipe, asked = study.recipe, study.recipe.explain
    found = pair_examples(
        study.finished.setup,
        study.main,
        second=recipe.second,
        flat=recipe.pair("own"),
        layers=asked.layers,
        count=asked.examples,
    )
    none: list[Content] = ["No picture is shown: none was asked for, or none could be made."]
    return Findings("Examples", found.contents or none, unfinished=found.unfinished, pictures=found.pictures)


def _published(study: Study) -> Findings:
    said = "The second image is another view of the same B-mode image: nothing here is about elastography."
    return Findings(
        "Published results",
        [published_table(study.line, study.test)],
        said=[said] if study.recipe.second.source == "image" else [],
    )


def _training(study: Study) -> Findings:
    """How long networks were trained, and what keeping the output of frozen layers saves."""
    lines = list(study.lines.values())
    calibration = calibration_figure(
        study.main.pooled(),
        title=study.line.title,
        calibrated=calibration_clause(study.main.judged()),
        options=study.line.options,
    )
    contents: list[Content] = [
        _cost(study) or "What keeping activations saves was not measured in this run.",
        curves.training_figure({study.line.title: study.main}),
        Figures(items=(calibration,)),
        training_table(lines, {line.network.key: _kept(study, line.network) for line in lines}),
    ]
    return Findings("Training and cost", contents)


def _cost(study: Study) -> Table | None:
    networks = study.finished.networks
    pairs = [item for item in study.plan.cost if item.key in networks]
    if len(pairs) != 2:
        return None
    without, having = (networks[item.key] for item in pairs)
    kept = {network.key: _kept(study, network) for network in (without, having)}
    return cost_table(without, having, title=study.title(pairs[0]), kept=kept)


def _kept(study: Study, network: Network) -> str:
    """Whether the output of the frozen layers was kept in each division, and why not."""
    uncached = [item.key for item in study.plan.cost if not item.cached]
    said: dict[str, None] = {}
    for tested in network.tested:
        if not tested.trial.training.freeze:
            said["nothing is frozen"] = None
        elif network.key in uncached:
            said["computed anew in every epoch, to measure what that costs"] = None
        elif not tested.trial.activations:
            said[f"computed anew: kept from {study.recipe.keep_activations_from} frozen layers on"] = None
        else:
            said[" ".join(tested.record["notes"]) or "kept"] = None
    return "; ".join(said)
