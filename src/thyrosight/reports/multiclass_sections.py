"""Tables and sentences for more than two classes."""

from thyrosight.documents import Column, Table, columns
from thyrosight.reports.statistics_methods import level_sentence, patients_sentence, size, with_limits
from thyrosight.reports.statistics_sections import estimates_section, measure_name
from thyrosight.statistics import MulticlassAuc, MulticlassTable

_ALIKE = (
    "The weighted mean of the sensitivities, and the micro-averages of sensitivity, precision and F1, all equal the"
    " accuracy, as every nodule has one class and one call."
)
_AVERAGES = {"balanced_accuracy": "balanced accuracy (macro sensitivity)"}
_OF_CLASS = ("sensitivity", "specificity", "ppv", "f1")


def area_sections(found: MulticlassAuc) -> list[Table]:
    """Return the averages, each class against the rest, and the pairs of classes."""
    means = {
        "Hand and Till's M": found.hand_till,
        "macro mean, one against the rest": found.macro,
        "weighted mean, one against the rest": found.weighted,
    }
    rest = {
        f"{name} ({count}) against the rest": area
        for name, count, area in zip(found.classes, found.counts, found.one_against_rest, strict=True)
    }
    pairs = {f"{pair.first} and {pair.second}": pair.area for pair in found.pairs}
    return [
        estimates_section("Areas under ROC curves of several classes", means | rest),
        estimates_section("Pairs of classes", pairs),
    ]


def table_sections(found: MulticlassTable) -> list[Table]:
    """Return the confusion matrix, its averages, and the measures of each class against the rest."""
    keys = [f"called_{place}" for place in range(len(found.classes))]
    titles = {key: f"called {name}" for key, name in zip(keys, found.classes, strict=True)}
    rows = tuple(
        {"true": name, **dict(zip(keys, counts, strict=True))}
        for name, counts in zip(found.classes, found.confusion, strict=True)
    )
    matrix = Table(
        name="confusion",
        caption="Confusion matrix, nodules",
        columns=(Column(key="true", title="true class"), *columns("count", titles)),
        rows=rows,
        source="",
    )
    averages = {
        _AVERAGES.get(name, name.replace("_f1", " F1").replace("_", " ")): one for name, one in found.averages().items()
    }
    of_classes = {
        f"{name}: {measure_name(measure)}": getattr(table, measure)
        for name, table in zip(found.classes, found.by_class, strict=True)
        for measure in _OF_CLASS
    }
    return [
        matrix,
        estimates_section("Over all classes", averages, notes=(_ALIKE,)),
        estimates_section("Each class against the rest", of_classes),
    ]


def multiclass_summary(areas: MulticlassAuc | None, table: MulticlassTable | None) -> str:
    """The main averages in a sentence."""
    said = []
    if areas is not None:
        said.append(
            f"{len(areas.classes)} classes, {size(areas.hand_till)}: Hand and Till's M {with_limits(areas.hand_till)}."
        )
    if table is not None:
        said.append(
            f"Accuracy {with_limits(table.accuracy)}, balanced accuracy {with_limits(table.balanced_accuracy)},"
            f" macro F1 {with_limits(table.macro_f1)}."
        )
    return " ".join(said)


def multiclass_methods(areas: MulticlassAuc | None, table: MulticlassTable | None) -> str:
    """How several classes were assessed."""
    said, one = [], None
    if areas is not None:
        one = areas.hand_till
        said.append(
            "Classes were told apart by scores, assessed by Hand and Till's M, the mean area over all pairs of classes"
            " [hand2001], and by the area of each class against the rest."
        )
    if table is not None:
        one = table.balanced_accuracy
        way = (
            "Wilson's score intervals [wilson1927]"
            if one.clusters is None
            else "intervals of generalised estimating equations with robust variance [liang1986]"
        )
        said.append(f"Calls were assessed by their confusion matrix; proportions carry {way}.")
    if one is None:
        return ""
    unit = "nodules" if one.clusters is None else "patients"
    said.append(f"Intervals of areas and of averages are percentiles of bootstrap samples of {unit} [efron1993].")
    said.append(patients_sentence(one.clusters, how="patients drawn anew"))
    return " ".join([*said, level_sentence(one.confidence)])
