"""Measurements of the default models and of the stages of their training."""
