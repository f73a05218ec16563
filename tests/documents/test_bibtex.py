"""References as BibTeX: nothing of an entry is lost."""

import re

import pytest

from thyrosight.documents import REFERENCES
from thyrosight.documents.bibtex import bibtex


@pytest.mark.parametrize("key", sorted(REFERENCES))
def test_every_reference_is_taken_apart_whole(key: str) -> None:
    entry = bibtex(key, REFERENCES[key])
    kind = re.match(rf"@(\w+){{{key},\n", entry)
    assert kind is not None
    assert kind[1] in ("article", "book", "incollection")
    fields = dict(re.findall(r"^  (\w+) = \{(.*)\},$", entry, flags=re.MULTILINE))
    assert fields["year"] == key[-4:]
    letters = sorted(re.sub(r"[^\w]|and|others|et al|nd|rd|th|ed|In", "", " ".join(fields.values())))
    wanted = sorted(re.sub(r"[^\w]|and|others|et al|nd|rd|th|ed|In", "", REFERENCES[key]))
    assert letters == wanted


def test_a_text_that_is_no_reference_is_kept_as_a_note() -> None:
    assert bibtex("paper", "A framework (508 images & 93 malignant)") == (
        "@misc{paper,\n  note = {A framework (508 images \\& 93 malignant)},\n}"
    )
