# Analyses risks made from simulated.csv with rms, Hmisc, geepack and loess, as calibration.json. Run in this folder: Rscript calibrate.R
# (Debian: apt-get install r-cran-rms r-cran-geepack r-cran-jsonlite).
suppressMessages({library(rms); library(geepack); library(jsonlite)})

table <- read.csv("simulated.csv")
truth <- table$truth
patient <- table$patient
risk <- round(plogis(-1.6 + 1.3 * table$score_a), 3)
other <- round(plogis(-4.0 + 0.8 * table$score_a + 0.7 * table$score_b), 3)

indices <- function(curve) {
  distance <- abs(curve - risk)
  list(ici = mean(distance), e50 = median(distance), e90 = unname(quantile(distance, 0.9)), emax = max(distance))
}
direct <- function(degree) {
  fitted(loess(truth ~ risk, degree = degree, span = 0.75, control = loess.control(surface = "direct")))
}
spline <- function(knots) {
  fit <- glm(truth ~ rcs(qlogis(risk), knots), family = binomial, control = glm.control(epsilon = 1e-14))
  list(knots = attr(rcspline.eval(qlogis(risk), nk = knots), "knots"), indices = indices(fitted(fit)),
       at = predict(fit, data.frame(risk = c(0.1, 0.3, 0.5, 0.8)), type = "response"))
}
cut_groups <- function(count) {
  group <- cut(risk, unique(quantile(risk, seq(0, 1, 1 / count))), include.lowest = TRUE)
  observed <- tapply(truth, group, sum)
  expected <- tapply(risk, group, sum)
  n <- tapply(truth, group, length)
  statistic <- sum((observed - expected)^2 / (expected * (1 - expected / n)))
  list(observed = unname(observed), expected = unname(expected), n = unname(n), statistic = statistic,
       p_new_cases = pchisq(statistic, length(n), lower.tail = FALSE),
       p_own_cases = pchisq(statistic, length(n) - 2, lower.tail = FALSE))
}
ratio <- function(id) {
  fit <- geeglm(truth ~ 1 + offset(log(risk)), id = id, family = poisson, corstr = "independence", scale.fix = TRUE)
  list(ratio = exp(unname(coef(fit))), se_log = coef(summary(fit))[["Std.err"]], clusters = length(unique(id)))
}
val <- val.prob(risk, truth, pl = FALSE)
improved <- unclass(improveProb(risk, other, truth))

write_json(
  list(
    source = paste0("calibrate.R: ", R.version.string, ", rms ", packageVersion("rms"), ", Hmisc ",
                    packageVersion("Hmisc"), ", geepack ", packageVersion("geepack")),
    risk = risk, other = other,
    loess_direct = list(degree_1 = indices(direct(1)), degree_2 = indices(pmin(1, pmax(0, direct(2)))), curve = direct(2)),
    loess_interpolated = indices(fitted(loess(truth ~ risk))),
    spline = list(three = spline(3), four = spline(4), five = spline(5)),
    hosmer_lemeshow = list(ten = cut_groups(10), four = cut_groups(4)),
    observed_expected = list(cases = ratio(seq_along(truth)), patients = ratio(patient)),
    val_prob = as.list(val),
    improve_prob = improved[sapply(improved, is.numeric)]
  ),
  "calibration.json", auto_unbox = TRUE, digits = NA, pretty = TRUE
)
