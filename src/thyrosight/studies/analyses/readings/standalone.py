"""Readers against the model alone, on the cases that it scored."""

from collections.abc import Mapping

import pandas as pd

from thyrosight.documents import Column, Measure, Row, Table, columns
from thyrosight.errors import StatisticsError
from thyrosight.statistics import StandaloneComparison, compare_readers_with_system
from thyrosight.studies.analyses.readings.reading_set import METRICS, ReadingSet
from thyrosight.studies.measures import correct_rows

MODEL = "model"


def models_of(found: ReadingSet) -> dict[str, pd.DataFrame]:
    """For each model its score and call of each case, by case; none where the table holds no scores."""
    scored = found.rows.dropna(subset="model_score")
    names = [str(name) for name in scored["model"].dropna().unique()]
    parts = {name: scored[scored["model"] == name] for name in names} if len(names) > 1 else {"": scored}
    return {
        name or (names[0] if names else MODEL): rows.groupby("case")[["model_score", "model_called"]].first()
        for name, rows in parts.items()
        if len(rows)
    }


def against_model(
    found: ReadingSet, arm: str, scores: pd.DataFrame, *, metric: str = "auc"
) -> StandaloneComparison | str:
    """The readers of one arm against one model, or why they cannot be compared.

    Args:
        scores: the model's score and call by case, as `models_of` gives them.
        metric: "auc", or "sensitivity" and "specificity" of actions and the model's calls.
    """
    rating, system = ("rating", "model_score") if metric == "auc" else ("called", "model_called")
    rows = found.of_arm(arm)
    rows = rows.assign(system=rows["case"].map(scores[system])).dropna(subset=[rating, "system"])
    if rows.empty:
        return "no case was both read and scored"
    if rows.groupby("truth")["case"].nunique().size < 2:
        return "the cases that were scored are not of both classes"
    thresholds = {} if metric == "auc" else {"threshold": 0.5, "system_threshold": 0.5}
    try:
        return compare_readers_with_system(
            {name: rows[name].to_numpy() for name in ("reader", "case", "group", "truth", rating, "system")},
            metric=metric,
            reader="reader",
            case="case",
            truth="truth",
            rating=rating,
            system="system",
            readers=found.options.readers if rows["reader"].nunique() > 1 else "fixed",
            cluster=found.cluster,
            missing=found.options.missing,
            confidence=found.evaluation.confidence,
            **thresholds,
        )
    except StatisticsError as error:
        return str(error)


def standalone_table(found: ReadingSet, models: Mapping[str, pd.DataFrame]) -> tuple[Table | None, list[str]]:
    """The mean of the readers in each arm against each model, and sentences on what could not be compared."""
    rows, unfinished = [], []
    few = found.few()
    metrics = ["auc", *(["sensitivity", "specificity"] if found.has_calls else [])]
    for model, scores in models.items():
        for metric in metrics if scores["model_called"].notna().any() else metrics[:1]:
            for arm in found.arms:
                result = against_model(found, arm, scores, metric=metric)
                if isinstance(result, str):
                    unfinished.append(f"{METRICS[metric]} of the readers against the model ({arm}): {result}")
                    continue
                rows.append(_row(result, {"model": model, "arm": arm, "measure": METRICS[metric]}, few=few))
    if not rows:
        return None, unfinished
    correct_rows(rows)
    for row in rows:
        row["verdict"] = found.verdict(row["difference"], p=row.get("p_corrected"))  # type: ignore[arg-type]
    table = Table(
        name="standalone",
        caption="Mean of the readers against the model alone",
        columns=(
            *columns("text", {"model": "Model", "arm": "Arm", "measure": "Measure"}),
            Column(key="n", title="Cases", kind="count"),
            *columns("area", {"readers": "Readers", "system": "Model alone"}),
            Column(key="difference", title="Readers minus model", kind="difference"),
            *columns("p", {"p": "P", "p_corrected": "P corrected"}),
            Column(key="verdict", title="Verdict on the readers"),
        ),
        rows=tuple(rows),
        notes=(
            "The model is one fixed system: the result is about this model and about readers like these."
            if found.options.readers == "random"
            else "The model is one fixed system: the result is about this model and these readers.",
            *(["An arm in which the model was shown is no independent comparison with it."] if found.aided else []),
            *([f"No P value and no verdict: {few}; intervals are rough."] if few else []),
        ),
    )
    return table, unfinished


def _row(result: StandaloneComparison, head: Row, *, few: str) -> Row:
    row = head | {"n": result.difference.n, "readers": Measure.of(result.mean_reader)}
    row |= {"system": Measure.of(result.system), "difference": Measure.of(result.difference)}
    return row | {"p": None if few else result.to_dict()["p"]}
