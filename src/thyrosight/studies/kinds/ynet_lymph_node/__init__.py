"""Outlines and classes with Y-Net, and the original report as a reader (Zhao et al. 2023)."""
