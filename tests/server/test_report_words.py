"""Reports say all that is theirs in their language, and nothing of what people wrote changes on the way."""

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

import thyrosight
from thyrosight.inference import QUALITY_FLAGS, read_info
from thyrosight.inference.ready import BLACK_ELASTOGRAM, BLACK_IMAGE, NO_ELASTOGRAM, UNTRAINED
from thyrosight.inference.shipped import RISK, shipped_model
from thyrosight.server.pages.lexicon import LEXICON
from thyrosight.server.reporting.wording import TAGS, Wording, messages, wording
from thyrosight.server.routes.report_answers import LanguageOfReport
from thyrosight.server.sentences import LANGUAGES
from thyrosight.tirads import systems

REPORTING = Path(thyrosight.__file__).parent / "server" / "reporting"
OTHERS = sorted(set(LANGUAGES) - {"en"})
PLACES = [
    " ".join(part for part in (side, pole and f"{pole}{rest}") if part)
    for side in ("", "left", "right", "isthmus")
    for pole in ("", "upper", "middle", "lower")
    for rest in ("", " part")
]


def said() -> set[str]:
    """Every literal that `say` is called with, and the texts that reach it by a name."""
    found: set[str] = set()
    for path in sorted(REPORTING.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for call in (one for one in ast.walk(tree) if isinstance(one, ast.Call)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name == "say":
                texts = [one.value for one in ast.walk(call.args[0]) if isinstance(one, ast.Constant)]
                found |= {one for one in texts if isinstance(one, str) and one}
        for assigned in (one for one in ast.walk(tree) if isinstance(one, ast.AnnAssign)):
            if isinstance(assigned.value, ast.Constant) and str(ast.unparse(assigned.target)) in _NAMED:
                found.add(str(assigned.value.value))
    return found | set(QUALITY_FLAGS) | {one for one in PLACES if one} | set(_REACHED)


_NAMED = {"OWN_SCALE_SENTENCE", "SHARED_SCALE_SENTENCE", "MEANING", "_WHAT"}
_REACHED = (
    "Report {0}: ultrasound of the thyroid", "Addendum {0}: ultrasound of the thyroid",
    "Risk of malignancy, not calibrated", "Risk of malignancy", "Calibrated risk of malignancy",
    "suspicion before the model's result", "suspicion after the model's result",
    "biopsy advised before the model's result", "biopsy advised after the model's result",
    "model", "training labels", "split",
)  # fmt: skip
"""Texts of which one is chosen before it is said."""


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_a_report_has_a_translation(language: str) -> None:
    assert len(said()) > 100
    assert said() - set(messages(language)) == set()


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_lost_a_value(language: str) -> None:
    for message, translation in messages(language).items():
        assert sorted(re.findall(r"{n?\d}", message)) == sorted(re.findall(r"{n?\d}", translation)), message
        assert translation.strip(), message


@pytest.mark.parametrize("language", OTHERS)
def test_what_people_wrote_stays(language: str) -> None:
    words = Wording(language, names=("Benign Solid",))
    assert words.say("changed: {0}", "solid, benign {1}").endswith("solid, benign {1}")
    assert "Benign Solid" in words.put("TI-RADS category and descriptors: Benign Solid.")
    assert wording(language).put("A sentence that nobody has translated yet.") == (
        "A sentence that nobody has translated yet."
    )


def facts() -> list[str]:
    """Words of models and of the lexicon on an image."""
    info, _ = read_info(shipped_model(RISK))
    found = [
        "EfficientNet-Lite0 trained on TN5000",
        info.label_source,
        str(info.cohort["split_kind"]),
        info.research_use,
    ]
    found += [info.operating_point.rule, info.operating_point.chosen_on, NO_ELASTOGRAM, BLACK_ELASTOGRAM, BLACK_IMAGE]
    found += [name for one in systems().values() for name in (own.name for own in one.categories) if " " in name]
    found += [str(term) for _, _, terms, _ in LEXICON for term in terms]
    return [*found, UNTRAINED, *_NOTED]


_NOTED = (
    "the nodule is taller than its crop, which is as high as it is wide: it is cut",
    "no nodule box: the whole scan area was used", "no nodule box: the whole frame was used",
    "the nodule box reaches outside the scan area that was found; the area was extended to hold it",
    "the nodule box lies across two views side by side; both views are shown", "16 bits were turned to 8",
    "shown in the file's window, centre 128 and width 256", "the file holds 60 frames; only the first was read",
    "the file states 60 frames and holds 42; those beyond were not read",
    "the file holds 3 pictures; only the first was read", "only the part 0,0,10,10 of the frame",
    "the model was trained, calibrated and measured on single images, not on loops",
    "one box was used in all frames; where the nodule moves, give a box for each frame",
    "the finder's box, accepted by the reader", "drawn by the reader", "given with the image",
    "the box times the pixel spacing; physical deltas of the tissue region 0,0,640,480",
    "no region of the file gives a length in two directions (tissue: its units are Hz and s, not cm)",
    "it does not show lengths in two directions", "its physical deltas 3.0 and None cm are not those of a pixel",
    "it reaches outside the frame (0,0,800,600 in 400 x 300 pixels): the picture was resized or cut after the scanner "
    "measured it",
    "the file states no calibrated ultrasound region", "no nodule box was given",
    "fine-needle aspiration or ultrasound follow-up", "TR4 to TR5", "TR4 or TR5 or not classifiable",
    "depends on the size, which is unknown", "the source gives no advice by size", "none stated: not classifiable",
    "operating point 0.643967 (Youden's index, validation part)",
    "Size from the sides of the nodule's box; the box times the pixel spacing; physical deltas of the tissue region "
    "0,0,9,9.",
    "ThyroSight report, research use only", "ThyroSight signed report, research use only",
    "ThyroSight outline, research use only", "ThyroSight heat map, research use only",
    "Thyroid nodule (nodule 2)", "Thyroid nodule; research use only, not for diagnosis", "Assessed frame",
    "Pixel size unknown: 1 stands for one pixel, not 1 mm", "frame 3 of the loop",
    "Calibrated risk of malignancy 0.412: malignant (from 0.350, Youden's index)",
    "EfficientNet-Lite0 trained on TN5000; model hash 123456789012.",
    "CAM heat map of a neural network over the image; research use only; colours scaled to this image, not to be "
    "compared with others",
    "Colour: evidence for malignant (CAM); full strength = 0.02 (the same for all images of this model).",
    "Colour: evidence for malignant (CAM); full strength = 0.02 (this image's own; not to be compared with others).",
    "The model's training labels rest on: pathology (TN5000). Measured on this split: patient-level.",
)  # fmt: skip
"""Notes and reasons as the rooms below write them."""


@pytest.mark.parametrize("language", OTHERS)
def test_facts_of_models_are_put_into_the_language(language: str) -> None:
    words = wording(language)
    for fact in facts():
        put = words.put(fact)
        assert not re.search(r"\b(the|was|were|of|is|and|to|with|on|by|not|or|only)\b", put), (fact, put)
        assert sorted(re.findall(r"\d+", put)) == sorted(re.findall(r"\d+", fact)), (fact, put)


def test_the_languages_of_reports_are_those_of_the_pages() -> None:
    assert set(TAGS) == set(LANGUAGES) == set(get_args(LanguageOfReport))
