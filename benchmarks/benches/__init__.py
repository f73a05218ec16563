"""Ours beside an alternative: one module for each subject, whose `rows()` measures both in turn in one process."""
