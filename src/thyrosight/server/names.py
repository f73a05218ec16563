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


def chinese_name(stored: str) -> str:
    """A person's name as Chinese readers write it: characters first and together, Latin letters behind in brackets.

    >>> chinese_name("Wang^XiaoMing=王^小明"), chinese_name("王^小明"), chinese_name("Muster^Zoë")
    ('王小明（Wang, XiaoMing）', '王小明', 'Muster, Zoë')
    """
    first, _, rest = stored.partition("=")
    groups = [group.replace("^", "").replace(" ", "") for group in (first, rest.partition("=")[0])]
    in_characters = next((group for group in reversed(groups) if any("\u4e00" <= one <= "\u9fff" for one in group)), "")
    if not in_characters:
        return readable_name(stored)
    return in_characters if in_characters == groups[0] else f"{in_characters}（{readable_name(first)}）"
