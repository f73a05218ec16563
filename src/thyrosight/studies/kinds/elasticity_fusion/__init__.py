"""Frozen layers, fusion and heads for a B-mode image with its elastogram."""
