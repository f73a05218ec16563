"""Recipes and the studies they describe."""
