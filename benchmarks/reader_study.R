# The method of Obuchowski and Rockette with the degrees of freedom of Hillis, written anew in plain R, on a table that
# `thyrosight reader-study export --imrmc` wrote (the layout of the R package iMRMC: rows of the truth first).
#
#     Rscript benchmarks/reader_study.R imrmc.csv
#
# Areas and covariances come from all pairs of a positive and a negative case that a reader read (DeLong et al. 1988, 0
# for cases that one of two readers did not read), not from ranks; mean squares from the linear models of R. The design
# is found from the table: any cases may be missing, readers may be in blocks with cases of their own (Hillis 2014), or
# use one arm each. Prints for random and for fixed readers the mean of each arm (value, standard error, degrees of
# freedom) and the difference of the second arm from the first (these, and P).
table <- read.csv(commandArgs(TRUE)[1], colClasses = c("character", "character", "character", "numeric"))
truth <- with(subset(table, readerID == "truth"), setNames(score, caseID))
rated <- subset(table, readerID != "truth")
arms <- unique(rated$modalityID)
units <- unique(rated[c("modalityID", "readerID")])
names(units) <- c("arm", "reader")
parts <- lapply(seq_len(nrow(units)), function(u) {
  own <- with(subset(rated, modalityID == units$arm[u] & readerID == units$reader[u]), setNames(score, caseID))
  ill <- names(own)[truth[names(own)] == 1]
  well <- names(own)[truth[names(own)] == 0]
  pairs <- outer(own[ill], own[well], function(x, y) (x > y) + (x == y) / 2)
  scaled <- function(shares) (shares - mean(pairs)) / sqrt(length(shares) * (length(shares) - 1))
  list(area = mean(pairs), ill = scaled(rowMeans(pairs)), well = scaled(colMeans(pairs)), cases = names(own))
})
units$area <- sapply(parts, function(part) part$area)
together <- function(a, b) {
  shared <- intersect(names(a), names(b))
  sum(a[shared] * b[shared])
}
covariance <- sapply(parts, function(a) sapply(parts, function(b) together(a$ill, b$ill) + together(a$well, b$well)))
readers <- unique(units$reader)
r <- length(readers)
same_reader <- outer(units$reader, units$reader, "==")
same_arm <- outer(units$arm, units$arm, "==")
of_arm <- function(arm) which(units$arm == arm)

# Blocks: readers who share a case, directly or by way of others.
read_by <- lapply(readers, function(one) unique(unlist(lapply(parts[units$reader == one], function(part) part$cases))))
block <- seq_len(r)
for (step in readers) for (i in seq_len(r)) for (j in seq_len(r)) {
  if (length(intersect(read_by[[i]], read_by[[j]]))) block[block == block[i]] <- min(block[i], block[j])
}
one_arm_each <- length(arms) > 1 && all(table(units$reader) == 1)
grouped <- !one_arm_each && length(unique(block)) > 1 && length(unique(block)) < r
units$block <- factor(if (grouped) block[match(units$reader, readers)] else rep(1, nrow(units)))
several <- nlevels(units$block) > 1

square <- function(model, data) {
  fit <- lm(model, data)
  c(sum(resid(fit)^2) / df.residual(fit), df.residual(fit))
}
satterthwaite <- function(readers_part, freedom, cases_part) {
  whole <- readers_part + max(0, cases_part)
  c(sqrt(whole), whole^2 / (readers_part^2 / freedom))
}
off <- function(rows, columns, other = rows) mean(covariance[rows, other][!same_reader[rows, other]])
# What the covariance over cases adds to the variance of a mean of readers beyond their mean square, times readers.
beyond <- function(matrix) {
  if (!several) return(r * mean(matrix[!diag(r)]))
  groups <- split(seq_len(r), units$block[match(readers, units$reader)])
  expected <- sapply(groups, function(g) {
    own <- matrix[g, g, drop = FALSE]
    if (length(g) < 2) 0 else (length(g) - 1) * (mean(diag(own)) - mean(own[!diag(length(g))]))
  })
  sum(matrix) / r - sum(expected) / (r - length(groups))
}
show <- function(...) cat(..., "\n", sep = " ")
number <- function(x) format(x, digits = 17)
told <- function(kind, what, value, se, freedom, p = FALSE) {
  show(kind, what, number(value), number(se), number(freedom), if (p) number(2 * pt(-abs(value / se), freedom)))
}

for (arm in arms) {
  own <- of_arm(arm)
  n <- length(own)
  value <- mean(units$area[own])
  if (one_arm_each) {
    found <- satterthwaite(var(units$area[own]) / n, n - 1, mean(covariance[own, own][!diag(n)]))
    fixed <- mean(covariance[own, own])
  } else {
    ms <- square(if (several) area ~ block else area ~ 1, units[own, ])
    found <- satterthwaite(ms[1] / n, ms[2], beyond(covariance[own, own]) / n)
    fixed <- (mean(diag(covariance[own, own])) + (n - 1) * max(0, mean(covariance[own, own][!diag(n)]))) / n
  }
  told("random", arm, value, found[1], found[2])
  told("fixed", arm, value, sqrt(fixed), Inf)
}
if (length(arms) == 2) {
  a <- of_arm(arms[2])
  b <- of_arm(arms[1])
  value <- mean(units$area[a]) - mean(units$area[b])
  weight <- numeric(nrow(units))
  weight[a] <- 1 / length(a)
  weight[b] <- -1 / length(b)
  if (one_arm_each) {
    ms <- square(area ~ arm, units)
    share <- function(rows) mean(covariance[rows, rows][!diag(length(rows))])
    found <- satterthwaite(
      ms[1] * (1 / length(a) + 1 / length(b)), ms[2], share(a) + share(b) - 2 * mean(covariance[a, b])
    )
  } else {
    ms <- square(if (several) area ~ arm * block + reader else area ~ arm + reader, units)
    match_a <- a[match(readers, units$reader[a])]
    match_b <- b[match(readers, units$reader[b])]
    same <- (covariance[match_a, match_a] + covariance[match_b, match_b]) / 2
    other <- (covariance[match_a, match_b] + covariance[match_b, match_a]) / 2
    found <- satterthwaite(2 / r * ms[1], ms[2], 2 / r * beyond(same - other))
  }
  told("random", "difference", value, found[1], found[2], p = TRUE)
  told("fixed", "difference", value, sqrt(drop(weight %*% covariance %*% weight)), Inf, p = TRUE)
  show("arms", arms)
}
