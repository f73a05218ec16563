"""Messages of reports, found in the source, and the files of translators brought up to date with them.

    python benchmarks/messages.py            # what each language lacks
    python benchmarks/messages.py --update   # write it into the files, untranslated

A message is a text, or an f-string with its values as {0}, {1} ... in the order of the text, {n0} where the source
formats a number. Text that a condition adds or not makes a message for each case.
"""

import argparse
import ast
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).parents[1] / "src" / "thyrosight"
MESSAGES = SOURCE / "languages" / "messages"
_COMMANDS = ("cohort_check_output", "cohort_map", "cohort_map_output", "study", "study_manuscript", "study_plan")
ERRORS_SHOWN = tuple(f"imaging/{name}.py" for name in ("boxes", "masks", "picture_forms", "reading"))
"""Files whose errors `cohort check` shows as what is wrong with an image."""
ROOMS = (
    "cli/stats", "documents", "readings", "reports", "studies", "cohort/mapping", "spreadsheets",
    *(f"cli/{name}.py" for name in _COMMANDS),
    *(f"cohort/{name}.py" for name in ("checking", "opening", "schema")), *ERRORS_SHOWN,
)  # fmt: skip
"""Folders, and single files, whose texts people see."""
LEFT_ENGLISH = re.compile(
    r"cohort/mapping/(dates|diagnoses|headers|labels|plan|values|words)\.py|spreadsheets/(markup|xlsx?)\.py"
    r"|cli/stats/(__init__|examples|options|placing|power|words)\.py"
    r"|documents/(__init__|bibtex|latex|references|table_layout)\.py"
    r"|readings/(__init__|allotment|answers|cases|example|files|ordering|protocol|ratings|rules|simulated|table)\.py"
    r"|reports/(__init__|latex|terminal|word|word_tables)\.py"
    r"|reports/figures/(fonts|journal)\.py|reports/notebooks/.*"
    r"|studies/(__init__|quoting|recipe)\.py|studies/kinds/registry\.py|studies/plans/(draft|timing|worth|aim)\.py"
    r"|studies/guidelines/(guideline|known)\.py"
    r"|studies/manuscript/(reproduction|rerunning)\.py"
)
"""Files whose text is English alone: notebooks, names of styles, and what the terminal alone shows."""
NOT_PRINTED = (
    "{0}, row {1}", "Checking elastograms", "Creator", "CreationDate", "Date", "DejaVu Sans", "give one of them a name",
    "{0} belongs to images of several nodules ({1}); an elastogram belongs to one",
    "the elastogram has {0} x {1} pixels, its image {2} x {3}; both must show the same place at one size",
    "The main network could not be trained, so that there is nothing to report. {0}",
    "{0} cannot be read ({1}); run the study again to write it anew.", "measured on", "operating points", "WebP",
    "To write:", "Not known: write it", "`manuscript.docx`, `supplement.docx`",
    "the column case", "the column lesion", ", or x and y", "Wrote {0}", "patient id",
    "analyse the other readings with --missing analyse, or leave its case out with --missing drop-case",
    "leave such rows out with --drop-missing", "obuchowski1994, hanley1983", "nam1997, tango1998",
    "riley2019, riley2020, vansmeden2019", "riley2019, riley2020", "riley2021, newcombe2006",
    "EncryptedPackage", "EncryptionInfo", "kind of study", "{0}: thyrosight cohort check {1}",
    "thyrosight {0} {1}", "case {0}", "obuchowski1995, hillis2007", "obuchowski1995, hillis2007, obuchowski1997",
)  # fmt: skip
"""Texts of errors and progress, and names in files, that no report shows."""
_MOST = 24
"""Cases of one text that are told apart."""
_WORDS = re.compile(r"[A-Za-zΔ±]{2,}[^A-Za-z]* .*[A-Za-z]|\b[A-Z][a-z]+")
_NO_TEXT = re.compile(
    r"^<|^\[(?!\[)|^\^|^%|pd\.|var\(|axes fraction|offset points|upper left|lower center|right center"
)
_WORD_BESIDE_VALUE = re.compile(r"(?:^|[ (])[A-Za-zΔ±]{2,}(?:$|[ ,;:.)])")
_PLACE = re.compile(r"\{(?!(?:table|figure):)[^{}]*\}")
"""A value; marks of tables and figures are text."""
_MARK = re.compile(r"\{(?:table|figure):(\{n?\d+\})\}")
"""The mark of a table or figure, which is a value as a whole."""
_NOT_READ = {
    "startswith",
    "endswith",
    "removesuffix",
    "removeprefix",
    "compile",
    "sub",
    "split",
    "find",
    "Option",
    "Argument",
    "BadParameter",
}
"""Calls whose texts no page shows."""

Pieces = list[str | bool]
"""Fixed texts, and for each value whether it is a number."""


def messages() -> dict[str, str]:
    """Every message with the place in the source where it stands first."""
    found: dict[str, str] = {}
    for room in ROOMS:
        files = [SOURCE / room] if room.endswith(".py") else sorted((SOURCE / room).rglob("*.py"))
        for path in files:
            name = path.relative_to(SOURCE).as_posix()
            if LEFT_ENGLISH.fullmatch(name):
                continue
            for message in messages_of(path.read_text(encoding="utf-8"), errors=name in ERRORS_SHOWN):
                if untyped(message) not in NOT_PRINTED:
                    found.setdefault(message, name)
    for name in ("blocks", "document"):
        template = f"reports/templates/{name}.html"
        for message in re.findall(r'say\("([^"]+)"', (SOURCE / template).read_text(encoding="utf-8")):
            found.setdefault(message, template)
    return found


def messages_of(source: str, *, errors: bool = False) -> list[str]:
    """The messages of one file, in their order; those of its errors only if wanted."""
    reader = _Reader(errors=errors)
    reader.visit(ast.parse(source))
    return list(dict.fromkeys(reader.found))


class _Reader(ast.NodeVisitor):
    """Collects what may be printed: no documentation, types, comparisons, names in code, or errors unless wanted."""

    def __init__(self, *, errors: bool) -> None:
        self.found, self._errors = list[str](), errors

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        if self._errors and node.exc is not None:
            self.visit(node.exc)

    def visit_Assert(self, node: ast.Assert) -> None:
        return

    def visit_Compare(self, node: ast.Compare) -> None:
        return

    def visit_arg(self, node: ast.arg) -> None:
        return

    def visit_Assign(self, node: ast.Assign) -> None:
        if not any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets):
            self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for item in (*node.args.defaults, *filter(None, node.args.kw_defaults), *node.body):
            self.visit(item)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if called in ("say", "said", "in_threads", "progress") and texts:
            self.found.append(texts[0])
            node.args = [arg for arg in node.args if getattr(arg, "value", None) != texts[0]]
        elif called == "counted" and texts:
            many = next((str(ast.literal_eval(item.value)) for item in node.keywords), f"{texts[0]}s")
            self.found += [f"{{n0}} {texts[0]}", f"{{n0}} {many}"]
            return
        if called not in _NOT_READ:
            self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        self._text(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self._text(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        self._text(node)

    def _text(self, node: ast.expr) -> None:
        for pieces in cases(node):
            message = numbered(pieces)
            beside = _PLACE.search(message) and _WORD_BESIDE_VALUE.search(message)
            if (beside or _WORDS.search(_PLACE.sub("", message))) and not _NO_TEXT.search(message):
                self.found.append(message)
        for value in _values(node):
            self.visit(value)


def _values(node: ast.expr) -> Iterator[ast.expr]:
    """Expressions in the places of a text, without the texts that are cases of it."""
    if isinstance(node, ast.JoinedStr):
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from _values(part.value) if _is_text(part.value) else (part.value,)
    elif isinstance(node, ast.IfExp):
        yield node.test
        for one in (node.body, node.orelse):
            yield from _values(one) if _is_text(one) else (one,)
    elif isinstance(node, ast.BinOp):
        for one in (node.left, node.right):
            yield from _values(one) if _is_text(one) else (one,)


def _is_text(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return _is_text(node.body) or _is_text(node.orelse)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add) and (_is_text(node.left) or _is_text(node.right))
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def cases(node: ast.expr) -> list[Pieces]:
    """Cases of a text: pieces of fixed text, and None for each value."""
    if isinstance(node, ast.Constant):
        return [_with_places(node.value)] if isinstance(node.value, str) else []
    if isinstance(node, ast.IfExp) and _is_text(node):
        return [*(cases(node.body) or [[False]]), *(cases(node.orelse) or [[False]])]
    if isinstance(node, ast.BinOp) and _is_text(node):
        return _together([cases(one) or [[False]] for one in (node.left, node.right)])
    if isinstance(node, ast.JoinedStr):
        return _together([_cases_of_part(part) for part in node.values])
    return []


def _cases_of_part(part: ast.expr) -> list[Pieces]:
    if isinstance(part, ast.FormattedValue):
        several = isinstance(part.value, ast.IfExp) and _is_text(part.value)
        return cases(part.value) if several else [[_is_number(part)]]
    return [[str(part.value)]] if isinstance(part, ast.Constant) else [[False]]


def _is_number(part: ast.FormattedValue) -> bool:
    """Whether the source writes a value as a number: with decimals or a sign, or as a count."""
    if isinstance(part.format_spec, ast.JoinedStr):
        return bool(re.search(r"[gfd,]$", "".join(str(getattr(one, "value", "f")) for one in part.format_spec.values)))
    return isinstance(part.value, ast.Call) and getattr(part.value.func, "id", "") in ("len", "sum", "int", "max")


def _together(parts: list[list[Pieces]]) -> list[Pieces]:
    """Every case of neighbouring parts; where there are too many, a part with cases counts as a value."""
    total = 1
    for part in parts:
        total *= len(part)
    if total > _MOST:
        parts = [part if len(part) == 1 else [[False]] for part in parts]
    return [[piece for part in chosen for piece in part] for chosen in product(*parts)]


def _with_places(text: str) -> Pieces:
    """A text for `str.format`, with its named places as values."""
    found: Pieces = []
    for place, piece in enumerate(_PLACE.split(text)):
        found += [piece] if place == 0 else [False, piece]
    return found


def numbered(pieces: Pieces) -> str:
    """Pieces as a message, its values numbered."""
    number, text = 0, ""
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
        else:
            text += f"{{{'n' if piece else ''}{number}}}"
            number += 1
    return _MARK.sub(r"\1", text.strip())


def untyped(message: str) -> str:
    """A message whose numbers stand as any value: translators may tell more of them than the source does."""
    return re.sub(r"\{n(\d+)\}", r"{\1}", message)


def lacking(language: str) -> list[str]:
    """Messages without a translation."""
    known = {untyped(str(item.id)) for item in catalogue(language) if item.id and item.string}
    return [message for message in messages() if untyped(message) not in known]


def catalogue(language: str) -> Catalog:
    """The messages of a language as the translators' file has them."""
    with (MESSAGES / f"{language}.po").open("rb") as stream:
        return read_po(stream, locale=language)


def main() -> None:
    """Say what is missing, or write it into the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="write new messages into the files")
    update = parser.parse_args().update
    for path in sorted(MESSAGES.glob("*.po")):
        missing = lacking(path.stem)
        print(f"{path.name}: {len(missing)} messages without a translation")
        for message in missing:
            print(f"  {message}")
        if update:
            found, where = catalogue(path.stem), messages()
            for message in missing:
                found.add(message, "", auto_comments=[where[message]])
            with path.open("wb") as stream:
                write_po(stream, found, width=110, sort_output=False, omit_header=False)


if __name__ == "__main__":
    main()
