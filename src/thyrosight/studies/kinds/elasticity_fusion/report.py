"""The report of a study of fusion: the paper's tables and figures, for any cohort with elastograms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from thyrosight.documents import (
    Content,
    Facts,
    Figure,
    Figures,
    FlowStep,
    Heading,
    Section,
    Summary,
    Table,
    Tile,
    p_text,
    section,
)
from thyrosight.studies.analyses import curves
from thyrosight.studies.analyses.freeze_depth import (
    BestDepth,
    best_table,
    cost_table,
    depth_figure,
    draws_table,
)
from thyrosight.studies.analyses.networks import division_measures, evaluate
from thyrosight.studies.analyses.pair_examples import PairExamples, pair_examples
from thyrosight.studies.analyses.pairs import has_second, parts_table
from thyrosight.studies.base import merge
from thyrosight.studies.kind import Finished, Report
from thyrosight.studies.kinds.elasticity_fusion.recipe import BEST, HEADS, INPUTS, Configuration, Input, Recipe
from thyrosight.studies.kinds.elasticity_fusion.tables import (
    Line,
    Lines,
    compare_to,
    fusion_table,
    hidden_table,
    lines_table,
    published_table,
    training_table,
)
from thyrosight.studies.limitations import random_starts
from thyrosight.studies.page import flow_figure
from thyrosight.studies.sentences import preparation_words, training_words
from thyrosight.studies.tested import RANDOM_START, Network

NO_ELASTOGRAPHY = "second view of the same image, no elastography"
"""Said in the title and in every caption of a study whose second image is no elastogram."""
_TILES = {"auc": "AUC", "accuracy": "Accuracy", "recall": "Sensitivity", "specificity": "Specificity"}
_NUMERALS = {"b-mode": "I", "elastogram": "II"}


@dataclass(frozen=True, eq=False)
class Plan:
    """The configurations of each table, in its order.

    Attributes:
        plain: without pretraining, Tables I and II.
        depths: of rising depth for each input, Tables III and V.
        methods: Table VI.
        cost: without and with kept activations; empty where that is not measured.
        main: of the methods.
        best: per input the depth that the validation folds speak for.
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
        networks = finished.networks
        self.main = finished.main(plan.main.key)
        self.lines = Lines(finished.setup.cohort.table, options=self.recipe.statistics)

        def of(configurations: Sequence[Configuration]) -> list[Line]:
            return [self.lines.of(networks[c.key], self.title(c), c) for c in configurations if c.key in networks]

        self.plain = {shown: of([c for c in plan.plain if c.input == shown]) for shown in self.recipe.plain.inputs}
        self.depths = {shown: of([c for c in plan.depths if c.input == shown]) for shown in self.recipe.freeze.inputs}
        self.methods = of(plan.methods)
        self.line = next(line for line in self.methods if line.network is self.main)

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
    def test_images(self) -> int:
        """Images of the test part."""
        split, cohort = self.finished.setup.split, self.finished.setup.cohort
        return len(split.rows(cohort, split.divisions[0], "test"))


def report(finished: Finished[Recipe], plan: Plan) -> Report:
    """Everything that is said of depths, fusion and heads.

    Raises:
        NetworkError: the main method could not be trained.
    """
    study = _Study(finished, plan)
    recipe, main = study.recipe, study.main
    finished.progress("Evaluating", 0, 2)
    examples = pair_examples(
        finished.setup,
        main,
        second=recipe.second,
        flat=recipe.pair("own"),
        layers=recipe.explain.layers,
        count=recipe.explain.examples,
    )
    evaluated = evaluate([main], options=recipe.statistics)[0]
    for network in finished.networks.values():
        if network is not main:
            network.tested[0].drop_weights()
    tables = _every_table(study)
    sections = _sections(study, tables, examples)
    finished.progress("Evaluating", 2, 2)
    single = recipe.second.source == "image"
    return Report(
        title=f"{recipe.title} ({NO_ELASTOGRAPHY})" if single else "",
        source=NO_ELASTOGRAPHY if single else "",
        key_result=_key_result(study),
        sections=sections,
        tiles=[_tile(study.line, name, title) for name, title in _TILES.items()],
        tiles_note=f"{study.line.title}, mean over the folds' networks on the held-out test part.",
        summary=Summary(
            table="methods", columns=("title", *_TILES), note="mean over the folds, one test part, 95 % interval"
        ),
        more=[draws_table(_named(study, plan.best))] if plan.best else [],
        model=main,
        metrics=division_measures(evaluated, 0, options=recipe.statistics),
        limitations=_limitations(study),
        unfinished=[*_unfinished(study), *examples.unfinished],
        flow=_flow(study),
        predictions={item.trial.division: item.judged().table for item in main.tested},
        pictures=examples.pictures,
    )


def _named(study: _Study, values: Mapping[Input, Any]) -> dict[str, Any]:
    return {study.name(shown): value for shown, value in values.items()}


@dataclass(frozen=True, eq=False)
class _Tables:
    plain: list[Table]
    depths: list[Table]
    methods: list[Table]


def _every_table(study: _Study) -> _Tables:
    """Tables I to III, V and VI, each line compared with the main one of its table."""
    recipe, plan = study.recipe, study.plan
    plain = [
        lines_table(
            lines,
            name=f"plain-{shown}",
            caption=f"Without pretraining, {study.name(shown)}"
            + (f" (the paper's Table {_NUMERALS[shown]})" if shown in _NUMERALS else ""),
            first="Network",
            against=compare_to(lines, lines[0], recipe),
            to=lines[0].title,
            columns=("parameters",),
        )
        for shown, lines in study.plain.items()
        if lines
    ]
    depths = []
    for shown, lines in study.depths.items():
        if not lines:
            continue
        best = next(line for line in lines if line.configuration.depth == plan.best[shown].depth)
        numeral = {"b-mode": "III", "elastogram": "III", "early": "V"}.get(shown)
        depths.append(
            lines_table(
                lines,
                name=f"depths-{shown}",
                caption=f"Frozen layers, {study.name(shown)}" + (f" (the paper's Table {numeral})" if numeral else ""),
                first="",
                against=compare_to(lines, best, recipe),
                to=f"{best.configuration.depth} frozen layers",
                columns=("depth", "validation_auc", "trained_parameters"),
                strong=lines.index(best),
                note="Bold: the depth that the validation AUC speaks for.",
            )
        )
    main = study.line
    heads = "SPP: spatial pyramid pooling; GAP: global average pooling; own classifier: the network's own layers."
    strong = study.methods.index(main)
    methods = [
        lines_table(
            study.methods,
            name="methods",
            caption="Methods (the paper's Table VI)",
            first="Method",
            against=compare_to(study.methods, main, recipe),
            to=f"the main method ({main.title})",
            columns=("depth", "accuracy_difference"),
            strong=strong,
            note=f"{heads} The paper has no intervals and no tests.",
        ),
        *fusion_table(study.methods, recipe),
    ]
    nodules = lines_table(
        study.methods,
        name="nodules",
        caption="The same methods per nodule: the risks of its images averaged",
        first="Method",
        per_nodule=True,
        strong=strong,
        note=(
            "Where the nodule is not recorded, a patient's images of one label are averaged; the operating point is "
            "that of single images."
        ),
    )
    return _Tables(plain, depths, [*methods, nodules])


def _sections(study: _Study, tables: _Tables, examples: PairExamples) -> list[Section]:
    finished, recipe, plan = study.finished, study.recipe, study.plan
    best = _named(study, plan.best)
    means = {
        study.name(shown): {line.configuration.depth: line.mean for line in lines}
        for shown, lines in study.depths.items()
        if lines
    }
    sections = [
        section(
            "Cohort and division",
            Facts(rows=_facts(study)),
            flow_figure(_flow(study)),
            parts_table(finished.setup.cohort, finished.setup.split),
        )
    ]
    if tables.plain:
        sections.append(section("Networks without pretraining", *tables.plain))
    if tables.depths:
        contents: list[Content] = [_choice(study), depth_figure(means, best), best_table(best), *tables.depths]
        sections.append(section("How many layers to freeze", *contents))
    roc = Figures(items=(_roc_figure(study),))
    gained, nodules = tables.methods[:-1], tables.methods[-1]
    sections.append(section("Methods", *gained, roc, nodules))
    hidden = hidden_table(study.methods, recipe)
    if hidden:
        sections.append(section("One image missing", _hidden_words(recipe), hidden))
    calibration = curves.calibration_figure(study.main.pooled(), title=study.line.title, options=recipe.evaluation)
    training = curves.training_figure({study.line.title: study.main})
    return [
        *sections,
        section("Examples", *_examples(examples)),
        section(
            "Published results",
            published_table(study.line, _counts(finished)),
        ),
        section(
            "Training and cost",
            _cost(study) or "What keeping activations saves was not measured in this run.",
            training,
            Figures(items=(calibration,)),
            training_table(
                _every_line(study), {line.network.key: _kept(study, line.network) for line in _every_line(study)}
            ),
        ),
    ]


def _counts(finished: Finished[Recipe]) -> tuple[int, int, int]:
    split, cohort = finished.setup.split, finished.setup.cohort
    labels = split.rows(cohort, split.divisions[0], "test")["label"]
    return len(labels), int((labels == "malignant").sum()), int((labels == "benign").sum())


def _examples(examples: PairExamples) -> list[Content]:
    found: list[Content] = []
    if examples.projections:
        found += [Heading(text="What layers answer to (the paper's Figure 3)"), examples.projections]
    if examples.calls:
        found += [Heading(text="Right and wrong calls (the paper's Figure 7)"), examples.calls]
    return found or ["No picture is shown: none was asked for, or none could be made."]


def _every_line(study: _Study) -> list[Line]:
    """The lines of all tables, each network once."""
    lines = [line for table in (*study.plain.values(), *study.depths.values(), study.methods) for line in table]
    return list({line.network.key: line for line in lines}.values())


def _kept(study: _Study, network: Network) -> str:
    """Whether the output of the frozen layers was kept, and why not."""
    said = dict.fromkeys(_kept_once(study, network, place) for place in range(len(network.tested)))
    return "; ".join(said)


def _kept_once(study: _Study, network: Network, place: int) -> str:
    trial = network.tested[place].trial
    if not trial.training.freeze:
        return "nothing is frozen"
    if network.key in [item.key for item in study.plan.cost if not item.cached]:
        return "computed anew in every epoch, to measure what that costs"
    if not trial.activations:
        return f"computed anew: kept from {study.recipe.keep_activations_from} frozen layers on"
    return " ".join(network.tested[place].record["notes"]) or "kept"


def _cost(study: _Study) -> Table | None:
    networks = study.finished.networks
    pairs = [item for item in study.plan.cost if item.key in networks]
    if len(pairs) != 2:
        return None
    without, having = (networks[item.key] for item in pairs)
    kept = {network.key: _kept(study, network) for network in (without, having)}
    return cost_table(without, having, title=study.title(pairs[0]), kept=kept)


def _key_result(study: _Study) -> str:
    line, area = study.line, study.line.mean["auc"]
    network = study.main.title
    interval = ""
    if area.low is not None and area.high is not None:
        interval = f" (95 % interval {area.low:.2f} to {area.high:.2f})"
    value = "undefined" if area.value is None else f"{area.value:.2f}{interval}"
    parts = [
        f"{line.title} ({network}, {line.configuration.depth} convolution layers frozen): mean AUC {value} over "
        f"{area.divisions} networks on {study.test_images} test images."
    ]
    if area.low is not None and area.high is not None and area.low <= 0.5 <= area.high:
        parts.append("The interval includes 0.5: this cannot be told from guessing.")
    parts += [_gain_words(study), _depth_words(study)]
    if study.recipe.second.source == "image":
        parts.append("The second image is another view of the same B-mode image: nothing here is about elastography.")
    return " ".join(part for part in parts if part)


def _gain_words(study: _Study) -> str:
    """The gain of late fusion over each kind of image, with the main head."""
    head = study.line.configuration.head
    late = next(
        (line for line in study.methods if line.configuration.input == "late" and line.configuration.head == head), None
    )
    found = fusion_table(study.methods, study.recipe)
    if late is None or not found:
        return ""
    words = []
    for row in found[0].rows:
        if row["title"] != late.title:
            continue
        gain: Any = row["difference"]
        p: Any = row["p_corrected"]
        words.append(
            f"against {row['minus']} {100 * gain.value:+.1f} ({100 * gain.low:+.1f} to {100 * gain.high:+.1f}, "
            f"corrected P {p_text(p)})"
        )
    return f"Difference in AUC of {late.title}, in points of per cent: {'; '.join(words)}." if words else ""


def _depth_words(study: _Study) -> str:
    found = [
        f"{item.depth} for {study.name(shown)} (best in {100 * item.share_of_draws[item.depth]:.0f} % of draws)"
        for shown, item in study.plan.best.items()
    ]
    return f"Frozen layers that the validation folds speak for: {', '.join(found)}." if found else ""


def _tile(line: Line, name: str, title: str) -> Tile:
    item = line.mean[name]
    known = item.low is not None and item.high is not None
    below = f"95 % interval {item.low:.2f} to {item.high:.2f}" if known else ""
    return Tile(name=title, value="undefined" if item.value is None else f"{item.value:.2f}", below=below)


def _facts(study: _Study) -> tuple[tuple[str, str], ...]:
    facts = study.finished.facts
    recipe: dict[str, Any] = yaml.safe_load(facts.recipe_yaml)
    first, second = recipe["preparation"], recipe["second"]
    sized = ", ".join(f"{key} {value}" for key, value in (recipe.get("any_size") or {}).items())
    rows = [
        ("Network", f"{study.main.title}, first weights: {study.main.start}"),
        ("B-mode image", preparation_words(first)),
        (study.name("elastogram"), preparation_words(merge(first, second.get("preparation") or {}))),
        ("Heads of any size", f"images for spp and gap: {sized or 'the same square'}"),
        ("Training", training_words(recipe["training"])),
        ("Division", f"{facts.split_method}; {facts.split_kind}; seed {facts.seed}"),
        ("Frozen layers", _choice(study)),
        ("Sweep", f"{len(study.finished.outcomes)} trials, engine {facts.engine}"),
        ("Paper", facts.paper),
    ]
    return tuple((name, text) for name, text in rows if text)


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


def _roc_figure(study: _Study) -> Figure:
    """The methods with the main head, the main one first."""
    recipe, main = study.recipe, study.line
    own = [line for line in study.methods if line.configuration.head == main.configuration.head]
    own.sort(key=lambda line: line is not main)
    return curves.roc_figure(
        {study.name(line.configuration.input): (line.network.pooled(), line.mean["auc"]) for line in own},
        caption=(
            "ROC curves over the test predictions of all folds' networks, methods with the head of the main one "
            f"({main.title}), whose band is shown; mean AUC with 95 % interval."
        ),
        options=recipe.statistics,
    )


def _hidden_words(recipe: Recipe) -> str:
    dropout = recipe.training.modality_dropout
    learnt = (
        f"Late fusion learnt for it by hiding one image of a training pair with probability {dropout:g}."
        if dropout
        else "Late fusion was not trained for it (training.modality_dropout is 0)."
    )
    return f"What is left of a method when one of the two images is not there. {learnt}"


def _flow(study: _Study) -> list[FlowStep]:
    """The flow chart; at its end who is trained with, and who is tested."""
    setup, recipe = study.finished.setup, study.recipe
    split, table = setup.split, setup.cohort.table
    test = split.rows(setup.cohort, split.divisions[0], "test")
    pairs, tested = (int(has_second(rows, recipe.second).sum()) for rows in (table, test))
    without = len(test) - tested
    labels = ", ".join(setup.cohort.label_sources)
    kind = "an elastogram" if recipe.second.source == "elastogram" else "a second view"
    return [
        *study.finished.facts.flow[:-1],
        FlowStep(
            text=f"Images used: {_classes(table)} (labels: {labels}); {pairs} with {kind}",
            n=len(table),
            excluded=((f"training and validation ({len(split.divisions)} folds)", len(table) - len(test)),),
            aside="to training",
        ),
        FlowStep(
            text=f"Images of the held-out test part: {_classes(test)}",
            n=len(test),
            excluded=(("without an elastogram", without),) if without else (),
            aside="not tested",
        ),
        FlowStep(text="Pairs tested by every fold's network", n=tested),
    ]


def _classes(rows: Any) -> str:
    return f"{int((rows['label'] == 'benign').sum())} benign, {int((rows['label'] == 'malignant').sum())} malignant"


def _limitations(study: _Study) -> list[str]:
    found = [
        f"The {len(study.finished.setup.split.divisions)} networks of a row share one test part: their standard "
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
    recipe, table = study.recipe, study.finished.setup.cohort.table
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
