"""Trained on larger nodules, tested on smaller ones, against readers (Rho et al.)."""
