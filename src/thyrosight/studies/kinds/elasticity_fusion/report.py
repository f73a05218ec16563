"""The report of a study of fusion: the paper's tables and figures, for any cohort with elastograms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from thyrosight.documents import Content, Facts, Figures, FlowStep, Summary, Table
from thyrosight.studies.analyses import curves
from thyrosight.studies.analyses.calibration_figures import calibration_figure
from thyrosight.studies.analyses.freeze_depth import BestDepth, best_table, cost_table, depth_figure, draws_table
from thyrosight.studies.analyses.pair_examples import pair_examples
from thyrosight.studies.analyses.pairs import has_second, pairs_alone
from thyrosight.studies.analyses.part_balance import parts_table
from thyrosight.studies.further.parts import further
from thyrosight.studies.kind import Findings, Finished, Report
from thyrosight.studies.kinds.elasticity_fusion.diagrams import network_diagrams
from thyrosight.studies.kinds.elasticity_fusion.recipe import BEST, HEADS, INPUTS, Configuration, Input, Recipe
from thyrosight.studies.kinds.elasticity_fusion.tables import (
    Line,
    fusion_table,
    hidden_table,
    lines_table,
    nodules_of,
    published_table,
    training_table,
)
from thyrosight.studies.limitations import random_starts
from thyrosight.studies.measures import pooled_measures
from thyrosight.studies.page import flow_figure
from thyrosight.studies.predictions import calibration_clause
from thyrosight.studies.sentences import (
    chance_words,
    classes_words,
    in_words,
    listed,
    methods_rows,
    preparation_words,
    tile,
)
from thyrosight.studies.tested import RANDOM_START, Network

NO_ELASTOGRAPHY = "second view of the same image, no elastography"
"""Said in the title and in every caption of a study whose second image is no elastogram."""
_TILES = {"auc": "AUC", "accuracy": "Accuracy", "recall": "Sensitivity", "specificity": "Specificity"}
_PLAIN_TABLES: dict[Input, str] = {"b-mode": "I", "elastogram": "II"}
_DEPTH_TABLES: dict[Input, str] = {"b-mode": "III", "elastogram": "III", "early": "V"}


@dataclass(frozen=True, eq=False)
class Plan:
    """The configurations of each table, in its order.

    Attributes:
        plain: without pretraining, Tables I and II.
        depths: of rising depth for each input, Tables III and V.
        methods: Table VI.
        cost: without and with kept activations; empty where that is not measured.
        main: of the methods.
        best: per input the depth with the best AUC on the validation folds.
        chosen: per input the depth of the methods.
    """

    plain: Sequence[Configuration]
    depths: Sequence[Configuration]
    methods: Sequence[Configuration]
    cost: Sequence[Configuration]
    main: Configuration
    best: Mapping[Input, BestDepth]
    chosen: Mapping[Input, int]


class _Study:
    """A finished study with the lines of its tables."""

    def __init__(self, finished: Finished[Recipe], plan: Plan) -> None:
        self.finished, self.plan, self.recipe = finished, plan, finished.recipe
        self.main = finished.main(plan.main.key)
        self.cohort, self.split = finished.setup.cohort, finished.setup.split
        self.test = self.split.rows(self.cohort, self.split.divisions[0], "test")
        nodules, networks = nodules_of(self.cohort.table), finished.networks
        self.lines = {
            item.key: Line(networks[item.key], item, self.title(item), nodules, self.recipe.statistics)
            for item in (*plan.plain, *plan.depths, *plan.methods)
            if item.key in networks
        }
        """Of all tables, by key: each network once."""
        self.line = self.lines[plan.main.key]
        self.methods = self.of(plan.methods)

    def of(self, configurations: Sequence[Configuration], shown: Input | None = None) -> list[Line]:
        """The lines of configurations that were trained, of one input where it is named."""
        return [
            self.lines[item.key] for item in configurations if item.key in self.lines and shown in (None, item.input)
        ]

    def name(self, shown: Input) -> str:
        """The printed name of an input."""
        second = self.recipe.second_name
        names = {"b-mode": "B-mode image", "elastogram": second[0].upper() + second[1:], "mixed": "Mixed training"}
        return {**names, "early": "Early fusion", "late": "Late fusion"}[shown]

    def title(self, item: Configuration) -> str:
        """The printed name of a line: the network where networks are compared, else input and head."""
        if not item.pretrained:
            return self.finished.networks[item.key].title
        head = {"own": "own classifier", "spp": "SPP", "gap": "GAP"}[item.head]
        return f"{self.name(item.input).removesuffix(' image')}, {head}"

    @property
    def best(self) -> dict[str, BestDepth]:
        """Per printed name of an input the depth with the best AUC on the validation folds."""
        return {self.name(shown): item for shown, item in self.plan.best.items()}


def report(finished: Finished[Recipe], plan: Plan) -> Report:
    """Everything that is said of depths, fusion and heads.

    Raises:
        NetworkError: the main method could not be trained.
    """
    study = _Study(finished, plan)
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
        flow=_flow(study),
    )


def _cohort(study: _Study) -> Findings:
    return Findings(
        "Cohort and division",
        [
            Facts(rows=_facts(study)),
            flow_figure(_flow(study)),
            parts_table(
                study.cohort,
                study.split,
                caption="Patients and images of the training and the test part (the paper's Table IV)",
            ),
        ],
        said=_main_words(study),
        limitations=_limitations(study),
        unfinished=_unfinished(study),
    )


def _networks(study: _Study) -> Findings:
    """How the networks are built."""
    images = study.main.tested[0].record["train"]
    return Findings("Networks", network_diagrams(study.recipe, study.main, study.line.configuration, images=images))


def _plain(study: _Study) -> Findings:
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


def _depths(study: _Study) -> Findings:
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
    contents: list[Content] = [_choice(study), depth_figure(means, study.best), best_table(study.best), *tables]
    return Findings("How many layers to freeze", contents)


def _numbered(numerals: Mapping[Input, str], shown: Input) -> str:
    return f" (the paper's Table {numerals[shown]})" if shown in numerals else ""


def _methods(study: _Study) -> Findings:
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
            f"({main.title}), whose band is shown; mean AUC with 95 % interval."
        ),
        options=main.options,
    )
    contents = [methods, fusion, Figures(items=(roc,)), nodules]
    return Findings(
        "Methods",
        contents,
        said=[_gain_words(study, fusion), _depth_words(study)],
        predictions={item.trial.division: item.judged().table for item in study.main.tested},
    )


def _one_missing(study: _Study) -> Findings:
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


def _examples(study: _Study) -> Findings:
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


def _published(study: _Study) -> Findings:
    said = "The second image is another view of the same B-mode image: nothing here is about elastography."
    return Findings(
        "Published results",
        [published_table(study.line, study.test)],
        said=[said] if study.recipe.second.source == "image" else [],
    )


def _training(study: _Study) -> Findings:
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


def _cost(study: _Study) -> Table | None:
    networks = study.finished.networks
    pairs = [item for item in study.plan.cost if item.key in networks]
    if len(pairs) != 2:
        return None
    without, having = (networks[item.key] for item in pairs)
    kept = {network.key: _kept(study, network) for network in (without, having)}
    return cost_table(without, having, title=study.title(pairs[0]), kept=kept)


def _kept(study: _Study, network: Network) -> str:
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


def _main_words(study: _Study) -> list[str]:
    line, area = study.line, study.line.mean["auc"]
    return [
        f"{line.title} ({study.main.title}, {line.configuration.depth} convolution layers frozen): mean AUC "
        f"{in_words(area)} over {area.divisions} networks on {len(study.test)} test images.",
        chance_words(area),
    ]


def _gain_words(study: _Study, fusion: Table | None) -> str:
    """The gain of late fusion over each kind of image, with the main head."""
    head = study.line.configuration.head
    late = [item for item in study.methods if (item.configuration.input, item.configuration.head) == ("late", head)]
    words = []
    for row in fusion.rows if fusion and late else ():
        gain: Any = row["difference"]
        if row["title"] == late[0].title:
            limits = "" if gain.low is None else f" ({100 * gain.low:+.1f} to {100 * gain.high:+.1f})"
            words.append(f"against {row['minus']} {100 * gain.value:+.1f}{limits}, {row['verdict']}")
    return f"Difference in AUC of {late[0].title}, in points of per cent: {'; '.join(words)}." if words else ""


def _depth_words(study: _Study) -> str:
    """Whether the validation folds choose a depth; inputs of which the same is said stand together."""
    said: dict[str, list[str]] = {}
    for name, item in study.best.items():
        said.setdefault(item.words, []).append(name)
    return " ".join(f"Frozen layers, {listed(names)}: {words}" for words, names in said.items())


def _facts(study: _Study) -> tuple[tuple[str, str], ...]:
    facts, recipe = study.finished.facts, study.recipe
    second = recipe.pair("own").second.model_dump(mode="json")
    sized = ", ".join(f"{key} {value}" for key, value in recipe.any_size.items())
    return methods_rows(
        facts,
        (study.name("elastogram"), preparation_words(second)),
        ("Heads of any size", f"images for spp and gap: {sized or 'the same square'}"),
        ("Network", f"{study.main.title}, first weights: {study.main.start}"),
        ("Frozen layers", _choice(study)),
        ("Sweep", f"{len(study.finished.outcomes)} trials, engine {facts.engine}"),
    )


def _choice(study: _Study) -> str:
    """How the depths of the methods came about."""
    recipe, plan = study.recipe, study.plan
    if recipe.freeze.chosen != BEST:
        return f"The recipe fixes the depth of every method at {recipe.freeze.chosen} frozen layers."
    named = "; ".join(f"{study.name(shown).removesuffix(' image')} {depth}" for shown, depth in plan.chosen.items())
    rest = [study.name(shown) for shown in plan.chosen if shown not in plan.best]
    where = f" {' and '.join(rest)} take the depth that is best on average over the kinds of image." if rest else ""
    return (
        f"Each method freezes as many layers as have the best mean AUC on the validation folds ({named}).{where} The "
        "test part had no say."
    )


def _flow(study: _Study) -> list[FlowStep]:
    """The flow chart; at its end who is trained with, and who is tested."""
    second, table, test = study.recipe.second, study.cohort.table, study.test
    pairs, tested = (int(has_second(rows, second).sum()) for rows in (table, test))
    without = len(test) - tested
    labels = ", ".join(study.cohort.label_sources)
    kind = "an elastogram" if second.source == "elastogram" else "a second view"
    return [
        *study.finished.facts.flow[:-1],
        FlowStep(
            text=f"Images used: {classes_words(table)} (labels: {labels}); {pairs} with {kind}",
            n=len(table),
            excluded=((f"training and validation ({len(study.split.divisions)} folds)", len(table) - len(test)),),
            aside="to training",
        ),
        FlowStep(
            text=f"Images of the held-out test part: {classes_words(test)}",
            n=len(test),
            excluded=(("without an elastogram", without),) if without else (),
            aside="not tested",
        ),
        FlowStep(text="Pairs tested by every fold's network", n=tested),
    ]


def _limitations(study: _Study) -> list[str]:
    found = [
        f"The {len(study.split.divisions)} networks of a row share one test part: their standard "
        "deviation tells how much training varies, the interval how much other patients would have changed the mean.",
    ]
    if study.main.start == RANDOM_START:
        found.append(
            "The network started from random weights: frozen layers hold random filters, and nothing was transferred. "
            "What is said of depths is about random filters, not about transfer learning."
        )
    if study.recipe.second.source == "image":
        found.insert(
            0,
            "The second image is another view of the same B-mode image. This run exercises training on pairs; it says "
            "nothing about elastography.",
        )
    return found


def _unfinished(study: _Study) -> list[str]:
    """What could not be done, beside failed trials, the model and the figures."""
    recipe, table = study.recipe, study.cohort.table
    told = random_starts({study.main.title: study.main})
    alone = len(table) - int(has_second(table, recipe.second).sum())
    if alone:
        told.append(
            f"{alone} of {len(table)} images have no elastogram: networks for the B-mode image, mixed training and "
            "late fusion learn from them, the others do not; only pairs are tested."
        )
    absent = [head for head in HEADS if head not in recipe.methods.heads]
    shown = [item for item in INPUTS if item not in recipe.methods.inputs]
    if absent or shown:
        told.append(f"Methods left out by the recipe: {', '.join([*absent, *shown])}.")
    return told
