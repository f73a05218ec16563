"""Names of people as DICOM stores them, and as people write them."""

import re
from typing import Final

_IDEOGRAPHS: Final = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HANGUL: Final = "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"
_KANA: Final = "\u3040-\u30ff\uff66-\uff9f"
_HAN: Final = re.compile(f"[{_IDEOGRAPHS}]")
_TOGETHER: Final = re.compile(f"[{_IDEOGRAPHS}{_HANGUL}]")
_EAST_ASIAN: Final = f"[{_IDEOGRAPHS}{_HANGUL}{_KANA}]"
_GAP: Final = re.compile(f"(?<={_EAST_ASIAN})\\s+(?={_EAST_ASIAN})")
_ENDS_EAST_ASIAN: Final = re.compile(f"{_EAST_ASIAN}$")
_ARABIC: Final = re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")


def readable_name(stored: str, *, language: str = "en") -> str:
    """A person's name as people write it, from the parts of DICOM (PS3.5, 6.2.1.2); other spellings in brackets.

    Family name first, with a comma behind it; Chinese, Japanese and Korean names are written without, and together
    unless in kana alone. Chinese readers get characters before Latin letters.

    >>> readable_name("Silva^Ana^^Dr"), readable_name("王^小明"), readable_name("김^희중"), readable_name("")
    ('Silva, Ana Dr', '王小明', '김희중', '')
    >>> readable_name("Yamada^Tarou=山田^太郎=やまだ^たろう")
    'Yamada, Tarou (山田太郎, やまだ たろう)'
    >>> readable_name("Wang^XiaoMing=王^小明", language="zh")
    '王小明（Wang, XiaoMing）'
    """
    forms = list(dict.fromkeys(form for group in stored.split("=") if (form := _written(group))))
    if language == "zh":
        forms.sort(key=lambda form: not _HAN.search(form))
    if len(forms) < 2:
        return "".join(forms)
    if language == "zh":
        return f"{forms[0]}（{'；'.join(forms[1:])}）"
    return f"{forms[0]} ({', '.join(forms[1:])})"


def _written(group: str) -> str:
    """One spelling of a name."""
    family, _, rest = group.partition("^")
    parts = [part for part in (" ".join(one.replace("^", " ").split()) for one in (family, rest)) if part]
    if _ENDS_EAST_ASIAN.search(parts[0] if parts else ""):
        text = " ".join(parts)
        return _GAP.sub("", text) if _TOGETHER.search(text) else text
    return ("، " if _ARABIC.search(group) else ", ").join(parts)
