# The method of Obuchowski and Rockette with the degrees of freedom of Hillis, written anew in plain R, on a table that
# `thyrosight reader-study export --imrmc` wrote (the layout of the R package iMRMC: rows of the truth first).
#
#     Rscript benchmarks/reader_study.R imrmc.csv
#
# Areas and covariances come from all pairs of a positive and a negative case (DeLong et al. 1988), not from ranks as in
# the package. Prints the difference of the second arm from the first, its standard error, degrees of freedom and P.
table <- read.csv(commandArgs(TRUE)[1], colClasses = c("character", "character", "character", "numeric"))
truth <- with(subset(table, readerID == "truth"), setNames(score, caseID))
rated <- subset(table, readerID != "truth")
arms <- unique(rated$modalityID)
readers <- unique(rated$readerID)
positive <- names(truth)[truth == 1]
negative <- names(truth)[truth == 0]
components <- list()
area <- matrix(0, length(arms), length(readers))
for (i in seq_along(arms)) for (j in seq_along(readers)) {
  own <- with(subset(rated, modalityID == arms[i] & readerID == readers[j]), setNames(score, caseID))
  pairs <- outer(own[positive], own[negative], function(x, y) (x > y) + (x == y) / 2)
  area[i, j] <- mean(pairs)
  components[[length(components) + 1]] <- list(i = i, j = j, ill = rowMeans(pairs), well = colMeans(pairs))
}
covariance <- function(a, b) cov(a$ill, b$ill) / length(positive) + cov(a$well, b$well) / length(negative)
same <- other <- c()
for (a in components) for (b in components) if (a$j != b$j) {
  if (a$i == b$i) same <- c(same, covariance(a, b)) else other <- c(other, covariance(a, b))
}
r <- length(readers)
residual <- area - rowMeans(area) - matrix(colMeans(area), length(arms), r, byrow = TRUE) + mean(area)
interaction <- sum(residual^2) / (r - 1)
denominator <- interaction + r * max(mean(same) - mean(other), 0)
difference <- mean(area[2, ]) - mean(area[1, ])
error <- sqrt(2 / r * denominator)
freedom <- denominator^2 / (interaction^2 / (r - 1))
cat(format(c(difference, error, freedom, 2 * pt(-abs(difference / error), freedom)), digits = 17), arms, sep = "\n")
