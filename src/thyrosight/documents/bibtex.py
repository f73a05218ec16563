"""References as BibTeX, taken apart from the way in which Vancouver style writes them."""

import re

_ARTICLE = re.compile(
    r"(?P<author>[^.]+?)\. (?P<title>.+)\. (?P<journal>[^.]+)\. (?P<year>\d{4})(;(?P<volume>[^:]+))?:"
    r"(?P<pages>[\w.-]+)\."
)
_CHAPTER = re.compile(
    r"(?P<author>[^.]+)\. (?P<title>.+)\. In: (?P<booktitle>.+)\. (?P<address>[^.:]+): (?P<publisher>[^;]+);"
    r" (?P<year>\d{4})\."
)
_BOOK = re.compile(
    r"(?P<author>[^.]+)\. (?P<title>[^.]+)\.( (?P<edition>\d)\w\w ed\.)? (?P<address>[^.:]+): (?P<publisher>[^;]+);"
    r" (?P<year>\d{4})\."
)
_KINDS = (("article", _ARTICLE), ("incollection", _CHAPTER), ("book", _BOOK))
_SPECIAL = str.maketrans({character: "\\" + character for character in "&%$#_"})


def bibtex(key: str, text: str) -> str:
    r"""One entry; a text that is written otherwise becomes the note of an entry of no kind.

    >>> print(bibtex("wilson1927", "Wilson EB. Probable inference. J Am Stat Assoc. 1927;22:209-212."))
    @article{wilson1927,
      author = {Wilson, E. B.},
      title = {{Probable inference}},
      journal = {J Am Stat Assoc},
      year = {1927},
      volume = {22},
      pages = {209--212},
    }
    """
    for kind, form in _KINDS:
        found = form.fullmatch(text)
        if found is not None:
            fields = {name: value for name, value in found.groupdict().items() if value}
            fields["author"] = " and ".join(_author(name) for name in fields["author"].split(", "))
            fields["title"] = f"{{{fields['title']}}}"
            if "pages" in fields:
                fields["pages"] = fields["pages"].replace("-", "--")
            return _entry(kind, key, fields)
    return _entry("misc", key, {"note": text})


def _author(name: str) -> str:
    """A name with its family name first, as BibTeX parts them.

    >>> _author("D'Agostino RB Jr"), _author("Van Calster B"), _author("et al")
    ("D'Agostino, Jr, R. B.", 'Van Calster, B.', 'others')
    """
    if name == "et al":
        return "others"
    words = name.split()
    younger = words.pop() if words[-1] == "Jr" else ""
    initials = " ".join(f"{letter}." for letter in words.pop())
    return ", ".join(part for part in (" ".join(words), younger, initials) if part)


def _entry(kind: str, key: str, fields: dict[str, str]) -> str:
    lines = [f"  {name} = {{{value.translate(_SPECIAL)}}}," for name, value in fields.items()]
    return "\n".join([f"@{kind}{{{key},", *lines, "}"])
