"""Networks compared on the same divisions of one cohort."""
