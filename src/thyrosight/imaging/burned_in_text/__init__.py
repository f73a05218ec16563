"""Finding text that a scanner or a person has drawn into the pixels."""

from thyrosight.imaging.burned_in_text.finding import find_burned_in_text

__all__ = ["find_burned_in_text"]
