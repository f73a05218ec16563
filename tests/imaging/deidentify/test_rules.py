"""Every attribute of the standard's table is handled at least as strictly as the table asks."""

import csv
from collections import Counter
from importlib.resources import files

import pytest
from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword
from pydicom.tag import Tag

from thyrosight.imaging.deidentify import BASIC_PROFILE, DeidentifyOptions
from thyrosight.imaging.deidentify.rules import action_for

STRICT = DeidentifyOptions()
GONE = {"remove", "empty", "dummy", "pseudonym"}


def test_the_table_names_every_attribute_by_the_keyword_of_its_tag() -> None:
    text = files("thyrosight.imaging.deidentify").joinpath("basic_profile.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == len(BASIC_PROFILE) == 616
    assert [row for row in rows if keyword_for_tag(int(row["tag"], 16)) != row["keyword"]] == []
    assert Counter(BASIC_PROFILE.values()) == {
        "X": 380, "D": 91, "U": 54, "Z": 42, "X/D": 22, "X/Z": 11, "X/Z/D": 8, "Z/D": 6, "X/Z/U*": 2,
    }  # fmt: skip
    assert BASIC_PROFILE[0x00100010] == "Z" and BASIC_PROFILE[0x0008103E] == "X"


@pytest.mark.parametrize("enhanced", [False, True])
def test_nothing_of_the_table_is_kept(enhanced: bool) -> None:
    for tag, code in BASIC_PROFILE.items():
        vr = dictionary_VR(tag)
        action = action_for(Tag(tag), vr, STRICT, enhanced=enhanced)
        allowed = GONE | ({"uid"} if vr == "UI" else set()) | ({"items"} if "U*" in code else set())
        assert action in allowed, (keyword_for_tag(tag), code, action)


def test_every_person_name_date_and_identifier_of_the_dictionary_goes() -> None:
    from pydicom.datadict import DicomDictionary

    for tag, (vr, *_) in DicomDictionary.items():
        if vr in ("PN", "DA", "TM", "DT", "AE", "UN"):
            assert action_for(Tag(tag), vr, STRICT) in GONE, keyword_for_tag(tag)


def test_text_outside_the_table_goes_unless_it_is_listed() -> None:
    def action(keyword: str, vr: str) -> str:
        return action_for(Tag(tag_for_keyword(keyword) or 0), vr, STRICT)

    assert action("TransducerData", "LO") == "empty"
    assert action("Manufacturer", "LO") == "keep"
    assert action("CodeMeaning", "LO") == "keep"
    assert action("Rows", "US") == "keep"
    assert action("SequenceOfUltrasoundRegions", "SQ") == "items"


def test_private_repeating_and_unknown_groups_are_removed() -> None:
    for tag, vr in ((0x00110010, "LO"), (0x60023000, "OW"), (0x501E2600, "US"), (0x00189F01, "LO"), (0x04000561, "SQ")):
        assert action_for(Tag(tag), vr, STRICT) == "remove", hex(tag)


def test_options_keep_only_what_they_name() -> None:
    loose = DeidentifyOptions(
        dates="shifted", uids="kept", patient_characteristics=True, device=True, descriptions=True
    )
    changed = {
        keyword_for_tag(tag)
        for tag in BASIC_PROFILE
        if action_for(Tag(tag), dictionary_VR(tag), loose) != action_for(Tag(tag), dictionary_VR(tag), STRICT)
        and dictionary_VR(tag) not in ("UI", "DA", "TM", "DT")
    }
    assert {"PatientSex", "PatientAge", "PatientWeight", "DeviceSerialNumber", "StudyDescription"} <= changed
    assert not changed & {"PatientName", "PatientID", "PatientBirthDate", "AccessionNumber", "InstitutionName"}
    assert action_for(Tag(tag_for_keyword("PatientBirthDate") or 0), "DA", loose) == "empty"
