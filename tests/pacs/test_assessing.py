"""A file from an archive has no elastogram: models of pairs judge the B-mode image alone and say so, or refuse."""

from collections.abc import Callable
from pathlib import Path

import pytest

from thyrosight.assessing import grad_cam
from thyrosight.errors import ImageError
from thyrosight.imaging import Box, PairPreparation, Preparation
from thyrosight.inference import OperatingPoint, Predictor, load_bundle, save_bundle
from thyrosight.networks import create
from thyrosight.pacs.assessing import assess_file


def predictor(folder: Path, fusion: str) -> Predictor:
    network, spec = create("tiny", input_size=32, seed=1, fusion=fusion)
    pair = PairPreparation(first=Preparation(size=32), second=Preparation(size=32, colour="rgb"))
    saved = save_bundle(
        folder / fusion,
        network=network,
        spec=spec,
        preparation=pair.first,
        pair=pair,
        calibration={"method": "none"},
        operating_point=OperatingPoint(threshold=0.5, rule="fixed", chosen_on="nothing"),
        cohort={"name": "phantoms", "digest": "0", "label_source": "simulated", "split_kind": "patient-level"},
    )
    return Predictor(load_bundle(saved.folder), explainer=grad_cam)


@pytest.mark.parametrize("fusion", ["late", "mixed"])
@pytest.mark.parametrize("frames", [None, 5])
def test_the_b_mode_image_is_judged_alone_and_the_result_says_so(
    write_ultrasound: Callable[..., Path], tmp_path: Path, fusion: str, frames: int | None
) -> None:
    path = write_ultrasound(frames=frames)
    assessed = assess_file(predictor(tmp_path, fusion), path, box=Box(20, 20, 80, 70), frames=2)
    assert len(assessed) == (2 if frames else 1)
    for one, frame in assessed:
        assert "no elastogram: the B-mode image alone was used" in one.notes
        assert one.heat_map is not None and one.heat_map.values.shape == (frame.rows, frame.columns)


@pytest.mark.parametrize(("frames", "reason"), [(None, "without an elastogram; give one"), (5, "a loop has none")])
def test_early_fusion_refuses_in_one_sentence(
    write_ultrasound: Callable[..., Path], tmp_path: Path, frames: int | None, reason: str
) -> None:
    with pytest.raises(ImageError, match=reason):
        assess_file(predictor(tmp_path, "early"), write_ultrasound(frames=frames))
