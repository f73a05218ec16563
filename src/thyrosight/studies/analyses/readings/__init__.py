"""Analyses of readings: what several readers said of the same cases, in one way of reading or in several."""
