"""Cleaning a description: only words of a list stay, because no list of names is ever complete."""

import re
from typing import Final

_WORDS_KEPT: Final = """
    abdomen adenopathy and anterior area artery axilla axillary b-mode baseline benign bilateral bmode body
    breast calipers callipers cardiac carotid cervical cine clip colour color complete compression contrast
    control cyst cystic de depth diagnostic doppler duplex echo elasto elastogram elastography exam examination
    extended fast fna followup follow-up for frequency general gland harmonic head high image inferior
    ipsilateral isthmus jugular laryngeal lateral left level limited linear lobe long longitudinal loop low
    lower lt lymph malignant map measurement medial mid middle mode msk multi-frame muscle neck node nodes
    nodule nodules normal of on parathyroid parotid pathology pelvis pole post posterior postoperative power pre
    pre-op preoperative preset probe pw quality region right routine rt sagittal salivary scan screening shear
    single small soft-tissue solid spectral standard still strain study submandibular superficial superior
    surgical swe the thyroid tissue tongue torso trachea transverse trv tumor tumour ultrasound upper us
    vascular vein velocity venous view volume wave with without i ii iii iv v vi vii
"""

KEPT_WORDS: Final = frozenset(_WORDS_KEPT.split())
"""Words (lower case) that a cleaned description keeps."""

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def clean_description(text: str) -> str:
    """The words of a description that stand in `KEPT_WORDS`, in order, with single spaces; numbers go too.

    >>> clean_description("US Thyroid, left lobe (Mrs Example, born 1960)")
    'US Thyroid left lobe'
    """
    return " ".join(word for word in _WORD.findall(text) if word.casefold() in KEPT_WORDS)
