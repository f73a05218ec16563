"""Readers who judge the same cases, without a model and with one: the report from a table of readings."""
