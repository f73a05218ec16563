"""Public data sets for download: landing pages, licences, addresses and hashes.

Addresses and hashes of archives are entered here only after somebody has downloaded and checked them. If they are
missing, the user copies the archive's address from the landing page and gives the hash, or trusts the first download.
"""

from typing import Final

from pydantic import BaseModel, ConfigDict


class PublicSet(BaseModel):
    """One public data set.

    Attributes:
        name: name for `thyrosight cohort fetch`.
        title, citation: title and publication.
        page: landing page.
        licence: licence as far as it is known; the landing page is authoritative.
        url, sha256: address and hash of the archive; None if this project has not checked them.
        kind: kind of cohort source.
        note: a note for users before the download.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    citation: str
    page: str
    licence: str
    url: str | None = None
    sha256: str | None = None
    kind: str
    note: str = ""


_SETS = (
    PublicSet(
        name="ddti",
        title="DDTI: thyroid ultrasound with outlines and TI-RADS",
        citation="Pedraza L, et al. An open access thyroid ultrasound image database. Proc SPIE 9287, 2015.",
        page="http://cimalab.intec.co/applications/thyroid/",
        licence="not stated; offered as open access for research",
        kind="ddti-published",
        note="the page has often been out of reach",
    ),
    PublicSet(
        name="tn3k",
        title="TN3K: thyroid nodules with masks, and labels from cytology",
        citation="Gong H, et al. ISBI 2021 (images and masks); Gong H, et al. MICCAI 2022, arXiv 2207.00807 (labels).",
        page="https://github.com/haifangong/TRFE-Net-for-thyroid-nodule-segmentation",
        licence="data licence not stated; see the page",
        kind="tn3k",
        note="label4trainval.csv and label4test.csv come from https://github.com/chenghui-666/ACL; "
        "a .rar archive must be unpacked by another program",
    ),
    PublicSet(
        name="tn5000",
        title="TN5000: thyroid nodules with boxes and labels",
        citation="Zhang H, et al. TN5000. Sci Data 2025, doi 10.1038/s41597-025-05757-4.",
        page="https://doi.org/10.6084/m9.figshare.28455641",
        licence="CC BY 4.0 according to others; see the page",
        kind="tn5000",
        note="the host answers some programs with a question only a browser can answer; then download it by browser",
    ),
    PublicSet(
        name="busi",
        title="BUSI: breast ultrasound with masks",
        citation="Al-Dhabyani W, et al. Dataset of breast ultrasound images. Data in Brief 28, 2020.",
        page="https://scholar.cu.edu.eg/?q=afahmy/pages/dataset",
        licence="not stated; see the page",
        kind="busi",
    ),
)

PUBLIC_SETS: Final[dict[str, PublicSet]] = {entry.name: entry for entry in _SETS}
