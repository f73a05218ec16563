"""One tested set after another: predictions joined to nodules, then all tables and curves."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from thyrosight.errors import StatisticsError
from thyrosight.networks import architectures
from thyrosight.statistics import compare_auc, roc_curve
from thyrosight.studies.base import FlowStep
from thyrosight.studies.evaluate import reliability, roc
from thyrosight.studies.micronodule.analysis import analyse, mean_of_readers, subgroups
from thyrosight.studies.micronodule.characteristics import compare_sizes
from thyrosight.studies.micronodule.diagnosis import (
    NETWORK,
    diagnose,
    difference_of,
    network_judgements,
    reader_judgements,
)
from thyrosight.studies.micronodule.networks import Trained
from thyrosight.studies.micronodule.raters import read_readers
from thyrosight.studies.micronodule.recipe import MicronoduleRecipe
from thyrosight.studies.micronodule.result import NetworkOnSet, TestSet
from thyrosight.studies.micronodule.tested import without_box
from thyrosight.studies.result import Curve, Reliability

_LEAST_FOR_CURVE = 20


class Tested:
    """A set of nodules with everything that was said of them.

    Attributes:
        name, external, flow: of the set.
        nodules: one row each, with truth, group, nodule_mm and, where there is a network, probability and risk of the
            main one.
        readings: of its readers.
        notes: what must be known of the set and its readers.
    """

    def __init__(
        self,
        name: str,
        rows: pd.DataFrame,
        flow: list[FlowStep],
        recipe: MicronoduleRecipe,
        *,
        external: bool,
        notes: Sequence[str] = (),
    ) -> None:
        self.name, self.external, self.flow = name, external, flow
        self.nodules = rows.reset_index(drop=True)
        sources = sorted(set(self.nodules["label_source"])) if len(self.nodules) else []
        self.label_sources = [str(source) for source in sources]
        self.readings, reader_notes = read_readers(self.nodules, recipe.readers, label_sources=self.label_sources)
        noted = [f"{reading.name}: {note}." for reading in self.readings for note in reading.notes]
        self.notes = [*notes, *_box_note(name, self.nodules, recipe), *reader_notes, *noted]

    def with_network(self, trained: Trained, part: str) -> "Tested":
        """Join what the main network says."""
        said = trained.predictions.part(part).set_index("key")[["probability", "risk"]]
        self.nodules = self.nodules.drop(columns=["probability", "risk"], errors="ignore").join(said, on="key")
        return self

    def result(
        self, networks: Mapping[str, Trained], part: str, recipe: MicronoduleRecipe, *, split_kind: str
    ) -> TestSet:
        """All tables of the set."""
        nodules = self.nodules
        found, missing = subgroups(nodules, self.readings, recipe)
        mean, no_mean = mean_of_readers(nodules, self.readings, recipe)
        main = next(iter(networks.values()), None)
        limit = recipe.subgroups.at_most_mm
        return TestSet(
            name=self.name,
            external=self.external,
            label_sources=self.label_sources,
            split_kind=split_kind,
            images=len(nodules),
            groups=int(nodules["group"].nunique()),
            benign=int((nodules["truth"] == 0).sum()),
            malignant=int((nodules["truth"] == 1).sum()),
            flow=self._flow(),
            networks=[self._network(item, networks, part, recipe) for item in networks] if len(nodules) else [],
            roc=self._curves(recipe),
            score_benign=nodules.loc[nodules["truth"] == 0, "risk"].tolist() if main else [],
            score_malignant=nodules.loc[nodules["truth"] == 1, "risk"].tolist() if main else [],
            reliability=_reliability(nodules, recipe) if main else None,
            uncalibrated=_reliability(nodules.assign(risk=nodules["probability"]), recipe) if main else None,
            analysis=analyse(nodules, self.readings, recipe, name="all nodules"),
            subgroups=found,
            by_size=[] if limit is None else compare_sizes(nodules, limit),
            reader_mean=mean,
            notes=[*self.notes, *missing, *no_mean],
        )

    def _flow(self) -> list[FlowStep]:
        """The flow chart, whose last box also says how many nodules each reader judged."""
        if not self.flow or not self.readings:
            return self.flow
        read = ", ".join(f"{reading.name} {int(reading.ranks.notna().sum())}" for reading in self.readings)
        last = self.flow[-1]
        return [*self.flow[:-1], last.model_copy(update={"text": f"{last.text}. Read by: {read}"})]

    def _network(
        self, name: str, networks: Mapping[str, Trained], part: str, recipe: MicronoduleRecipe
    ) -> NetworkOnSet:
        """One network at the operating point of its validation part, and its AUC against the main network's."""
        trained, main = networks[name], next(iter(networks.values()))
        own, first = trained.predictions.part(part), main.predictions.part(part)
        table = diagnose(
            network_judgements(own),
            recipe.evaluation,
            seed=recipe.seed,
            threshold=trained.predictions.threshold,
            chosen_on="validation part",
        )
        against = None
        if trained is not main:
            try:
                result = compare_auc(
                    own["truth"],
                    first["risk"],
                    own["risk"],
                    cluster=own["group"],
                    confidence=recipe.evaluation.confidence,
                )
                against = difference_of("auc", result)
            except StatisticsError:
                against = None
        return NetworkOnSet(
            architecture=name,
            title=architectures()[name].title,
            measures=table.measures,
            counts=table.counts,
            against_main=against,
        )

    def _curves(self, recipe: MicronoduleRecipe) -> dict[str, Curve]:
        """ROC curves of the main network and of each reader; none where a class is missing."""
        curves: dict[str, Curve] = {}
        nodules = self.nodules
        if not 0 < nodules["truth"].sum() < len(nodules):
            return curves
        if "risk" in nodules:
            curves[NETWORK] = roc(nodules, options=recipe.evaluation, seed=recipe.seed)
        for reading in self.readings:
            judged = nodules[reading.ranks.notna().to_numpy()]
            if not 0 < judged["truth"].sum() < len(judged):
                continue
            scores = reader_judgements(judged, reading)
            curve = roc_curve(scores.truth, scores.score, replicates=0)
            curves[reading.name] = Curve(
                x=(1 - np.asarray(curve.specificity)).tolist(),
                y=np.asarray(curve.sensitivity).tolist(),
                method="every category is a point",
            )
        return curves


def _box_note(name: str, nodules: pd.DataFrame, recipe: MicronoduleRecipe) -> list[str]:
    """Say where the network saw more than the nodule, because nothing tells where that is."""
    missing = without_box(nodules) if recipe.preparation.crop == "nodule" else 0
    if not missing:
        return []
    return [
        f"{name}: {missing} of {len(nodules)} images have no box and no outline of the nodule; the network saw their "
        "whole scan area, and a square around the nodule of the others."
    ]


def _reliability(nodules: pd.DataFrame, recipe: MicronoduleRecipe) -> Reliability | None:
    """Predicted against observed risk; None where there are too few nodules to say anything."""
    if len(nodules) < _LEAST_FOR_CURVE or not 0 < nodules["truth"].sum() < len(nodules):
        return None
    return reliability(nodules, options=recipe.evaluation)
