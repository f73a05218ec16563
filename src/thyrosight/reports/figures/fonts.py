"""A font with Chinese characters for figures; DejaVu Sans, which comes with matplotlib, has none."""

import warnings
from functools import cache
from importlib.util import find_spec
from typing import Final

from matplotlib import font_manager

from thyrosight.errors import ThyroSightWarning

_OF_SYSTEMS: Final = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC", "Microsoft YaHei", "SimHei",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Noto Sans CJK JP", "Droid Sans Fallback",
)  # fmt: skip
"""Fonts with simplified characters as they come with operating systems."""


@cache
def han_fonts() -> tuple[str, ...]:
    """Names by which matplotlib finds a font with Chinese characters; empty, with a warning, where there is none.

    Taken is a font of the system, else that of the package noto-cjk-sans-otc, which `pip install 'thyrosight[pacs]'`
    brings.
    """
    there = {font.name for font in font_manager.fontManager.ttflist}
    found: str | None = next((name for name in _OF_SYSTEMS if name in there), None)
    if found is None and find_spec("noto_cjk_sans_otc"):
        import noto_cjk_sans_otc

        path = str(noto_cjk_sans_otc.FONT_PATH)
        font_manager.fontManager.addfont(path)
        found = font_manager.get_font(path).family_name
    if found is None:
        warnings.warn(
            "No font with Chinese characters is here, so that figures may be set too narrow; install one with "
            "pip install 'thyrosight[pacs]'.",
            ThyroSightWarning,
            stacklevel=2,
        )
        return ()
    return (found,)
