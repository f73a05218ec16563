"""A finished study of fusion: the lines of its tables, by configuration, and how inputs and heads are called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from thyrosight.studies.analyses.freeze_depth import BestDepth
from thyrosight.studies.kind import Finished
from thyrosight.studies.kinds.elasticity_fusion.recipe import HEAD_NAMES, Configuration, Input, Recipe
from thyrosight.studies.kinds.elasticity_fusion.tables import Line, nodules_of


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


class Study:
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
        """Lines of all tables by key: each network once."""
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
        return f"{self.name(item.input).removesuffix(' image')}, {HEAD_NAMES[item.head]}"

    @property
    def best(self) -> dict[str, BestDepth]:
        """Per printed name of an input the depth with the best AUC on the validation folds."""
        return {self.name(shown): item for shown, item in self.plan.best.items()}
