"""Errors that a user can act on: one sentence that says what is wrong, where, and what to do."""

import re

_LONGEST_WORD = re.compile(r"\S{400,}")


class ThyroSightError(Exception):
    """Base of every error that the command line prints as one line before it exits with code 2.

    Words of 400 letters and more, as damaged files hold them, are shortened.

    >>> print(ThyroSightError("Expected a number, got " + "a" * 100_000))
    Expected a number, got aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa... (100000 characters)
    """

    def __str__(self) -> str:
        return _LONGEST_WORD.sub(lambda word: f"{word[0][:40]}... ({len(word[0])} characters)", super().__str__())


class ThyroSightWarning(UserWarning):
    """Something that goes on, but not as the user may expect; the command line prints it as one line."""


class ImageError(ThyroSightError):
    """An image, mask or box that cannot be used."""


class SpreadsheetError(ThyroSightError):
    """A spreadsheet that cannot be read: damaged, protected, or without a table."""


class CohortError(ThyroSightError):
    """A cohort whose table, labels or files are not as they must be."""


class SplitError(ThyroSightError):
    """A division of a cohort that leaks, is empty or belongs to another cohort."""


class NetworkError(ThyroSightError):
    """An unknown network, an unfit input size, or weights that cannot be had or trusted."""


class BundleError(ThyroSightError):
    """A model bundle or checkpoint that is damaged, foreign, from another version or unsafe."""


class RecipeError(ThyroSightError):
    """A recipe with an unknown key or a wrong value."""


class StatisticsError(ThyroSightError, ValueError):
    """Data on which a statistic is not defined, or an unknown option."""


class ReadingsError(ThyroSightError):
    """A protocol of a reader study, its cases or readers, an answer, or a table of readings that cannot be used."""


class OutputError(ThyroSightError):
    """A place that cannot be written: no permission, no space, or something else stands there."""


class FolderInUseError(ThyroSightError):
    """A folder in which another process works."""


class LanguageError(ThyroSightError):
    """A language that reports are not written in."""
