"""Names of people as DICOM stores them, and as people write them."""


def readable_name(stored: str) -> str:
    """A person's name as people write it, from the parts of DICOM.

    >>> readable_name("Silva^Ana^^Dr"), readable_name("Yamada^Tarou=山田^太郎"), readable_name("")
    ('Silva, Ana Dr', 'Yamada, Tarou (山田 太郎)', '')
    """
    groups = [group.split("^") for group in stored.split("=")]
    latin = [part.strip() for part in groups[0]]
    words = ", ".join(part for part in (latin[0], " ".join(part for part in latin[1:] if part)) if part)
    other = " ".join(part.strip() for part in groups[1] if part.strip()) if len(groups) > 1 else ""
    return f"{words} ({other})" if words and other else words or other
