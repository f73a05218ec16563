"""Manuscripts of studies: text, tables and figures as data, what reproduces them, and the check that it does."""
