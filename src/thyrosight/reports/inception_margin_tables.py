"""The tables of a study of crop margins, as text in rows; numbers come from the result and are only written out."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from thyrosight.reports.figures import p_text
from thyrosight.reports.tables import DASH, UNDEFINED, Cell, Table, sentence

if TYPE_CHECKING:
    from thyrosight.studies.base import Measure
    from thyrosight.studies.inception_margin.feature_errors import FeatureErrors, LevelCount
    from thyrosight.studies.inception_margin.feature_odds import Odds
    from thyrosight.studies.inception_margin.result import InceptionMarginResult, Tried

PERCENT = {"accuracy": "Accuracy, %", "recall": "Sensitivity, %", "specificity": "Specificity, %"}
"""The columns of the paper's Table 1 besides the AUC, which it calls A_z."""
_INDENT = 2 * "\N{NO-BREAK SPACE}"


def shown(measures: "Mapping[str, Measure]", name: str) -> Cell:
    """A measure with its interval below: per cent, or AUC with three digits."""
    item = measures.get(name)
    if item is None or item.value is None:
        return Cell(UNDEFINED)
    factor, digits = (1, 3) if name == "auc" else (100, 1)
    if item.low is None or item.high is None:
        return Cell(f"{factor * item.value:.{digits}f}")
    return Cell(
        f"{factor * item.value:.{digits}f}",
        [f"{factor * item.low:.{digits}f}{DASH}{factor * item.high:.{digits}f}"],
    )


def performance_table(result: "InceptionMarginResult", rows: "Sequence[Tried]", *, caption: str, varied: str) -> Table:
    """Accuracy, sensitivity, specificity and AUC of what was tried, and the difference of AUC to the main choice."""
    body: list[list[str | Cell]] = []
    for item in rows:
        validation = DASH if item.validation_auc is None else f"{item.validation_auc:.3f}"
        body.append(
            [
                _varied(item, varied, result.margin_unit),
                *(shown(item.measures, name) for name in (*PERCENT, "auc")),
                validation,
                *_differences(item),
            ]
        )
    some = rows[0].measures
    methods = dict.fromkeys(some[name].method for name in ("auc", "accuracy"))
    compared = [c.method for item in rows for c in item.against_main][:1]
    return Table(
        caption=caption,
        head=[varied, *PERCENT.values(), "AUC", "Validation AUC", "Δ AUC", "Δ accuracy, %", "P (corrected)"],
        rows=body,
        notes=[
            f"95 % intervals below the values: {'; '.join(methods)}. Operating points: chosen on the validation part.",
            f"Δ: minus the main choice, on the same images; {compared[0]}; P of Δ AUC, and in brackets corrected."
            if compared
            else "",
            sentence(result.source_sentence),
        ],
        strong_row=next((place for place, item in enumerate(rows) if item.main), None),
    )


def _varied(item: "Tried", varied: str, unit: str) -> str:
    if varied == "Input size":
        return f"{item.size} x {item.size}"
    return item.shape if varied == "Shape" else f"{item.margin:g} {unit}"


def _differences(item: "Tried") -> list[str | Cell]:
    found = {comparison.measure: comparison for comparison in item.against_main}
    if not found:
        return ["main", "", ""]
    area, accuracy = found["auc"], found["accuracy"]
    return [
        Cell(f"{area.difference:+.3f}", [f"{area.low:+.3f} to {area.high:+.3f}"]),
        Cell(f"{100 * accuracy.difference:+.1f}", [f"{100 * accuracy.low:+.1f} to {100 * accuracy.high:+.1f}"]),
        Cell(p_text(area.p), [f"({p_text(area.p_corrected)})"]),
    ]


def balance_table(result: "InceptionMarginResult") -> Table:
    """How alike training and test part are."""
    return Table(
        caption="Training against test part",
        head=["Column", "P of a difference", "Test"],
        rows=[[item.column, p_text(item.p), item.method] for item in result.balance],
        notes=[
            "A large P value means that the parts could be told apart no better than by chance.",
            sentence(result.source_sentence),
        ],
    )


def groups_table(result: "InceptionMarginResult") -> Table:
    """Size groups with their chosen configuration, and the main one on the same images."""
    rows: list[list[str | Cell]] = []
    for group in result.size_groups:
        count = f"{group.benign} benign, {group.malignant} malignant"
        rows.append(
            [f"{group.name} ({count})", group.chosen, *(shown(group.measures, name) for name in (*PERCENT, "auc"))]
        )
        rows.append(["", "main choice", *(shown(group.main_measures, name) for name in (*PERCENT, "auc"))])
    first = result.size_groups[0]
    few = ", ".join(
        f"{group.name}: {group.validation_benign} benign and {group.validation_malignant} malignant"
        for group in result.size_groups
    )
    return Table(
        caption="Size groups, each with the margin, input size and training chosen for it",
        head=["Group (test images)", "Chosen", *PERCENT.values(), "AUC"],
        rows=rows,
        notes=[
            f"Chosen among {first.tried} by {first.chosen_on} ({few}); calibration and operating point from the same "
            "images. A choice among many on few images promises more than it keeps.",
            sentence(result.source_sentence),
        ],
    )


def feature_table(result: "InceptionMarginResult", found: "FeatureErrors", *, label: str) -> Table:
    """Each level of each feature in one class with right and wrong calls (half of Table 2)."""
    tests = [test for test in found.tests if test.label == label]
    rows: list[list[str | Cell]] = []
    for test in tests:
        corrected = [f"({p_text(test.p_corrected)})"] if test.p is not None else []
        p: str | Cell = DASH if test.p is None else Cell(p_text(test.p), corrected)
        chi = DASH if test.p_chi_square is None else p_text(test.p_chi_square)
        rows.append([test.feature.capitalize(), "", "", "", p, chi])
        rows += [[_INDENT + item.level, *_level(item), "", ""] for item in test.levels]
        if test.unknown:
            rows.append([f"{_INDENT}not recorded", str(test.unknown), "", "", "", ""])
    return Table(
        caption=f"{label.capitalize()} nodules: features and right or wrong calls",
        head=["Feature", "n", "Right", "Wrong", "P (corrected)", "P, chi-square"],
        rows=rows,
        notes=[
            _tests_used(found, label),
            "P, chi-square: as the paper prints it, uncorrected and with every image taken as independent.",
            *(sentence(f"{test.feature}: {test.note}") for test in tests if test.p is None),
            sentence(result.source_sentence),
        ],
    )


def _level(item: "LevelCount") -> list[str]:
    return [str(item.n), *(f"{count} ({100 * count / item.n:.1f} %)" for count in (item.right, item.wrong))]


def _tests_used(found: "FeatureErrors", label: str) -> str:
    used: dict[str, list[str]] = {}
    for test in found.tests:
        if test.p is not None and test.label == label:
            used.setdefault(test.method, []).append(test.feature)
    words = "; ".join(f"{method}: {', '.join(names)}" for method, names in used.items()) or "none could be had"
    count = sum(test.p is not None for test in found.tests)
    return f"P: {words}. Corrected by Holm over the {count} tests of both classes."


def odds_table(result: "InceptionMarginResult", found: "FeatureErrors") -> Table:
    """Odds ratios of a wrong call (Table 3)."""
    rows: list[list[str | Cell]] = []
    before = ""
    for row in found.odds:
        name = row.feature.capitalize() if row.feature != before else ""
        before = row.feature
        rows.append(
            [
                name,
                Cell(row.level, [f"against {row.reference}"]),
                Cell(f"{row.wrong} of {row.n}", [f"{row.wrong_reference} of {row.n_reference}"]),
                *_odds(row.univariate),
                *_odds(row.multivariate),
            ]
        )
    entered = ", ".join(found.entered) if len(found.entered) > 1 else ""
    return Table(
        caption="Features associated with a wrong call: logistic regressions",
        head=["Feature", "Level", "Wrong", "Odds ratio", "P (corrected)", "Multivariate odds ratio", "P (corrected)"],
        rows=rows,
        notes=[
            _regressions_used(found),
            f"Multivariate: {entered}, {found.multivariate_n} images with all of them recorded."
            if entered
            else "Multivariate: fewer than two features had a univariate P below the limit, so there is none.",
            *found.notes,
            sentence(result.source_sentence),
        ],
    )


def _odds(item: "Odds | None") -> list[str | Cell]:
    if item is None:
        return [DASH, DASH]
    value = UNDEFINED if item.value is None else _ratio(item.value)
    limits = [] if item.low is None or item.high is None else [f"{_ratio(item.low)}{DASH}{_ratio(item.high)}"]
    mark = " *" if "Firth" in item.method else ""
    p = Cell(p_text(item.p), [f"({p_text(item.p_corrected)})"]) if item.p is not None else Cell(DASH)
    return [Cell(value + mark, limits), p]


def _ratio(value: float) -> str:
    return f"{value:.3f}" if value < 100 else f"{value:.3g}"


def _regressions_used(found: "FeatureErrors") -> str:
    methods = dict.fromkeys(
        odds.method for row in found.odds for odds in (row.univariate, row.multivariate) if odds is not None
    )
    firth = " * Firth's penalty: in these data some level has no wrong, or no right, call." if any(
        "Firth" in method for method in methods
    ) else ""  # fmt: skip
    plain = [method for method in methods if "Firth" not in method]
    return f"95 % intervals; {'; '.join(plain) or 'no plain regression'}.{firth}"


def external_table(result: "InceptionMarginResult") -> Table:
    """The main network within the cohort and outside."""
    names = (*PERCENT, "auc")
    inside = result.main.pooled
    sources = " and ".join(result.label_sources)
    counts = result.main.confusion
    malignant = counts.true_positive + counts.false_negative
    benign = counts.true_negative + counts.false_positive
    rows: list[list[str | Cell]] = [
        [
            f"{result.cohort.get('name', '')} (internal)",
            Cell(f"{benign} benign, {malignant} malignant", [f"labels: {sources}; {result.split_kind}"]),
            *(shown(inside, name) for name in names),
        ]
    ]
    for item in result.external:
        labels = " and ".join(item.label_sources)
        boxes = f"{item.without_box} without a box: whole scan area" if item.without_box else "all with a box"
        rows.append(
            [
                f"{item.name} (external)",
                Cell(
                    f"{item.benign} benign, {item.malignant} malignant",
                    [f"labels: {labels}; {item.groups} groups", boxes],
                ),
                *(shown(item.measures, name) for name in names),
            ]
        )
    return Table(
        caption="The main network within its cohort and on cohorts it never saw",
        head=["Tested on", "Images", *PERCENT.values(), "AUC"],
        rows=rows,
        notes=[
            "The network of the first division, with the calibration and operating point chosen on its own validation "
            "part; internal figures are of the test part of all divisions.",
            *(f"{item.name}: {item.note}" for item in result.external if item.note),
            *(
                f"{item.name}, left out: {count} images, {reason}."
                for item in result.external
                for reason, count in item.excluded
            ),
            sentence(result.source_sentence),
        ],
        strong_row=0,
    )


def trials_table(result: "InceptionMarginResult") -> Table:
    """Every trial of the sweep."""
    rows: list[list[str | Cell]] = []
    for trial in result.trials:
        area = trial.get("validation_auc")
        rows.append(
            [
                str(trial["trial"]),
                str(trial["status"]),
                *(_number(trial.get(name)) for name in ("train", "epochs", "best_epoch")),
                DASH if area is None else f"{area:.3f}",
                f"{trial['seconds']:.0f}",
                f"{trial['machine']} ({trial['threads']})" if trial["machine"] else DASH,
                str(trial["starts"]),
            ]
        )
    return Table(
        caption="All trials of the sweep",
        head=[
            "Trial",
            "Status",
            "Images",
            "Epochs",
            "Best",
            "Validation AUC",
            "Seconds",
            "Machine (threads)",
            "Starts",
        ],
        rows=rows,
        notes=[
            "Seconds are of the last start, with preparing and testing; more than one start means that the trial was "
            "interrupted and went on.",
            sentence(result.source_sentence),
        ],
    )


def _number(value: Any) -> str:
    return DASH if value is None else str(value)
