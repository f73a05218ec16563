"""Damage that any file can have: to its bytes, and to the words and numbers of a text."""

import random
import re
from collections.abc import Callable

Mutation = Callable[[bytearray, random.Random], bytearray]


def flip_bytes(data: bytearray, draw: random.Random) -> bytearray:
    for _ in range(draw.choice((1, 2, 5, 20))):
        data[draw.randrange(len(data))] = draw.randrange(256)
    return data


def flip_start(data: bytearray, draw: random.Random) -> bytearray:
    """Damage where formats keep their sizes."""
    for _ in range(draw.choice((1, 2, 5))):
        data[draw.randrange(min(len(data), 120))] = draw.randrange(256)
    return data


def absurd_integers(data: bytearray, draw: random.Random) -> bytearray:
    """Sizes and offsets that cannot be, of two or four bytes in either order."""
    for _ in range(draw.choice((1, 2, 4))):
        width = draw.choice((2, 4))
        value = draw.choice((0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)) & (256**width - 1)
        place = draw.randrange(min(len(data), 4000))
        data[place : place + width] = value.to_bytes(width, draw.choice(("little", "big")))
    return data


def cut(data: bytearray, draw: random.Random) -> bytearray:
    return data[: draw.randrange(len(data))]


def remove_part(data: bytearray, draw: random.Random) -> bytearray:
    start = draw.randrange(len(data))
    del data[start : start + draw.choice((1, 2, 8, 100, 4000))]
    return data


def repeat_part(data: bytearray, draw: random.Random) -> bytearray:
    start, length = draw.randrange(len(data)), draw.choice((1, 8, 100, 4000))
    part = bytes(data[start : start + length])
    data[start:start] = part * draw.choice((1, 3, 50))
    return data


def spliced(data: bytearray, draw: random.Random) -> bytearray:
    """The start of a file, and its end from an earlier place: a part missing or twice."""
    return data[: draw.randrange(len(data))] + data[draw.randrange(len(data)) :]


_NUMBERS = (
    b"0", b"-1", b"1e400", b"-1e400", b"nan", b"inf", b"9" * 400, b"1e-400", b"0x10", b"1_000", b"1,5", b"1.797e308",
    b"2147483648", b"18446744073709551616", b"\xc2\xb2", b"\xd9\xa3", b"1e", b".", b"-", b"",
)  # fmt: skip
_WORDS = (
    b"null", b"true", b"~", b"''", b'""', b"[]", b"{}", b"*a", b"&a [*a]", b"!!python/object:os.system", b"<x/>",
    b"&lt;", b"&amp", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xf0\x9f\xa9\xba", "恶性".encode("gb18030"),
    "é".encode("cp1252"), b"\r", b"\n\n", b"\t", b"a" * 100_000, b"../../etc/passwd", b"C:\\con", b"%s%n", b"=1+1",
    b"&xxe;", b"NaN", b"#N/A",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
)  # fmt: skip


def other_number(data: bytearray, draw: random.Random) -> bytearray:
    """A number of the text becomes one that cannot be, or is none."""
    found = [match.span() for match in re.finditer(rb"-?\d+(?:\.\d+)?", bytes(data))]
    for start, end in sorted(draw.sample(found, min(len(found), draw.choice((1, 2, 5)))), reverse=True):
        data[start:end] = draw.choice(_NUMBERS)
    return data


def other_word(data: bytearray, draw: random.Random) -> bytearray:
    """A word of the text becomes one of another kind."""
    found = [match.span() for match in re.finditer(rb"[A-Za-z_]{2,}", bytes(data))]
    for start, end in sorted(draw.sample(found, min(len(found), draw.choice((1, 2)))), reverse=True):
        data[start:end] = draw.choice(_WORDS)
    return data


def lines_changed(data: bytearray, draw: random.Random) -> bytearray:
    """A line twice, away, in another place, or thousands of times."""
    lines = bytes(data).split(b"\n")
    place = draw.randrange(len(lines))
    what = draw.randrange(4)
    if what == 0:
        lines[place:place] = [lines[place]] * draw.choice((1, 2, 5000))
    elif what == 1:
        del lines[place]
    elif what == 2:
        lines.insert(draw.randrange(len(lines)), lines.pop(place))
    else:
        lines[place] = lines[place] * draw.choice((2, 200))
    return bytearray(b"\n".join(lines))


def deep(data: bytearray, draw: random.Random) -> bytearray:
    """Brackets or elements inside one another."""
    depth = draw.choice((50, 2000, 100_000))
    opening, closing = draw.choice(((b"[", b"]"), (b"{", b"}"), (b"<a>", b"</a>"), (b"(", b")")))
    place = draw.randrange(len(data) + 1)
    data[place:place] = opening * depth + (closing * depth if draw.random() < 0.5 else b"")
    return data


def other_encoding(data: bytearray, draw: random.Random) -> bytearray:
    text = bytes(data).decode("utf-8", "replace")
    return bytearray(
        text.encode(draw.choice(("utf-16", "utf-32", "gb18030", "cp1252", "utf-7", "utf-8-sig")), "replace")
    )


OF_BYTES: tuple[Mutation, ...] = (
    flip_bytes, flip_start, absurd_integers, cut, remove_part, repeat_part, spliced,
)  # fmt: skip
OF_TEXT: tuple[Mutation, ...] = (
    flip_bytes, cut, remove_part, repeat_part, spliced, other_number, other_word, lines_changed, deep, other_encoding,
)  # fmt: skip
