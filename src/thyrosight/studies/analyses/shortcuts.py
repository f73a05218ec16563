"""How much of a network's AUC the files alone explain: their width, height, shape and bytes."""

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from thyrosight.cohort import Cohort, file_properties, property_aucs, selected
from thyrosight.documents import Column, Measure, Row, Table
from thyrosight.errors import CohortError
from thyrosight.progress import Progress
from thyrosight.studies.base import Evaluation
from thyrosight.studies.measures import area_measure, measure_column
from thyrosight.studies.sentences import in_words
from thyrosight.studies.verdicts import in_classes

ALL = "all images"


def shortcuts_table(
    cohort: Cohort,
    networks: Mapping[str, pd.DataFrame],
    *,
    within: Sequence[str],
    options: Evaluation,
    progress: Progress,
) -> Table:
    """AUC of networks and of properties of the files, for all images and for the images of each choice.

    Args:
        cohort: with groups.
        networks: by title: pooled test predictions with key, truth, risk and group.
        within: choices of images, as for the option `only` of a manifest.
        options: confidence of the intervals.
        progress: called as files are read.

    Raises:
        CohortError: a choice cannot be read or names a column that is not there.
    """
    properties = file_properties(cohort, progress=progress)
    rows: list[Row] = []
    left_out: list[str] = []
    for chosen in ("", *within):
        kept = (
            selected(cohort.table, chosen, where=cohort.name) if chosen else pd.Series(True, index=cohort.table.index)
        )
        keys = set(cohort.table.loc[kept, "key"])
        for title, tested in networks.items():
            rows.append(_network_row(title, tested[tested["key"].isin(keys)], chosen, options))
        try:
            rows += _property_rows(cohort, properties, chosen)
        except CohortError as error:
            left_out.append(f"No property of the files is judged ({chosen or ALL}). {error}")
    return Table(
        name="shortcuts",
        caption="What the files alone tell of the class, beside the networks",
        columns=(
            Column(key="images", title="Images"),
            Column(key="judge", title="Told from"),
            Column(key="n", title="n", kind="count"),
            Column(key="malignant", title="Malignant", kind="count"),
            measure_column("auc"),
        ),
        rows=tuple(rows),
        notes=(
            "Networks: pooled test predictions. Properties: the share of malignant images among those of other groups "
            "whose value is nearest, out of fold; 0.5 means that nothing is told. Original sizes in the table go "
            "before those of the files. A network no better than a property need not have looked at tissue.",
            *left_out,
        ),
    )


def shortcut_words(table: Table, network: str, *, networks: Collection[str]) -> list[str]:
    """A sentence on the property of the files that tells most, where its interval reaches that of a network.

    Args:
        table: as `shortcuts_table` makes it; its rows for all images are looked at.
        network: title of the network.
        networks: titles of all networks of the table; the other rows are properties of the files.
    """
    areas = {str(row["judge"]): row["auc"] for row in table.rows if row["images"] == ALL}
    told = areas.get(network)
    if not isinstance(told, Measure) or told.low is None:
        return []
    near = {
        judge: area
        for judge, area in areas.items()
        if judge not in networks
        and isinstance(area, Measure)
        and area.value is not None
        and area.high is not None
        and area.high >= told.low
    }
    if not near:
        return []
    strongest = max(near, key=lambda judge: near[judge].value or 0.0)
    area = in_words(near[strongest])
    return [f"From the {strongest} alone: AUC {area}, so that the network need not have looked at tissue."]


def _network_row(title: str, tested: pd.DataFrame, chosen: str, options: Evaluation) -> Row:
    area = None
    if tested["truth"].nunique() == 2:
        area = area_measure(tested, tested["risk"], options=options)
    return _row(chosen, title, n=tested["key"].nunique(), malignant=_malignant(tested), area=area)


def _malignant(tested: pd.DataFrame) -> int:
    return int(tested.loc[tested["truth"] == 1, "key"].nunique())


def _property_rows(cohort: Cohort, properties: pd.DataFrame, chosen: str) -> list[Row]:
    """A row for each property.

    Raises:
        CohortError: the choice leaves too few images.
    """
    return [
        _row(
            chosen,
            f"{item.name} of the file",
            n=item.images,
            malignant=item.malignant,
            area=Measure.of(item.area).model_copy(update={"method": in_classes(item.area.method)}),
        )
        for item in property_aucs(cohort, properties, only=chosen)
    ]


def _row(chosen: str, judge: str, *, n: int, malignant: int, area: Measure | None) -> Row:
    return {"images": chosen or ALL, "judge": judge, "n": n, "malignant": malignant, "auc": area}
