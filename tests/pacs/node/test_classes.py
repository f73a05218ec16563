"""Classes of objects: every one of the standard is either assessed or refused by its name."""

from pydicom._uid_dict import UID_dictionary

from thyrosight.pacs.node.classes import IMAGE_CLASSES, REFUSED_CLASSES


def test_every_object_of_the_standard_is_taken_or_refused_once() -> None:
    # pydicom's own table, which has no public name; the program does without it.
    stored = [uid for uid, (name, kind, *_) in UID_dictionary.items() if kind == "SOP Class" and "Storage" in name]
    objects = [uid for uid in stored if not uid.startswith("1.2.840.10008.1.")]  # which has the commitment of storage
    assert sorted((*IMAGE_CLASSES, *REFUSED_CLASSES)) == sorted(objects)
