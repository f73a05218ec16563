"""Further records of a cohort: sizes, sonographic features, the original reports, and how diagnoses were confirmed."""
