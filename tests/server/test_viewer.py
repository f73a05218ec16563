"""The viewer in a real browser: geometry, loop, window, and every action by mouse, by keys alone and by touch alone."""

import io
import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.chromium import chromium
from tests.server.viewer_page import served
from thyrosight.imaging import Box
from thyrosight.imaging.regions import make_region, spacing_at
from thyrosight.inference.predictor import size_of

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright: .[test] has it")

LOOP = {"id": "loop", "frames": 40, "rate": 30, "width": 400, "height": 300, "scales": [], "reason": ""}
PLAIN = LOOP | {"frames": 1, "rate": None, "scales": [{"box": None, "mm": [0.1, 0.2]}]}
WIDE = {"width": 1000, "height": 760}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    found = chromium()
    if found is None:
        pytest.skip("no Chromium on this machine: install Debian's package chromium-headless-shell")
    with sync_api.sync_playwright() as playwright:
        # Pages of one browser share a process where they may: what it compiled for one serves the next.
        args = ["--no-sandbox", "--renderer-process-limit=1"]
        opened = playwright.chromium.launch(executable_path=found, args=args)
        yield opened
        opened.close()


Opened = Callable[..., Any]


@pytest.fixture
def opened(browser: Any) -> Iterator[Opened]:
    """Opens a page with the viewer; at the end no script may have failed and no policy may have been hurt."""
    pages: list[tuple[Any, Any, list[str]]] = []

    def start(image: dict[str, Any], *, marks: tuple[dict[str, Any], ...] = (), **options: Any) -> Any:
        context = browser.new_context(**{"viewport": WIDE} | options)
        page, said = context.new_page(), list[str]()
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text) if "Content Security" in message.text else None)
        serving = served(image, marks=marks)
        page.goto(serving.__enter__())
        pages.append((context, serving, said))
        until(page, "window.viewer && viewer.drawnFrame === 0")
        return page

    yield start
    for context, serving, said in pages:
        context.close()
        serving.__exit__(None, None, None)
        assert not said


def until(page: Any, condition: str) -> None:
    """Wait until a condition holds; `wait_for_function` would need `unsafe-eval`."""
    for _ in range(600):
        if page.evaluate(condition):
            return
        time.sleep(0.02)
    raise AssertionError(f"never: {condition}")


def settle(page: Any) -> None:
    """Let two pictures pass, so that everything asked for is on the screen."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def drag(page: Any, start: tuple[float, float], end: tuple[float, float], *, button: str = "left") -> None:
    page.mouse.move(*start)
    page.mouse.down(button=button)
    page.mouse.move(*end, steps=4)
    page.mouse.up(button=button)


def grey(page: Any, at: tuple[float, float]) -> int:
    """The grey level of a place on the screen."""
    settle(page)
    return int(np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("L"))[int(at[1]), int(at[0])])


def told(page: Any, name: str) -> list[dict[str, Any]]:
    """The events that the page heard, the oldest first."""
    return [detail for own, detail in page.evaluate("told") if own == name]


@pytest.mark.parametrize("ratio", [1, 2])
def test_box_is_where_the_hand_drew_it_through_zoom_pan_and_pixel_ratio(opened: Opened, ratio: int) -> None:
    page = opened(PLAIN, device_scale_factor=ratio)
    drawn = np.random.default_rng(4)
    for _ in range(4):
        page.evaluate(f"viewer.fit(); viewer.zoom({drawn.uniform(0.8, 5)}, [300, 200])")
        page.evaluate(f"viewer.pan({drawn.uniform(-80, 80)}, {drawn.uniform(-80, 80)})")
        settle(page)
        start = drawn.uniform((150, 100), (350, 250)).round().tolist()
        end = drawn.uniform((450, 330), (700, 500)).round().tolist()
        wanted = page.evaluate(f"[...viewer.view.toPicture({start}), ...viewer.view.toPicture({end})]")
        page.click("[data-do=box]")
        drag(page, tuple(start), tuple(end))
        box = page.evaluate("viewer.mark.box")
        inside = [min(max(side, 0), most) for side, most in zip(wanted, (400, 300, 400, 300), strict=True)]
        assert np.abs(np.subtract(box, inside)).max() <= 1
        size = page.evaluate("viewer.measure(viewer.mark)")
        assert size == f"{(box[2] - box[0]) * 0.2:.1f} x {(box[3] - box[1]) * 0.1:.1f} mm"
        page.keyboard.press("Escape")


def test_a_mark_is_drawn_over_the_pixels_that_it_names(opened: Opened) -> None:
    """The bright square of frame 3 lies in columns 30 to 39: a box there frames it, whatever the zoom."""
    page = opened(LOOP, marks=({"id": "a", "frame": 3, "kind": "box", "box": [30, 10, 40, 20], "origin": "user"},))
    page.evaluate("viewer.show(3)")
    until(page, "viewer.drawnFrame === 3")
    page.evaluate("viewer.zoom(6); viewer.view.centre([35, 15])")
    left, top = page.evaluate("viewer.view.toScreen([30, 10])")
    assert grey(page, (left + 8, top + 8)) == 250
    assert grey(page, (left - 8, top + 8)) == 20
    right, bottom = page.evaluate("viewer.view.toScreen([40, 20])")
    assert grey(page, (right - 8, bottom - 8)) == 250
    assert grey(page, (right + 8, bottom - 8)) == 20
    assert grey(page, (left, top + 30)) not in (20, 250)


def test_millimetres_follow_the_rule_of_the_programme(opened: Opened) -> None:
    """For random regions and boxes the browser gives what `spacing_at` gives, contradictions and zoomed views too."""
    page, drawn, cases = opened(PLAIN), np.random.default_rng(2), []
    spacings = [(0.01, 0.01), (0.01, 0.02), (0.005, 0.005)]
    for _ in range(400):
        regions = []
        for _ in range(drawn.integers(1, 4)):
            left, top = drawn.integers(0, 100, 2)
            box = Box(int(left), int(top), int(left + drawn.integers(100, 300)), int(top + drawn.integers(80, 200)))
            deltas = spacings[drawn.integers(0, 3)]
            regions.append(
                make_region(box, spatial_format=1, data_type=1, units=(3, 3), deltas=deltas, shape=(300, 400))
            )
        left, top = drawn.integers(20, 200, 2)
        box = Box(int(left), int(top), int(left + drawn.integers(3, 100)), int(top + drawn.integers(3, 100)))
        scales = [
            {"box": [one.box.left, one.box.top, one.box.right, one.box.bottom], "mm": one.spacing_mm} for one in regions
        ]
        cases.append((scales, [box.left, box.top, box.right, box.bottom], spacing_at(regions, box)[0]))
    page.evaluate("import('/static/scales.js').then((module) => { window.scales = module })")
    until(page, "window.scales")
    found = page.evaluate(
        "(cases) => cases.map(([all, box]) => scales.spacingAt(all, box))", [case[:2] for case in cases]
    )
    wanted = [case[2] for case in cases]
    assert sum(one is not None for one in wanted) > 50
    assert sum(one is None for one in wanted) > 50
    for one, other in zip(found, wanted, strict=True):
        assert (one is None) == (other is None)
        assert one is None or np.allclose(one, other)


def test_size_equals_that_of_an_assessment(opened: Opened) -> None:
    from thyrosight.imaging import Frame

    page = opened(PLAIN)
    page.evaluate("viewer.add({kind: 'box', box: [13, 21, 90, 77]})")
    frame = Frame(np.zeros((300, 400), dtype=np.uint8), "a.png", (0.1, 0.2), "given")
    size, _ = size_of(frame, Box(13, 21, 90, 77))
    assert size is not None
    assert page.evaluate("viewer.measure(viewer.mark)") == f"{size[1]:.1f} x {size[0]:.1f} mm"
    page.evaluate("viewer.add({kind: 'calliper', ends: [[10, 10], [40, 90]]})")
    assert page.evaluate("viewer.measure(viewer.mark)") == f"{math.hypot(30 * 0.2, 80 * 0.1):.1f} mm"


def test_without_a_scale_lengths_are_pixels(opened: Opened) -> None:
    page = opened(LOOP)
    page.evaluate("viewer.add({kind: 'box', box: [0, 0, 70, 30]})")
    assert page.evaluate("viewer.measure(viewer.mark)") == "70 x 30 px"


def test_a_loop_leaves_no_frame_out_and_goes_round(opened: Opened) -> None:
    page = opened(LOOP)
    page.focus("[data-stage]")
    page.keyboard.press(" ")
    until(page, "viewer.shown > 60")
    page.keyboard.press(" ")
    frames = [one["frame"] for one in told(page, "frame")]
    assert frames[:60] == [(place + 1) % 40 for place in range(60)]
    assert page.inner_text("[data-show=frame]") == f"{frames[-1] + 1} / 40"


def test_a_long_loop_takes_the_memory_of_a_short_one(opened: Opened) -> None:
    page = opened(LOOP | {"frames": 300, "rate": 1000, "width": 1024, "height": 768})
    page.evaluate("viewer.play()")
    until(page, "viewer.shown > 90")
    assert page.evaluate("viewer.frames.room") == 96_000_000 // (1024 * 768 * 4)
    assert page.evaluate("viewer.frames.decoded.size <= viewer.frames.room + 3")


def test_window_maps_grey_levels_linearly(opened: Opened) -> None:
    page = opened(PLAIN)
    page.evaluate("viewer.zoom(4); viewer.view.centre([15, 15])")
    bright, dark = page.evaluate("[viewer.view.toScreen([5, 15]), viewer.view.toScreen([30, 15])]")
    assert (grey(page, dark), grey(page, bright)) == (20, 250)
    page.evaluate("viewer.level({centre: 60, width: 160})")
    assert abs(grey(page, dark) - (20 + 20) / 160 * 255) <= 2
    assert grey(page, bright) == 255
    page.focus("[data-stage]")
    page.keyboard.press("\\")
    assert (grey(page, dark), grey(page, bright)) == (20, 250)
    drag(page, (400, 300), (500, 260), button="right")
    assert page.evaluate("[viewer.window.width, viewer.window.centre]") == [356, 148]


def test_everything_by_keys_alone(opened: Opened) -> None:
    page = opened(LOOP | {"scales": PLAIN["scales"]})
    page.keyboard.press("Tab")
    press = page.keyboard.press
    for key, frame in [("End", 39), (".", 0), (",", 39), ("Home", 0), (">", 10), ("ArrowRight", 11), ("ArrowLeft", 10)]:
        press(key)
        assert page.evaluate("viewer.frame") == frame, key
    press("b")
    box = page.evaluate("viewer.mark.box")
    press("ArrowRight")
    press("Shift+ArrowDown")
    assert page.evaluate("viewer.mark.box") == [box[0] + 1, box[1] + 10, box[2] + 1, box[3] + 10]
    press("Alt+ArrowRight")
    assert page.evaluate("viewer.mark.box") == [box[0] + 1, box[1] + 10, box[2] + 2, box[3] + 10]
    assert page.inner_text("[data-live]").startswith("Box, ")
    press("Escape")
    assert page.evaluate("viewer.mark") is None
    press("c")
    press("n")
    press("Shift+ArrowLeft")
    first, second = page.evaluate("viewer.mark.ends")
    assert first == [150 - 10, 150]
    assert second == [250, 150]
    press("o")
    press("n")
    press("i")
    assert page.evaluate("viewer.mark.points.length") == 13
    press("Delete")
    assert page.evaluate("viewer.mark.points.length") == 12
    press("Escape")
    press("m")
    assert page.evaluate("viewer.mark.kind") == "box"
    press("Enter")
    assert told(page, "mark")[-1]["change"] == "accepted"
    press("M")
    press("Delete")
    assert page.evaluate("viewer.marks.map((mark) => mark.kind)") == ["box", "calliper"]
    before = page.evaluate("viewer.view.scale")
    press("Escape")
    press("+")
    assert page.evaluate("viewer.view.scale") == pytest.approx(before * 1.25)
    press("0")
    assert page.evaluate("viewer.view.scale") == pytest.approx(before)


def test_everything_by_touch_alone(opened: Opened) -> None:
    page = opened(LOOP, has_touch=True, is_mobile=True)
    hand = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        places = [{"x": x, "y": y, "id": place} for place, (x, y) in enumerate(points)]
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    before = page.evaluate("viewer.view.scale")
    touch("touchStart", (300, 300), (400, 300))
    touch("touchMove", (250, 300), (450, 300))
    touch("touchEnd")
    assert page.evaluate("viewer.view.scale") == pytest.approx(before * 2, rel=0.02)
    assert page.evaluate("viewer.marks") == []
    page.evaluate("viewer.fit()")
    page.tap("[data-do=box]")
    touch("touchStart", (200, 200))
    touch("touchMove", (300, 280))
    touch("touchMove", (400, 350))
    touch("touchEnd")
    box = page.evaluate("viewer.mark.box")
    corners = page.evaluate("[...viewer.view.toPicture([200, 200]), ...viewer.view.toPicture([400, 350])]")
    assert np.abs(np.subtract(box, corners)).max() <= 1
    # A finger beside a corner takes the corner.
    touch("touchStart", (410, 360))
    touch("touchMove", (440, 390))
    touch("touchEnd")
    after = page.evaluate("viewer.mark.box")
    assert after[:2] == box[:2]
    assert after[2] > box[2]
    assert after[3] > box[3]
    page.tap("[data-do=outline]")
    until(page, "viewer.tool === 'outline'")
    touch("touchStart", (560, 300))
    for turn in np.linspace(0, 2 * np.pi, 30):
        touch("touchMove", (500 + 60 * math.cos(turn), 300 + 60 * math.sin(turn)))
    touch("touchEnd")
    points = np.array(page.evaluate("viewer.mark.points"))
    x, y = points[:, 0], points[:, 1]
    area = abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2
    assert area == pytest.approx(math.pi * (60 / before) ** 2, rel=0.06)
    assert len(points) < 30
    page.tap("[data-do=play]")
    until(page, "viewer.shown > 5")
    page.tap("[data-do=play]")
    assert page.evaluate("viewer.playing") is False


def test_a_locked_mark_stays_and_a_moved_proposal_belongs_to_the_user(opened: Opened) -> None:
    marks = (
        {"id": "locked", "frame": 0, "kind": "box", "box": [20, 100, 80, 160], "origin": "user", "locked": True},
        {"id": "found", "frame": 0, "kind": "box", "box": [200, 100, 280, 170], "origin": "finder"},
    )
    page = opened(LOOP, marks=marks)
    for mark in marks:
        left, top, right, bottom = mark["box"]
        x, y = page.evaluate(f"viewer.view.toScreen([{(left + right) / 2}, {(top + bottom) / 2}])")
        drag(page, (x, y), (x + 50, y))
    locked, found = page.evaluate("viewer.marks")
    assert locked == marks[0]
    assert found["origin"] == "user"
    assert found["box"][0] == round(200 + 50 / page.evaluate("viewer.view.scale"))
    assert [one["change"] for one in told(page, "mark")] == ["changed"]


def test_a_frame_that_does_not_come_is_said_and_asked_for_again(opened: Opened) -> None:
    page = opened(LOOP | {"frames": 60})
    page.route("**/frames/59", lambda route: route.fulfill(status=503))
    page.focus("[data-stage]")
    page.keyboard.press("End")
    until(page, "viewer.root.dataset.state === 'failed'")
    assert "503" in page.inner_text("[data-show=status]")
    page.unroute("**/frames/59")
    page.keyboard.press("Home")
    page.keyboard.press("End")
    until(page, "viewer.drawnFrame === 59 && viewer.root.dataset.state === 'ready'")
    assert page.inner_text("[data-show=status]") == ""
