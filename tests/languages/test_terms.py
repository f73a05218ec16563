"""Terms are translated alike everywhere: the glossary says how."""

import pytest

from thyrosight.languages import read_catalogue
from thyrosight.languages.glossary import read_glossary


@pytest.mark.parametrize("language", ["zh", "es"])
def test_every_message_uses_the_terms_of_the_glossary(language: str) -> None:
    wrong = []
    for term in read_glossary():
        for message, said in read_catalogue(language).messages.items():
            if said != message and term.stands_in(message) and not term.is_used(said, language):
                wrong.append((term.english, message, said))
    assert wrong == []
