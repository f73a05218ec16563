"""Number of patients for developing a prediction model of a binary outcome (Riley et al.)."""

import math

from scipy import stats
from scipy.special import entr, expit

from thyrosight.errors import StatisticsError
from thyrosight.statistics.power.criteria import ModelStudySize, study_size
from thyrosight.statistics.power.linear_predictor import predictor_from_c_statistic
from thyrosight.statistics.power.search import require_between


def patients_for_development(
    parameters: int,
    *,
    prevalence: float,
    cox_snell: float | None = None,
    nagelkerke: float | None = None,
    c_statistic: float | None = None,
    shrinkage: float = 0.9,
    optimism: float = 0.05,
    margin: float = 0.05,
    absolute_error: float | None = None,
) -> ModelStudySize:
    """Return the number of patients for developing a logistic model with so many candidate parameters.

    Criteria of Riley et al. (Stat Med 2019;38:1276; BMJ 2020;368:m441): (i) little overfitting, (ii) little optimism
    of Nagelkerke's R2, (iii) a precise overall risk, and, if `absolute_error` is given, (iv) a small mean absolute
    error of the predicted risks (van Smeden et al., Stat Methods Med Res 2019). The strength of the model is given by
    one of Cox-Snell's R2, Nagelkerke's R2 and the C statistic; take it from a validated model of the same outcome. From
    a C statistic of about 0.8 on, models of this size come out with a mean slope somewhat below the wanted shrinkage
    (Pavlou et al., BMC Med Res Methodol 2024): ask for more, for example for a shrinkage of 0.95.

    Args:
        parameters: candidate parameters: a category of k levels has k - 1, a curved predictor several.
        prevalence: share of patients with the outcome.
        cox_snell: expected Cox-Snell R2.
        nagelkerke: expected Nagelkerke R2.
        c_statistic: expected C statistic, turned into R2 by `cox_snell_from_c_statistic`.
        shrinkage: wanted shrinkage factor.
        optimism: greatest difference of apparent and adjusted Nagelkerke R2.
        margin: half width of the 95 % interval of the overall risk.
        absolute_error: greatest mean absolute error of risks; the formula holds for up to 30 parameters.

    Raises:
        StatisticsError: not exactly one measure of strength, or a number outside its range.

    >>> print(patients_for_development(24, prevalence=0.174, cox_snell=0.288))
    662 patients, 116 with the outcome, 4.8 events per parameter (24 candidate parameters, Cox-Snell R2 0.288 of at most
    0.603, outcome in 17.4 %)
      shrinkage of at least 0.9: 623 patients, 109 events
      optimism of Nagelkerke's R2 at most 0.05: 662 patients, 116 events
      overall risk within 0.05: 221 patients, 39 events
    """
    if parameters < 1:
        raise StatisticsError(f"Expected at least one parameter, got {parameters}.")
    for value, name in (
        (prevalence, "prevalence"),
        (shrinkage, "shrinkage"),
        (optimism, "optimism"),
        (margin, "margin"),
    ):
        require_between(value, name=name)
    greatest = _greatest_cox_snell(prevalence)
    strength = _strength(cox_snell, nagelkerke, c_statistic, prevalence=prevalence, greatest=greatest)
    if strength >= shrinkage:
        raise StatisticsError(f"Expected a Cox-Snell R2 below the shrinkage of {shrinkage:g}, got {strength:.3f}.")
    z = float(stats.norm.isf(0.025))
    sizes = {
        f"shrinkage of at least {shrinkage:g}": _size_for_shrinkage(parameters, strength, shrinkage),
        f"optimism of Nagelkerke's R2 at most {optimism:g}": _size_for_shrinkage(
            parameters, strength, strength / (strength + optimism * greatest)
        ),
        f"overall risk within {margin:g}": (z / margin) ** 2 * prevalence * (1 - prevalence),
    }
    if absolute_error is not None:
        sizes[f"mean absolute error of risks at most {absolute_error:g}"] = _size_for_error(
            parameters, prevalence, absolute_error
        )
    words = f"{parameters} candidate parameters, Cox-Snell R2 {strength:.3g} of at most {greatest:.3f}"
    words += f", outcome in {100 * prevalence:g} %"
    return study_size(sizes, prevalence=prevalence, parameters=parameters, method=words)


def cox_snell_from_c_statistic(c_statistic: float, *, prevalence: float) -> float:
    """Return the Cox-Snell R2 of a calibrated model with this C statistic, its log odds normal in each class.

    Riley, Van Calster and Collins (Stat Med 2021;40:859) simulate it; here it is integrated.

    Raises:
        StatisticsError: a C statistic not above 0.5 and below 1, or a prevalence outside 0 to 1.

    >>> round(cox_snell_from_c_statistic(0.89, prevalence=0.174), 3)
    0.291
    """
    predictor = predictor_from_c_statistic(c_statistic, prevalence=prevalence)
    risk = expit(predictor.values)
    # By the symmetry of true risks, the expected log likelihood is the mean of risk ln risk + (1 - risk) ln(1 - risk).
    fitted = -predictor.mean(entr(risk) + entr(1 - risk))
    return 1 - math.exp(2 * (_null_log_likelihood(prevalence) - fitted))


def _strength(
    cox_snell: float | None, nagelkerke: float | None, c_statistic: float | None, *, prevalence: float, greatest: float
) -> float:
    given = [value for value in (cox_snell, nagelkerke, c_statistic) if value is not None]
    if len(given) != 1:
        raise StatisticsError("Expected exactly one of `cox_snell`, `nagelkerke` and `c_statistic`.")
    if c_statistic is not None:
        return cox_snell_from_c_statistic(c_statistic, prevalence=prevalence)
    require_between(given[0], name="cox_snell" if nagelkerke is None else "nagelkerke")
    value = given[0] if nagelkerke is None else nagelkerke * greatest
    if value >= greatest:
        raise StatisticsError(f"A Cox-Snell R2 is below {greatest:.3f} at this prevalence, got {value:g}.")
    return value


def _null_log_likelihood(prevalence: float) -> float:
    """Expected log likelihood per patient of a model without predictors."""
    return prevalence * math.log(prevalence) + (1 - prevalence) * math.log1p(-prevalence)


def _greatest_cox_snell(prevalence: float) -> float:
    return 1 - math.exp(2 * _null_log_likelihood(prevalence))


def _size_for_shrinkage(parameters: int, strength: float, shrinkage: float) -> float:
    """Riley et al. 2019, equation 11."""
    return parameters / ((shrinkage - 1) * math.log1p(-strength / shrinkage))


def _size_for_error(parameters: int, prevalence: float, error: float) -> float:
    """Van Smeden et al. 2019, as in box 5 of Riley et al. 2020."""
    require_between(error, name="absolute_error")
    if parameters > 30:
        raise StatisticsError(f"The formula for `absolute_error` holds for up to 30 parameters, got {parameters}.")
    rarer = min(prevalence, 1 - prevalence)
    exponent = -0.508 + 0.259 * math.log(rarer) + 0.504 * math.log(parameters) - math.log(error)
    return math.exp(exponent / 0.544)
