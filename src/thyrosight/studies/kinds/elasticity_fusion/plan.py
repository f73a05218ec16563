"""The networks of a study of fusion: without pretraining, for the depths, for the methods, and for the cost."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from thyrosight.cohort import Cohort, Split
from thyrosight.errors import NetworkError
from thyrosight.networks import Fusion, create_empty, find_architecture
from thyrosight.networks.freezing import convolution_names
from thyrosight.progress import Progress
from thyrosight.studies.analyses.freeze_depth import best_depth, shared_best
from thyrosight.studies.analyses.pairs import check_folds, check_pairs, has_second, note_checked
from thyrosight.studies.divisions import study_split
from thyrosight.studies.kind import Finished, Kind, Report
from thyrosight.studies.kinds.elasticity_fusion.recipe import BEST, ONE_IMAGE, Configuration, Input, Recipe
from thyrosight.studies.kinds.elasticity_fusion.report import report
from thyrosight.studies.kinds.elasticity_fusion.study import Plan
from thyrosight.studies.tested import Network
from thyrosight.studies.trial import PLAIN, Setup, Shown, Trial, View, trial_seed
from thyrosight.studies.workspace import Workspace

CHECKED = "pairs.json"
"""In the study's folder: which files of pairs were found to belong together."""
PAIRED = "paired"
"""The derived column that says whether an image has a second one."""
_HIDDEN = (
    View(name="without elastogram", hidden="elastogram", parts=("test",)),
    View(name="without b-mode", hidden="b-mode", parts=("test",)),
)
_FUSIONS: dict[Input, Fusion] = {"mixed": "mixed", "early": "early", "late": "late"}
_SHOWN: dict[Input, Shown] = {"b-mode": "b-mode", "elastogram": "elastogram", "mixed": "mixed"}


class Study(Kind[Recipe]):
    """Two stages: first the networks without pretraining and those of every depth; then, with the depths that the
    validation folds speak for, the methods."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe)
        self.stages = 0

    def check(self, source: Cohort | Path | str) -> None:
        """Architectures, heads, weights and depths that cannot be had.

        Raises:
            NetworkError: names the first problem.
        """
        recipe = self.recipe
        size, own = recipe.preparation.size, recipe.network
        for name in recipe.plain.networks:
            create_empty(name, input_size=size)
        network, _ = create_empty(own.architecture, weights=own.weights, input_size=size)
        layers = len(convolution_names(network))
        wanted = [*recipe.freeze.depths, *([recipe.freeze.chosen] if isinstance(recipe.freeze.chosen, int) else [])]
        if wanted and max(wanted) > layers:
            raise NetworkError(
                f"{find_architecture(own.architecture).title} has {layers} convolution layers, and {max(wanted)} are "
                "to be frozen; correct freeze.depths or freeze.chosen."
            )
        for head in recipe.methods.heads:
            create_empty(own.architecture, input_size=recipe.pair(head).first.size, head=head)
        for shown in recipe.methods.inputs:
            create_empty(own.architecture, input_size=size, fusion=_FUSIONS.get(shown, "none"))

    def select(self, cohort: Cohort, *, folder: Path, progress: Progress) -> Cohort:
        """The cohort with the column `paired`; pairs that do not belong together are refused."""
        second = self.recipe.second
        check_pairs(cohort, second, progress=progress, checked=folder / CHECKED)
        return replace(cohort, table=cohort.table.assign(**{PAIRED: has_second(cohort.table, second)}))

    def split(self, cohort: Cohort, workspace: Workspace, *, given: Path | None) -> Split:
        """Every part must hold pairs of both classes."""
        second = self.recipe.second
        note_checked(cohort, second, workspace.folder / CHECKED)
        return study_split(
            self.recipe.split,
            cohort,
            workspace,
            given=given,
            seed=self.recipe.seed,
            check=lambda split: check_folds(cohort, split, second),
        )

    def trials(self, setup: Setup[Recipe], networks: Mapping[str, Network]) -> Sequence[Trial]:
        self.stages += 1
        plan = self.plan(networks)
        first = [*plan.plain, *plan.depths]
        configurations = first if first and self.stages == 1 else [*first, *plan.methods, *plan.cost]
        return self._each(setup, configurations)

    def studied(self, networks: Mapping[str, Network]) -> str:
        return self.plan(networks).main.key

    def plan(self, networks: Mapping[str, Network]) -> Plan:
        """The configurations of each table; depths of methods follow from the networks that are trained already."""
        recipe = self.recipe
        own = recipe.network.architecture
        plain = [
            Configuration(name, shown, pretrained=False)
            for shown in recipe.plain.inputs
            for name in recipe.plain.networks
        ]
        depths = [
            Configuration(own, shown, depth=depth)
            for shown in recipe.freeze.inputs
            for depth in sorted(set(recipe.freeze.depths))
        ]
        trained: dict[Input, dict[int, Network]] = {}
        for item in depths:
            if item.key in networks:
                trained.setdefault(item.input, {})[item.depth] = networks[item.key]
        best = {shown: best_depth(own, options=recipe.statistics) for shown, own in trained.items()}
        singles = [trained[shown] for shown in ONE_IMAGE if shown in trained]
        chosen = self._chosen(
            {shown: item.depth for shown, item in best.items()}, shared_best(singles, options=recipe.statistics)
        )
        methods = [
            Configuration(own, shown, head, chosen[shown])
            for head in recipe.methods.heads
            for shown in recipe.methods.inputs
        ]
        main = recipe.methods.main
        return Plan(
            plain=plain,
            depths=depths,
            methods=methods,
            cost=self._cost(chosen),
            main=Configuration(own, main.input, main.head, chosen[main.input]),
            best=best,
            chosen=chosen,
        )

    def _chosen(self, best: Mapping[Input, int], shared: int | None) -> dict[Input, int]:
        """The depth of each input of the methods; `shared` is for inputs whose own depths were not tried."""
        recipe = self.recipe
        fixed = recipe.freeze.chosen
        inputs: dict[Input, None] = dict.fromkeys([*recipe.methods.inputs, recipe.methods.main.input])
        if fixed != BEST:
            return dict.fromkeys(inputs, int(fixed))
        return {shown: best.get(shown, shared or 0) for shown in inputs}

    def _cost(self, depths: Mapping[Input, int]) -> list[Configuration]:
        """One network on one kind of image, trained for a few epochs without and with kept activations.

        Its depth is the chosen one, or the next above it that was tried and whose activations are kept.
        """
        recipe = self.recipe
        shown = next((item for item in ONE_IMAGE if item in depths), None)
        if not recipe.cost_epochs or shown is None:
            return []
        tried = sorted({depths[shown], *recipe.freeze.depths})
        worth_it = [depth for depth in tried if depth >= max(depths[shown], recipe.keep_activations_from)]
        if not worth_it:
            return []
        some = Configuration(recipe.network.architecture, shown, depth=worth_it[0], epochs=recipe.cost_epochs)
        return [replace(some, cached=False), some]

    def _each(self, setup: Setup[Recipe], configurations: Sequence[Configuration]) -> list[Trial]:
        """The same networks on every division; what measures the cost of training on the first one alone."""
        names = [division.name for division in setup.split.divisions]
        trials = [
            self._trial(item, name, first=name == names[0])
            for item in configurations
            for name in (names if item.epochs is None else names[:1])
        ]
        return list({trial.name: trial for trial in trials}.values())

    def _trial(self, item: Configuration, division: str, *, first: bool) -> Trial:
        recipe = self.recipe
        training: dict[str, Any] = {"seed": trial_seed(recipe.seed, division, item.architecture), "freeze": item.depth}
        if item.input != "late":
            training["modality_dropout"] = 0.0
        if item.epochs is not None:
            training |= {"epochs": item.epochs, "patience": None, "keep": "last"}
        pairs = {PAIRED: True}
        able = item.input in ("mixed", "late")
        return Trial(
            division=division,
            key=item.key,
            axes={"input": item.input, "head": item.head, "depth": item.depth, "cost": item.epochs},
            architecture=item.architecture,
            weights=recipe.network.weights if item.pretrained else "none",
            fusion=_FUSIONS.get(item.input, "none"),
            head=item.head,
            shown=_SHOWN.get(item.input, "pair"),
            preparation=recipe.pair(item.head),
            training=recipe.training.fit.model_copy(update=training),
            # A network is tested on pairs, like all others, and learns from what its input allows.
            train_where={} if item.input == "b-mode" or able else pairs,
            test_where=pairs,
            views=(PLAIN, *(_HIDDEN if able and item.epochs is None else ())),
            keep_weights=first and self._may_be_main(item),
            activations=item.cached and item.depth >= max(recipe.keep_activations_from, 1),
        )

    def _may_be_main(self, item: Configuration) -> bool:
        """Whether it may turn out to be the main method, whose weights stay for the model and the figures."""
        recipe, chosen = self.recipe, self.recipe.freeze.chosen
        main = recipe.methods.main
        return (
            item.pretrained
            and item.epochs is None
            and (item.architecture, item.input, item.head) == (recipe.network.architecture, main.input, main.head)
            and (not isinstance(chosen, int) or item.depth == chosen)
        )

    def report(self, finished: Finished[Recipe]) -> Report:
        return report(finished, self.plan(finished.networks))
