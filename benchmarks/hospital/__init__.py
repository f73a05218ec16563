"""Spreadsheets as hospitals export them, with their mistakes, and the truth beside them."""
