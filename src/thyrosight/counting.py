"""Numbers with their nouns."""


def counted(number: int, noun: str, *, many: str = "") -> str:
    """A number with its noun.

    >>> counted(1, "case"), counted(2, "case"), counted(0, "copy", many="copies")
    ('1 case', '2 cases', '0 copies')
    """
    return f"{number} {noun if number == 1 else many or f'{noun}s'}"
