"""From a table of readings to the analysed readings: ratings, decisions, arms, and the readings that count."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from thyrosight.errors import ReadingsError
from thyrosight.readings import Protocol, Readings, ratings_of
from thyrosight.readings.questions import HIGHEST_SCORE, ScoreQuestion
from thyrosight.studies.analyses.readings.flow import Counted
from thyrosight.studies.analyses.readings.reading_set import ROWS, ReaderOptions, ReadingSet
from thyrosight.studies.kinds.reader_study.planning import Orders, is_crossed, planned
from thyrosight.studies.kinds.reader_study.recipe import Recipe

UNSTATED = "unstated"
_FLAGS = ("repeat", "practice", "attention", "withdrawn")


@dataclass(frozen=True, eq=False)
class Arranged:
    """A table of readings, arranged.

    Attributes:
        found: what is analysed.
        counted: all readings, for the flow chart.
        given: columns that the table has.
        label_sources: where the truth comes from.
        case_columns: columns from which subgroups are made.
        notes: on how the table was read.
        unfinished: what cannot be computed from this table, and why.
    """

    found: ReadingSet
    counted: Counted
    given: tuple[str, ...]
    label_sources: tuple[str, ...]
    case_columns: tuple[str, ...]
    notes: tuple[str, ...]
    unfinished: tuple[str, ...]


def arrange(
    readings: Readings, recipe: Recipe, protocol: Protocol | None = None, *, orders: Orders | None = None
) -> Arranged:
    """Arrange a table of readings as the recipe and the protocol say.

    Args:
        readings: the table.
        recipe: how it is analysed.
        protocol: of the study, where there is one.
        orders: who was to read what, rows as `thyrosight.readings.task_rows` makes them.

    Raises:
        ReadingsError: arms that the protocol does not know, orders of another study, a score outside its range, one
            reader, one class, a reader who read a case twice in an arm, or a column of subgroups that is not there.
    """
    table = pd.DataFrame(list(readings.rows))
    table["truth"] = pd.to_numeric(table["truth"])
    table["group"] = table["cluster"].where(table["cluster"].notna(), table["case"]).astype(str)
    table, rating = rated(table, readings, recipe, protocol)
    table, action = called(table, readings.given, recipe, protocol)
    table["model_called"] = model_called(table, readings.given, recipe)
    table["seconds"] = pd.to_numeric(table["active_seconds"])
    table["right"] = rightly(table)
    for name in ("position", "session", "model_score"):
        table[name] = pd.to_numeric(table[name])
    arms = arms_of(table, recipe, protocol)
    main = table[~table[list(_FLAGS)].astype(bool).any(axis=1)]
    main = main[main["truth"].notna() & (main["rating"].notna() | main["called"].notna())]
    again = table[(table["repeat"] == 1) & ~table[["practice", "attention", "withdrawn"]].astype(bool).any(axis=1)]
    require_study(main)
    options = ReaderOptions(recipe.evaluated(protocol.power.difference if protocol and protocol.power else None),
                            recipe.readers, recipe.missing)  # fmt: skip
    found = ReadingSet(
        rows=rows_of(main, arms),
        repeated=rows_of(again, arms),
        arms=arms,
        aided=aided_of(table, arms, recipe, protocol),
        rating=rating,
        options=options,
        action=action,
        probability=is_risk(recipe, protocol, rating),
        sequential=bool((table["stage"] == "after").any()),
        clustered=bool(main.groupby("group")["case"].nunique().max() > 1),
        readers=tuple(dict.fromkeys(main["reader"])),
    )
    sources = tuple(str(source) for source in main["label_source"].dropna().unique())
    return Arranged(
        found=found,
        counted=Counted(
            table, planned(main, table, arms=arms, protocol=protocol, orders=orders), is_crossed(main, arms, protocol)
        ),
        given=readings.given,
        label_sources=sources or (recipe.label_source or UNSTATED,),
        case_columns=case_columns(table, recipe),
        notes=readings.notes,
        unfinished=tuple(not_computed(readings.given, found, protocol)),
    )


def rated(
    table: pd.DataFrame, readings: Readings, recipe: Recipe, protocol: Protocol | None
) -> tuple[pd.DataFrame, str]:
    """The table with its column `rating`, and what was rated, in words."""
    found = ratings_of(readings.rows, column=recipe.rating)
    values = pd.Series(found.values, index=table.index, dtype=float)
    if found.column != "category":
        if protocol and isinstance(protocol.question(protocol.main_question), ScoreQuestion):
            require_range(table, values)
        return table.assign(rating=values), "score" if found.column == "score" else "points"
    return table.assign(rating=values), f"category ({found.system or 'categories as recorded'})"


def require_range(table: pd.DataFrame, values: "pd.Series[float]") -> None:
    """Refuse a score that the protocol's question does not allow.

    Raises:
        ReadingsError: names the reading.
    """
    outside = np.flatnonzero((values < 0) | (values > HIGHEST_SCORE))
    if outside.size:
        row = table.iloc[int(outside[0])]
        raise ReadingsError(
            f"The reader {row['reader']!r} gave the case {row['case']!r} a score of {row['score']:g}; scores of this "
            f"protocol lie between 0 and {HIGHEST_SCORE}."
        )


def called(
    table: pd.DataFrame, given: Sequence[str], recipe: Recipe, protocol: Protocol | None
) -> tuple[pd.DataFrame, str]:
    """The table with its column `called`, and which answer counts as called positive, in words."""
    if "biopsy" in given:
        action = protocol.action if protocol else None
        words = "biopsy advised" if action is None or isinstance(action, str) else (
            f"{action.question} of at least {action.at_least}"
        )  # fmt: skip
        return table.assign(called=pd.to_numeric(table["biopsy"])), words
    if recipe.called_from is None:
        return table.assign(called=np.nan), ""
    reached = (table["rating"] >= recipe.called_from).astype(float)
    return table.assign(called=reached.where(table["rating"].notna())), f"rating of at least {recipe.called_from:g}"


def model_called(table: pd.DataFrame, given: Sequence[str], recipe: Recipe) -> "pd.Series[float]":
    """1 where the model calls the case positive, missing where that is not known."""
    if "model_positive" in given:
        return pd.to_numeric(table["model_positive"])
    if recipe.model_called_from is None:
        return pd.Series(np.nan, index=table.index)
    scores = pd.to_numeric(table["model_score"])
    return (scores >= recipe.model_called_from).astype(float).where(scores.notna())


def rightly(table: pd.DataFrame) -> "pd.Series[float]":
    """Whether each reading has the truth: by its action, else by a score above or below the middle."""
    decided = table["called"]
    if decided.isna().all():
        middle = HIGHEST_SCORE / 2
        decided = (table["rating"] > middle).astype(float).where(table["rating"].notna())
    return (decided == table["truth"]).astype(float).where(decided.notna() & table["truth"].notna())


def arms_of(table: pd.DataFrame, recipe: Recipe, protocol: Protocol | None) -> tuple[str, ...]:
    """The arms that were read, the reference first.

    Raises:
        ReadingsError: an arm that the protocol does not know, or a reference that nobody read.
    """
    there = [str(name) for name in dict.fromkeys(table["arm"])]
    if protocol is not None:
        unknown = [name for name in there if name not in protocol.arm_names]
        if unknown:
            raise ReadingsError(
                f"The table has readings of the arm {unknown[0]!r}, which the protocol does not know; its arms are "
                f"{', '.join(protocol.arm_names)}."
            )
        there = [name for name in protocol.arm_names if name in there]
    else:
        with_model = set(table.loc[table["model"].notna(), "arm"])
        there = sorted(there, key=lambda name: name in with_model)
    if recipe.reference:
        if recipe.reference not in there:
            raise ReadingsError(f"The recipe's reference {recipe.reference!r} is no arm; arms are {', '.join(there)}.")
        there = [recipe.reference, *(name for name in there if name != recipe.reference)]
    return tuple(there)


def aided_of(table: pd.DataFrame, arms: Sequence[str], recipe: Recipe, protocol: Protocol | None) -> tuple[str, ...]:
    """The arms in which a model was shown.

    Raises:
        ReadingsError: the recipe names an arm that is not there.
    """
    if unknown := [name for name in recipe.aided if name not in arms]:
        raise ReadingsError(f"aided: there is no arm {unknown[0]!r}; arms are {', '.join(arms)}.")
    if recipe.aided:
        return recipe.aided
    if protocol is not None:
        return tuple(name for name in arms if protocol.arm(name).model is not None)
    with_model = set(table.loc[table["model"].notna(), "arm"])
    return tuple(name for name in arms if name in with_model)


def is_risk(recipe: Recipe, protocol: Protocol | None, rating: str) -> bool:
    """Whether the rating is a risk in per cent."""
    if recipe.score_is_risk is not None:
        return recipe.score_is_risk
    return rating == "score" and protocol is not None and isinstance(
        protocol.question(protocol.main_question), ScoreQuestion
    )  # fmt: skip


def rows_of(table: pd.DataFrame, arms: Sequence[str]) -> pd.DataFrame:
    """The columns that analyses take, in the order of arms, readers and cases."""
    own = [name for name in table.columns if str(name).startswith(("feature_", "q_", "case_"))]
    kept = sorted(name for name in own if name not in ROWS)
    rows = table.assign(place=table["arm"].map({name: place for place, name in enumerate(arms)}))
    rows = rows.sort_values(["place", "reader", "case"], kind="stable")[[*ROWS, *kept]]
    return rows.assign(truth=rows["truth"].astype(float)).reset_index(drop=True)


def require_study(main: pd.DataFrame) -> None:
    """Refuse readings that allow no analysis.

    Raises:
        ReadingsError: says what is missing.
    """
    if main.empty:
        raise ReadingsError("No reading can be analysed: each is practice, attention, withdrawn, or without a truth.")
    twice = main[main.duplicated(["reader", "case", "arm"])]
    if len(twice):
        row = twice.iloc[0]
        raise ReadingsError(
            f"The reader {row['reader']!r} has read the case {row['case']!r} twice in the arm {row['arm']!r}; mark the "
            "later reading in the column 'repeat'."
        )
    readers = main["reader"].unique()
    if len(readers) < 2:
        raise ReadingsError(
            f"One reader alone ({readers[0]}) is no study of readers; use `thyrosight stats roc` or `stats diagnose`."
        )
    cases = main.drop_duplicates("case")
    for truth, name in ((1, "malignant"), (0, "benign")):
        if not (cases["truth"] == truth).any():
            raise ReadingsError(
                f"None of the {len(cases)} cases is {name} (truth {truth}); readers can be judged on both alone."
            )


def case_columns(table: pd.DataFrame, recipe: Recipe) -> tuple[str, ...]:
    """The columns that subgroups of cases are made of.

    Raises:
        ReadingsError: the recipe names one that is not there.
    """
    there = [str(name) for name in table.columns if str(name).startswith("case_")]
    if recipe.subgroups == "all":
        return tuple(there)
    wanted = [name if name in table.columns else f"case_{name}" for name in recipe.subgroups]
    if missing := [name for name in wanted if name not in table.columns]:
        raise ReadingsError(f"subgroups: there is no column {missing[0]!r}; columns of cases: {', '.join(there)}.")
    return tuple(wanted)


def not_computed(given: Sequence[str], found: ReadingSet, protocol: Protocol | None) -> list[str]:
    """Analyses for which this table lacks data, in sentences; those that the protocol never planned are not listed."""
    said = []
    if not found.has_calls:
        said.append(
            "Sensitivity, specificity and changes of mind: the table has no column `biopsy`, and the recipe names no "
            "rating from which a case counts as called positive (`called_from`)."
        )
    if "model_score" not in given:
        said.append("Readers against the model alone: the table has no column `model_score`.")
    if len(found.arms) > 1 and not found.aided:
        said.append("Changes of mind: no arm is known to have shown a model (column `model`, or `aided`).")
    if "active_seconds" not in given:
        said.append("Times of readings: the table has no column `active_seconds`.")
    if not len(found.repeated) and (protocol is None or protocol.repeats):
        said.append("Agreement within readers: no reading is marked as repeated (column `repeat`).")
    if not found.probability:
        said.append("Calibration of scores: it is not known that they are risks in per cent (`score_is_risk`).")
    return said
