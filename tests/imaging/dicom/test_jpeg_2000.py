"""JPEG 2000 of public files, beside a second decoder (OpenJPEG by way of imagecodecs)."""

from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file

from thyrosight.imaging import open_cine

DEEP_AND_REVERSIBLE = (
    "693_J2KR.dcm",
    "explicit_VR-UN.dcm",
    "MR_small_jp2klossless.dcm",
    "RG3_J2KR.dcm",
    "MR2_J2KR.dcm",
)


def _public(name: str) -> Path:
    found = get_testdata_file(name, download=False)
    if found is None:
        pytest.skip(f"pydicom-data holds no {name}")
    return Path(str(found))


@pytest.mark.parametrize(
    "name", [*DEEP_AND_REVERSIBLE, "MR2_J2KI.dcm", "693_J2KI.dcm", "JPEG2000.dcm", "US1_J2KR.dcm", "SC_rgb_gdcm_KY.dcm"]
)
def test_both_decoders_read_the_same_samples(name: str) -> None:
    decoder = pytest.importorskip("imagecodecs")
    with open_cine(_public(name)) as loop:
        samples, _ = loop.samples(0)
        other = decoder.jpeg2k_decode(loop.stored(0))
    assert samples.dtype == other.dtype
    assert np.array_equal(samples, other)


def test_the_header_decides_on_the_sign_where_the_code_stream_contradicts_it() -> None:
    """13 bits: the stream says unsigned 0 to 8191, the header signed, so that the highest bit is the sign."""
    with open_cine(_public("J2K_pixelrep_mismatch.dcm")) as loop:
        samples, _ = loop.samples(0)
    assert (samples.dtype, samples.min(), samples.max()) == (np.dtype(np.int16), -2000, 1896)  # GDCM 3.2.6


def test_a_reversible_file_is_that_from_which_it_was_made() -> None:
    with open_cine(_public("MR2_J2KR.dcm")) as packed, open_cine(_public("MR2_UNCR.dcm")) as plain:
        assert np.array_equal(packed.samples(0)[0], plain.samples(0)[0])
