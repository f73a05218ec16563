"""The plans of `thyrosight stats power`: each design's numbers, table and sentence."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from thyrosight.cli.stats.options import Effect, margin_aim

if TYPE_CHECKING:
    from thyrosight.documents import Answer
    from thyrosight.statistics import SampleSize


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Assumptions about a study, named as the options of the command; None where one does not matter to the design."""

    design: str
    auc: float
    auc_b: float
    null: float
    sensitivity: float
    sensitivity_b: float
    specificity: float | None
    correlation: float
    margin: float | None
    equivalence: bool
    width: float
    kappa: float
    difference: float
    readers: int
    components: str
    pilot_cases: int
    reader_effect: Effect
    parameters: int
    c_statistic: float
    cox_snell: float | None
    nagelkerke: float | None
    shrinkage: float
    absolute_error: float | None
    predictor_mean: float | None
    predictor_sd: float | None
    ratio_width: float
    slope_width: float
    c_width: float
    threshold: float | None
    curve_at: float | None
    curve_width: float
    prevalence: float | None
    power: float
    significance: float
    patients: int | None

    @property
    def share(self) -> float:
        """Share of patients with the disease, one half where nothing was said."""
        return 0.5 if self.prevalence is None else self.prevalence

    @property
    def test(self) -> str:
        """The significance in words; a margin is tested from one side."""
        if self.margin is None:
            return f"a two-sided significance of {self.significance:g}"
        return f"a one-sided significance of {self.significance / 2:g}"

    @property
    def aim(self) -> str:
        """Aim of a study with a margin, in words."""
        return margin_aim(self.margin, equivalence=self.equivalence)

    def size(
        self,
        needed: "Callable[..., SampleSize]",
        reached: Callable[..., float],
        *truth: float,
        **options: Any,
    ) -> "SampleSize":
        """Return the patients that `needed` asks for, or the power that `reached` gives for those that can be had."""
        from thyrosight.errors import StatisticsError
        from thyrosight.statistics import SampleSize

        found = needed(*truth, power=self.power, prevalence=self.share, **options)
        if self.patients is None:
            return found
        positives = round(self.patients * self.share)
        negatives = self.patients - positives
        if min(positives, negatives) < 1:
            raise StatisticsError(f"{self.patients} patients hold none of one kind at a prevalence of {self.share:g}.")
        paired = self.design == "paired"
        numbers = {"pairs": positives} if paired else {"positives": positives, "negatives": negatives}
        return SampleSize(positives, negatives, reached(*truth, **numbers, **options), found.method)


def _auc(plan: Plan) -> "Answer":
    from thyrosight.reports import statistics_planning as say
    from thyrosight.statistics import auc_power, patients_for_auc

    size = plan.size(patients_for_auc, auc_power, plan.auc, null=plan.null, significance=plan.significance)
    aim = f"that the area under the ROC curve differs from {plan.null:g} if it is {plan.auc:g}"
    return say.size_answer(size, aim=aim, test=plan.test, cites="obuchowski1994", given=plan.patients is not None)


def _compare(plan: Plan) -> "Answer":
    from thyrosight.reports import statistics_planning as say
    from thyrosight.statistics import (
        auc_difference_power,
        auc_margin_power,
        patients_for_auc_difference,
        patients_for_auc_margin,
    )

    areas = f"areas under the ROC curve of {plan.auc:g} and {plan.auc_b:g} on the same patients"
    if plan.margin is None:
        size = plan.size(
            patients_for_auc_difference,
            auc_difference_power,
            plan.auc,
            plan.auc_b,
            correlation=plan.correlation,
            significance=plan.significance,
        )
        aim = f"a difference between {areas} (correlation {plan.correlation:g})"
    else:
        size = plan.size(
            patients_for_auc_margin,
            auc_margin_power,
            plan.auc,
            plan.auc_b,
            margin=plan.margin,
            aim=plan.aim,
            correlation=plan.correlation,
            confidence=1 - plan.significance,
        )
        aim = f"{plan.aim} with a margin of {plan.margin:g} for {areas} (correlation {plan.correlation:g})"
    cites = "obuchowski1994, hanley1983"
    return say.size_answer(size, aim=aim, test=plan.test, cites=cites, given=plan.patients is not None)


def _sensitivity(plan: Plan) -> "Answer":
    from thyrosight.reports import statistics_planning as say
    from thyrosight.statistics import patients_for_sensitivity, patients_for_sensitivity_and_specificity

    options: dict[str, Any] = {"width": plan.width, "prevalence": plan.share, "confidence": 1 - plan.significance}
    if plan.specificity is None:
        return say.width_answer(patients_for_sensitivity(plan.sensitivity, **options), level=plan.significance)
    size = patients_for_sensitivity_and_specificity(plan.sensitivity, plan.specificity, **options)
    return say.width_answer(size, level=plan.significance)


def _paired(plan: Plan) -> "Answer":
    from thyrosight.reports import statistics_planning as say
    from thyrosight.statistics import (
        paired_calls_power,
        paired_margin_power,
        patients_for_paired_calls,
        patients_for_paired_margin,
    )

    rates = f"sensitivities of {plan.sensitivity:g} and {plan.sensitivity_b:g} on the same patients"
    if plan.margin is None:
        size = plan.size(
            patients_for_paired_calls,
            paired_calls_power,
            plan.sensitivity,
            plan.sensitivity_b,
            correlation=plan.correlation,
            significance=plan.significance,
        )
        aim, cites = f"a difference between {rates} by McNemar's test", "connor1987"
    else:
        size = plan.size(
            patients_for_paired_margin,
            paired_margin_power,
            plan.sensitivity,
            plan.sensitivity_b,
            margin=plan.margin,
            aim=plan.aim,
            correlation=plan.correlation,
            confidence=1 - plan.significance,
        )
        aim, cites = f"{plan.aim} with a margin of {plan.margin:g} for {rates} by Tango's score", "nam1997, tango1998"
    aim += f" (correlation of calls {plan.correlation:g})"
    return say.size_answer(size, aim=aim, test=plan.test, cites=cites, given=plan.patients is not None)


def _readers(plan: Plan) -> "Answer":
    from thyrosight.reports import statistics_planning as say
    from thyrosight.statistics import cases_for_reader_study, reader_study_power

    options: dict[str, Any] = {
        "difference": plan.difference,
        "readers": plan.readers,
        "pilot_cases": plan.pilot_cases,
        "reader_effect": plan.reader_effect.value,
        "significance": plan.significance,
    }
    pilot = variance_components(plan.components)
    if plan.patients is None:
        size = cases_for_reader_study(pilot, power=plan.power, **options)
    else:
        size = reader_study_power(pilot, cases=plan.patients, **options)
    return say.readers_answer(
        size,
        difference=plan.difference,
        pilot_cases=plan.pilot_cases,
        effect=plan.reader_effect.value,
        level=plan.significance,
        given=plan.patients is not None,
    )


def variance_components(given: str) -> Any:
    """Variance components from five numbers; the variance of readers plays no part in the power."""
    from thyrosight.errors import StatisticsError
    from thyrosight.statistics import VarianceComponents

    try:
        test_by_reader, error, first, second, third = (float(part) for part in given.replace(";", ",").split(","))
    except ValueError:
        raise StatisticsError(
            "--components should be five numbers with commas: test by reader, error, covariances 1, 2 and 3, got"
            f" {given!r}."
        ) from None
    return VarianceComponents(
        reader=0.0,
        test_by_reader=test_by_reader,
        error=error,
        covariance_1=first,
        covariance_2=second,
        covariance_3=third,
    )


def _kappa(plan: Plan) -> "Answer":
    from thyrosight.reports import statistics_planning as say
    from thyrosight.statistics import cases_for_kappa

    cases = cases_for_kappa(plan.kappa, width=plan.width, prevalence=plan.share, confidence=1 - plan.significance)
    return say.kappa_answer(cases, kappa=plan.kappa, width=plan.width, prevalence=plan.share, level=plan.significance)


def _development(plan: Plan) -> "Answer":
    from thyrosight.reports import statistics_planning as say
    from thyrosight.statistics import patients_for_development

    size = patients_for_development(
        plan.parameters,
        prevalence=plan.share,
        c_statistic=plan.c_statistic,
        cox_snell=plan.cox_snell,
        nagelkerke=plan.nagelkerke,
        shrinkage=plan.shrinkage,
        absolute_error=plan.absolute_error,
    )
    cites = "riley2019, riley2020" + (", vansmeden2019" if plan.absolute_error is not None else "")
    return say.model_answer(size, doing="developing a prediction model", cites=cites)


def _validation(plan: Plan) -> "Answer":
    from thyrosight.errors import StatisticsError
    from thyrosight.reports import statistics_planning as say
    from thyrosight.statistics import patients_for_external_validation

    normal = None
    if plan.predictor_mean is not None or plan.predictor_sd is not None:
        if plan.predictor_mean is None or plan.predictor_sd is None:
            raise StatisticsError("--predictor-mean and --predictor-sd go together.")
        normal = (plan.predictor_mean, plan.predictor_sd)
    size = patients_for_external_validation(
        prevalence=plan.share,
        c_statistic=plan.c_statistic,
        linear_predictor=normal,
        ratio_width=plan.ratio_width,
        slope_width=plan.slope_width,
        c_width=plan.c_width,
        threshold=plan.threshold,
        sensitivity=plan.sensitivity,
        specificity=plan.specificity,
        curve_at=plan.curve_at,
        curve_width=plan.curve_width,
        confidence=1 - plan.significance,
    )
    return say.model_answer(size, doing="validating a prediction model on other data", cites="riley2021, newcombe2006")


PLANS: dict[str, Callable[[Plan], "Answer"]] = {
    "auc": _auc,
    "compare": _compare,
    "sensitivity": _sensitivity,
    "paired": _paired,
    "readers": _readers,
    "kappa": _kappa,
    "development": _development,
    "validation": _validation,
}
