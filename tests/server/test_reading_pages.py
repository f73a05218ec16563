"""The reading room in a real browser: by keys alone, by touch alone, without a default, between cases and sessions."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.server import reader_study as made
from tests.server.accessibility import serious
from tests.server.reader_study import SEQUENTIAL
from tests.server.reading_page import SHORT, name_of, on_desk, opened, rows_of, saved, seat
from tests.server.test_pages import Live, browser, browsers, live, serving  # noqa: F401  (fixtures)
from tests.server.test_viewer import settle, until

QUESTIONS = [
    {"key": "score", "kind": "score"},
    {"key": "features", "kind": "descriptors", "system": "acr-2017"},
    {"key": "biopsy", "kind": "yes-no"},
    {"key": "depth", "kind": "number", "unit": "mm", "lowest": 0, "highest": 50, "required": False},
    {"key": "confidence", "kind": "choice", "choices": ["low", "middle", "high"]},
    {"key": "comment", "kind": "text", "required": False},
]


def test_a_case_by_keys_alone(live: Live) -> None:  # noqa: F811
    """Score, six features, biopsy, depth, confidence: then the model, and a change of mind."""
    study = opened(live, cases=2, practice=1, questions=QUESTIONS, **SEQUENTIAL)
    page, bodies = seat(live, study)
    press, write = page.keyboard.press, page.keyboard.type
    assert page.inner_text("#what") == "Practice, not analysed · first without the model"
    write("70")
    press("Enter")
    write("54215")
    write("1")
    press("y")
    write("12,5")
    press("Enter")
    write("3")
    assert page.evaluate("document.activeElement.name") == "comment"
    saved(page)
    told = "".join(bodies)
    hidden = ("calibrated", "truth", "label_source", "positive", "malignant_", "benign_")
    assert not any(word in told for word in hidden)
    assert '"model":null' in told
    press("Control+Enter")
    page.wait_for_selector("#model .large")
    assert page.inner_text("#model .large") == "25 %"
    assert "research use only" in page.inner_text("#model").lower()
    assert "cannot be compared with other pictures" in page.inner_text("#model")
    assert page.inner_text("#lock") == "Keep and lock"
    assert page.evaluate("document.activeElement.name") == "score"
    write("40")
    until(page, "document.querySelector('#lock').textContent.trim() === 'Lock the change'")
    assert page.inner_text("[data-question=score] .was") == "before: 70"
    press("Control+Enter")
    page.wait_for_selector("#after .truth")
    assert "benign" in page.inner_text("#after .truth") or "malignant" in page.inner_text("#after .truth")
    assert page.inner_text("#read") == "1 of 3 read"
    press("Enter")
    on_desk(page, 2)
    features = {
        "composition": "solid", "echogenicity": "hypoechoic", "shape": "taller than wide", "margin": "smooth",
        "calcification": "interrupted peripheral calcification",
        "extrathyroidal_extension": "no extrathyroidal extension",
    }  # fmt: skip
    first = {"score": 70, "features": features, "biopsy": True, "depth": 12.5, "confidence": "high"}
    assert rows_of(study) == [{"stage": "before", **first}, {"stage": "after", **first, "score": 40}]


def test_no_score_has_a_default_and_the_keys_of_the_picture_act_beside_it(live: Live) -> None:  # noqa: F811
    study = opened(live, cases=2, questions=SHORT)
    page, _ = seat(live, study)
    assert page.input_value("[name=score]") == ""
    assert not _thumb(page)
    page.focus("#lock")
    page.keyboard.press("Enter")
    assert "An answer is missing" in page.inner_text("#problem")
    assert page.evaluate("document.activeElement.name") == "score"
    page.keyboard.type("101")
    assert page.input_value("[name=score]") == "10"
    assert _thumb(page)
    page.keyboard.press("Control+a")
    zoom = "document.querySelector('[data-show=zoom]').textContent"
    before = page.evaluate(zoom)
    page.keyboard.type("4+5")
    until(page, f"{zoom} !== '{before}'")
    assert page.input_value("[name=score]") == "45"
    page.keyboard.press("]")
    until(page, "document.querySelector('[data-show=window]').textContent.startsWith('C 120')")
    page.keyboard.press("Enter")
    page.keyboard.type("j, k and p are letters here")
    assert page.input_value("[name=comment]") == "j, k and p are letters here"
    assert page.inner_text("#place") == "Case 1"
    assert rows_of(study) == []


def _thumb(page: Any) -> bool:
    """Whether the scale shows a thumb: it has the blue of what was chosen."""
    settle(page)
    pixels = np.asarray(Image.open(io.BytesIO(page.locator(".slide input").screenshot())).convert("RGB")).astype(int)
    return bool((np.abs(pixels - (0x6D, 0xB3, 0xF2)).sum(axis=2) < 12).sum() > 100)


def test_places_are_marked_by_hand_and_by_keys(live: Live) -> None:  # noqa: F811
    study = opened(live, cases=2, questions=[SHORT[0], {"key": "marks", "kind": "marks"}])
    page, _ = seat(live, study)
    page.keyboard.type("80")
    page.click("#tools [data-do=point]")
    stage = page.locator("[data-stage]").bounding_box()
    page.mouse.click(stage["x"] + stage["width"] * 0.4, stage["y"] + stage["height"] * 0.5)
    page.keyboard.type("65")
    page.keyboard.press("v")
    page.keyboard.press("x")
    until(page, "document.querySelectorAll('ol.places li').length === 2")
    page.keyboard.type("20")
    page.keyboard.press("v")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+Enter")
    on_desk(page, 2)
    (locked,) = rows_of(study)
    (first, second) = locked["marks"]
    # The picture is 160 x 120 and fits the stage: its middle is (80, 60).
    scale = min(stage["width"] / 160, stage["height"] / 120)
    assert first[0] == pytest.approx(80 - 0.1 * stage["width"] / scale, abs=0.6)
    assert first[1:] == [pytest.approx(60, abs=0.6), 65, 1, 0]
    assert second == [81, 70, 20, 1, 0]


def test_a_case_by_touch_alone(live: Live) -> None:  # noqa: F811
    questions = [SHORT[0], {"key": "biopsy", "kind": "yes-no"}, {"key": "marks", "kind": "marks"}]
    study = opened(live, cases=2, questions=questions)
    page, _ = seat(live, study, has_touch=True, is_mobile=True, viewport={"width": 820, "height": 1180})
    scale = page.locator(".slide input")
    scale.tap(position={"x": scale.bounding_box()["width"] * 0.2, "y": 20})
    page.tap("[data-question=biopsy] label:nth-child(2)")
    page.tap("#tools [data-do=point]")
    page.locator("[data-stage]").tap()
    place = page.locator("ol.places .slide input")
    place.tap(position={"x": place.bounding_box()["width"] * 0.9, "y": 20})
    page.tap("#pause")
    page.wait_for_selector("#curtain[data-kind=paused]")
    page.tap("#curtain button.main")
    on_desk(page, 1)
    page.tap("#lock")
    on_desk(page, 2)
    (locked,) = rows_of(study)
    assert 10 <= locked["score"] <= 30
    assert locked["biopsy"] is False
    assert 75 <= locked["marks"][0][2] <= 100


def test_between_two_cases_nothing_moves_and_the_next_session_waits(live: Live) -> None:  # noqa: F811
    study = opened(live, cases=2, questions=SHORT, **made.INDEPENDENT)
    page, _ = seat(live, study)
    places = """['#tools', '[data-stage]', '#place', '[data-question=score]', '#lock', '.foot'].map((name) => {
        const box = document.querySelector(name).getBoundingClientRect();
        return [name, box.left, box.top, box.height]; })"""
    before = page.evaluate(places)
    page.keyboard.type("5")
    page.keyboard.press("Control+Enter")
    on_desk(page, 2)
    assert page.evaluate(places) == before
    assert page.input_value("[name=score]") == ""
    page.keyboard.type("6")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#curtain[data-kind=waiting]")
    assert "opens on" in page.inner_text("#curtain")
    page.goto(f"{live.address}/reading")
    page.wait_for_selector("#studies h2")
    assert "Opens on" in page.inner_text("#studies")
    assert page.query_selector("#studies a") is None


def test_the_reading_room_is_accessible(live: Live) -> None:  # noqa: F811
    """No serious finding of axe-core in the list, before the first case, and with a case on the desk."""
    study = opened(live, cases=2, practice=1, questions=[*QUESTIONS, {"key": "marks", "kind": "marks"}], **SEQUENTIAL)
    page = live.page("/reading", who=name_of(study))
    page.wait_for_selector("#studies h2")
    assert serious(page) == []
    page.keyboard.press("Enter")
    page.wait_for_selector("#curtain[data-kind=begin]")
    assert serious(page) == []
    page.keyboard.press("Enter")
    on_desk(page)
    page.keyboard.press("x")
    until(page, "document.querySelectorAll('ol.places li').length === 1")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert serious(page) == []
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    assert serious(page, colours_alone=True) == []


def test_a_reader_finds_nothing_but_the_reading_room(live: Live) -> None:  # noqa: F811
    page = live.page("/", who="reader")
    page.wait_for_url(live.address + "/reading")
    page.wait_for_selector("#empty:not([hidden])")
    assert [one.inner_text() for one in page.query_selector_all("nav a")] == ["Reading room"]
    page.goto(f"{live.address}/reader-studies")
    assert page.inner_text("h1") == "Not for this account"
