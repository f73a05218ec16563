"""Analyses of predictions and cohorts that belong to no kind of study: each makes tables, figures or both."""
