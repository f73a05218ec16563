"""Readers of the reading room, for trials."""
