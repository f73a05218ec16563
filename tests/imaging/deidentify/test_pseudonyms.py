"""Pseudonyms follow from the key alone, are recognised by it, and are valid DICOM identifiers."""

import os
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.errors import ImageError
from thyrosight.imaging.deidentify import PseudonymKey, open_key

KEY, OTHER = PseudonymKey(bytes(32)), PseudonymKey(bytes([1]) + bytes(31))


@given(st.text(max_size=40))
def test_a_pseudonym_is_stable_and_recognised_by_its_own_key_only(value: str) -> None:
    name = KEY.pseudonym("patient", value)
    assert KEY.pseudonym("patient", name) == name
    assert not OTHER.made("patient", name) and not KEY.made("picture", name)
    assert OTHER.pseudonym("patient", value) != name


@given(st.text("0123456789.", min_size=1, max_size=64))
def test_a_new_uid_is_a_uuid_below_2_25_and_stays_on_a_second_pass(value: str) -> None:
    uid = KEY.uid(value)
    assert len(uid) <= 64 and uid.startswith("2.25.") and not uid.removeprefix("2.25.").startswith("0")
    number = uuid.UUID(int=int(uid.removeprefix("2.25.")))
    assert (number.version, number.variant) == (8, uuid.RFC_4122)
    assert KEY.uid(uid) == uid
    assert OTHER.uid(uid) != uid


def test_many_values_give_as_many_pseudonyms_and_uids() -> None:
    assert len({KEY.pseudonym("patient", str(n)) for n in range(5000)}) == 5000
    assert len({KEY.uid(f"1.2.{n}") for n in range(5000)}) == 5000


def test_dates_move_back_by_one_to_ten_years() -> None:
    days = [KEY.days_back(f"TS-{n}") for n in range(3000)]
    assert min(days) >= 366 and max(days) <= 366 + 3287 and len(set(days)) > 1500


def test_a_foreign_2_25_uid_is_not_mistaken_for_an_own_one() -> None:
    foreign = f"2.25.{uuid.uuid4().int}"
    assert not KEY.made_uid(foreign) and KEY.uid(foreign) != foreign
    assert not KEY.made_uid("2.25." + "9" * 60) and not KEY.made_uid("2.25.x")


def test_a_key_file_is_made_once_private_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "key.json"
    made = open_key(path)
    assert open_key(path).secret == made.secret
    assert made.secret.hex() not in repr(made)
    if os.name == "posix":
        assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", ["", "{}", '{"format": "thyrosight pseudonym key 1", "key": "00"}', "\0"])
def test_a_file_that_is_no_key_is_refused_and_kept(tmp_path: Path, content: str) -> None:
    path = tmp_path / "key.json"
    path.write_text(content)
    with pytest.raises(ImageError):
        open_key(path)
    assert path.read_text() == content
