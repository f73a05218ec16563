"""Names are written as people of their script write them."""

import pytest

from thyrosight.imaging.dicom import readable_name


@pytest.mark.parametrize(
    ("stored", "english", "chinese"),
    [
        ("Hong^Gildong=洪^吉洞=홍^길동", "Hong, Gildong (洪吉洞, 홍길동)", "洪吉洞（Hong, Gildong；홍길동）"),
        ("山田^みどり", "山田みどり", "山田みどり"),
        ("スミス^ジョン", "スミス ジョン", "スミス ジョン"),  # kana alone would run into one word
        ("王 小明", "王小明", "王小明"),
        ("王^Anna", "王 Anna", "王 Anna"),
        ("김^희중^^Dr", "김희중 Dr", "김희중 Dr"),
        ("=王^小明", "王小明", "王小明"),
        ("Muster^Zoë=Muster^Zoë", "Muster, Zoë", "Muster, Zoë"),
        ("כהן־לוי^שירה", "כהן־לוי, שירה", "כהן־לוי, שירה"),
        ("محمد^فاطمة", "محمد، فاطمة", "محمد، فاطمة"),
        ("^^^", "", ""),
    ],
)
def test_names_of_all_scripts(stored: str, english: str, chinese: str) -> None:
    assert readable_name(stored) == english
    assert readable_name(stored, language="zh") == chinese
