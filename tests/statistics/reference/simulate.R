# Simulates simulated.csv and analyses it with pROC and geepack, as simulated.json. Run in this folder: Rscript simulate.R
# (Debian: apt-get install r-cran-proc r-cran-geepack r-cran-jsonlite).
suppressMessages({library(pROC); library(geepack); library(jsonlite)})

set.seed(7)
images <- sample(1:4, 60, replace = TRUE)
patient <- rep(seq_along(images), images)
n <- length(patient)
sex <- sample(c("F", "M"), 60, replace = TRUE)[patient]
age <- round(rnorm(60, 48, 12))[patient]
site <- sample(c("A", "B"), 60, replace = TRUE)[patient]
of_patient <- rnorm(60)[patient]
truth <- as.integer(0.02 * (age - 48) + 0.6 * (sex == "M") + of_patient + rlogis(n) > 0.5)
score_a <- round(truth + 0.5 * of_patient + rnorm(n), 1)  # with ties
score_b <- pmin(5, pmax(1, round(3 + 0.6 * truth + 0.5 * of_patient + rnorm(n))))
table <- data.frame(patient, site, sex, age, truth, score_a, score_b)
write.csv(table, "simulated.csv", row.names = FALSE, quote = FALSE)

curve <- function(rows, score) roc(table$truth[rows], table[[score]][rows], levels = c(0, 1), direction = "<")
all <- rep(TRUE, n)
area <- function(score) {
  found <- curve(all, score)
  limits <- ci.auc(found, method = "delong")
  list(auc = limits[2], low = limits[1], high = limits[3], variance = var(found, method = "delong"))
}
best <- function(method) {
  as.list(coords(curve(all, "score_a"), "best", best.method = method, ret = c("threshold", "sensitivity", "specificity"),
                 transpose = FALSE))
}
partial <- function(axis, from, to) {
  part <- function(correct) {
    as.numeric(auc(curve(all, "score_a"), partial.auc = c(to, from), partial.auc.focus = axis,
                   partial.auc.correct = correct))
  }
  list(axis = axis, from = from, to = to, raw = part(FALSE), standardised = part(TRUE))
}
paired <- roc.test(curve(all, "score_a"), curve(all, "score_b"), method = "delong")
unpaired <- roc.test(curve(site == "A", "score_a"), curve(site == "B", "score_a"), method = "delong", paired = FALSE)
whole <- curve(all, "score_a")

model <- function(formula, correlation) {
  fit <- geeglm(formula, id = patient, data = table, family = binomial, corstr = correlation,
                control = geese.control(epsilon = 1e-12, maxit = 200))
  rows <- coef(summary(fit))
  list(coefficient = as.list(setNames(rows[["Estimate"]], rownames(rows))),
       robust_se = as.list(setNames(rows[["Std.err"]], rownames(rows))),
       p = as.list(setNames(rows[["Pr(>|W|)"]], rownames(rows))),
       correlation = if (correlation == "exchangeable") unname(fit$geese$alpha) else NULL)
}
both <- function(formula) lapply(list(independence = "independence", exchangeable = "exchangeable"),
                                 function(correlation) model(formula, correlation))

write_json(
  list(
    source = paste0("simulate.R: ", R.version.string, ", pROC ", packageVersion("pROC"), ", geepack ",
                    packageVersion("geepack")),
    area = list(score_a = area("score_a"), score_b = area("score_b")),
    paired = list(statistic = unname(paired$statistic), p = paired$p.value, low = paired$conf.int[1],
                  high = paired$conf.int[2]),
    unpaired = list(statistic = unname(unpaired$statistic), df = unname(unpaired$parameter), p = unpaired$p.value),
    curve = list(thresholds = whole$thresholds[is.finite(whole$thresholds)], sensitivity = whole$sensitivities,
                 specificity = whole$specificities),
    best = list(youden = best("youden"), closest = best("closest.topleft")),
    partial = list(partial("specificity", 0.9, 1), partial("specificity", 0.8, 0.95), partial("sensitivity", 0.9, 1),
                   partial("sensitivity", 0.8, 0.95)),
    prevalence = both(truth ~ 1),
    model = both(truth ~ sex + age + score_a)
  ),
  "simulated.json", auto_unbox = TRUE, digits = NA, pretty = TRUE, null = "null"
)
