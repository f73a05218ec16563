"""Preparation: the recorded steps from a frame to the pixels a network sees, the same in training and inference."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from thyrosight.errors import ImageError
from thyrosight.files import sha256_of_json
from thyrosight.imaging.boxes import Box
from thyrosight.imaging.burned_in_text import find_burned_in_text
from thyrosight.imaging.crops import (
    Margin,
    Padding,
    Shape,
    box_in_window,
    crop,
    crop_window,
    require_reasonable,
    resize_map,
    square_around,
)
from thyrosight.imaging.frame import Frame
from thyrosight.imaging.normalising import paint_over, stretch_contrast
from thyrosight.imaging.own_shape import LEAST, STEP, window_in_steps, window_of_shape
from thyrosight.imaging.panels import views_of
from thyrosight.imaging.scan_area import narrowed_scan, scan_area_of
from thyrosight.parts import Part

Step = dict[str, Any]

# A nodule belongs to one of two views when at least this share of its box lies in it.
_OWN_VIEW_SHARE = 0.9


@dataclass(frozen=True, eq=False)
class PreparedImage:
    """A frame prepared by a `Preparation`.

    Attributes:
        pixels: uint8 `(size, size)` grey or `(size, size, 3)` RGB; (rows, columns) of its own with the shape `own`.
        window: the part of the frame that became `pixels`, in frame coordinates; it may reach outside the frame.
        nodule: the nodule box in coordinates of `pixels` (left, top, right, bottom), or None without a box.
        steps: the steps in order, as values that can be written as JSON.
        notes: for readers of a result, for example "no nodule box: the whole scan area was used".
    """

    pixels: NDArray[np.uint8]
    window: Box
    nodule: tuple[float, float, float, float] | None
    steps: tuple[Step, ...]
    notes: tuple[str, ...]

    def to_frame(self, heat: NDArray[Any], shape: tuple[int, int]) -> NDArray[np.float32]:
        """Put a map over `pixels` back into the frame it came from.

        Args:
            heat: real numbers, one per row and column of `pixels`, or a coarser map over the same window.
            shape: (rows, columns) of the frame.

        Returns:
            float32 `shape`; zero outside the window.

        Raises:
            ImageError: `heat` is not a map of finite numbers.
        """
        heat = np.asarray(heat)
        if heat.ndim != 2 or heat.size == 0 or not np.all(np.isfinite(heat)):
            raise ImageError(f"Expected a heat map (rows, columns) of finite numbers, got shape {heat.shape}.")
        result = np.zeros(shape, dtype=np.float32)
        shown = self.window.intersect(Box(0, 0, shape[1], shape[0]))
        if shown is not None:
            whole = resize_map(heat, rows=self.window.height, columns=self.window.width)
            part = shown.moved(columns=-self.window.left, rows=-self.window.top)
            result[shown.top : shown.bottom, shown.left : shown.right] = whole[
                part.top : part.bottom, part.left : part.right
            ]
        return result


@dataclass(frozen=True, eq=False)
class Scene:
    """A frame before it is cropped.

    Attributes:
        pixels: of the whole frame, black outside the scan area where that is wanted.
        inside: the box that padding surrounds: the scan area's, or the frame's where no scan area is looked for.
        steps, notes: as in `PreparedImage`.
    """

    pixels: NDArray[np.uint8]
    inside: Box
    steps: tuple[Step, ...]
    notes: tuple[str, ...]


class Preparation(Part):
    """How a frame becomes the input of a network: pure, the same bytes each time, stored in the model's bundle.

    Attributes:
        size: side of the result in pixels; the longest side there may be with the shape `own`.
        crop: the nodule with its margin, the scan area, or the whole frame.
        shape: `square` keeps the aspect ratio (a circle stays a circle). `rectangle` stretches the nodule's own box
            to a square, which changes the taller-than-wide sign; it is there to repeat work that compared the two.
            `width square` is as wide as the nodule with its margin, and as high: it keeps the aspect ratio too, and
            cuts a nodule that is taller than that; it is there to repeat work that crops so.
            `own` keeps aspect ratio and resolution: the window is grown around its centre until both sides are
            multiples of 32 pixels, at least 64, and is shrunk only where a side would be longer than `size`. It is for
            networks with variable-size input.
        margin: around the nodule on each side.
        scan_area: black out everything outside the scan area (borders, machine text) first, so that no crop shows it.
        other_view: in a frame of two views side by side, whether the crop of a nodule may show the view beside its own.
            It acts with `crop="nodule"` and `scan_area`, where a box is given.
        padding: fills the window outside the scan area (outside the frame, if `scan_area` is off).
        colour: `grey` (luma) or `rgb`.
        text: `removed` paints over the text that is found in the scan area with the grey around it; callipers and body
            marks often count as text, and some are missed (`thyrosight.imaging.burned_in_text`). Text outside the scan
            area is blacked by `scan_area` in any case.
        contrast: `stretch` spreads the grey levels of the scan area from its 1st to its 99th percentile over 0 to 255.
        version: of these rules; a bundle with another version is not prepared by this code.
    """

    size: int = Field(default=224, ge=8, le=4096)
    crop: Literal["scan area", "nodule", "whole frame"] = "nodule"
    shape: Shape = "square"
    margin: Margin = Margin()
    scan_area: bool = True
    other_view: Literal["hidden", "shown"] = "hidden"
    padding: Padding = "black"
    colour: Literal["grey", "rgb"] = "grey"
    # Left out of what is written while they do nothing: the digests of older preparations stay what they were.
    text: Literal["kept", "removed"] = Field(default="kept", exclude_if=lambda value: value == "kept")
    contrast: Literal["none", "stretch"] = Field(default="none", exclude_if=lambda value: value == "none")
    version: Literal[1] = 1

    @model_validator(mode="after")
    def _check_steps(self) -> "Preparation":
        if self.shape == "own" and (self.size % STEP or self.size < LEAST):
            raise ValueError(f"the shape own needs a size that is a multiple of {STEP}, at least {LEAST}")
        return self

    def digest(self) -> str:
        """SHA-256 over every parameter; two preparations with the same digest make the same pixels."""
        return sha256_of_json(self.model_dump(mode="json"))

    def prepare(
        self,
        frame: Frame,
        *,
        box: Box | None = None,
        margin: Margin | None = None,
        result: tuple[int, int] | None = None,
    ) -> PreparedImage:
        """Prepare one frame.

        Args:
            frame: as read.
            box: the nodule, in frame coordinates. Without one, `crop="nodule"` shows the scan area and notes it.
            margin: instead of the preparation's own margin.
            result: (rows, columns) to give an image of the shape `own`, so that it fits another one; its window is
                grown to that aspect ratio. Other shapes make no use of it.

        Raises:
            ImageError: the box reaches outside the frame, a margin in millimetres meets an unknown spacing, or a margin
                makes the window far larger than the frame.
        """
        scene = self._uncropped(frame, box)
        return self._cropped(frame, scene, box=box, margin=self.margin if margin is None else margin, result=result)

    def prepare_at(self, frame: Frame, *, box: Box, margins: Sequence[Margin | None]) -> tuple[PreparedImage, ...]:
        """Prepare one frame at several margins around a nodule; None shows the whole scan area, or the nodule's view.

        Raises:
            ImageError: as `prepare`.
        """
        scene = self._uncropped(frame, box)
        return tuple(self._cropped(frame, scene, box=box, margin=margin, result=None) for margin in margins)

    def _cropped(
        self,
        frame: Frame,
        uncropped: tuple[Scene, NDArray[np.bool_] | None],
        *,
        box: Box | None,
        margin: Margin | None,
        result: tuple[int, int] | None,
    ) -> PreparedImage:
        scene, mask = uncropped
        notes, steps = list(scene.notes), list(scene.steps)
        window = self._window(frame, scene.inside, box=box, margin=margin, notes=notes, steps=steps)
        window, result = self._shaped(window, result)
        steps.append({"step": "cut", "window": window.to_text(), "shape": self.shape, "padding": self.padding})
        # A crop shows nothing of the frame but what lies inside.
        inside = scene.inside
        pixels = _blackened(_part(scene.pixels, inside), None if mask is None else _part(mask, inside))
        narrowed = narrowed_scan(frame, result[1]) if self.scan_area and _shows_scan(window, scene, frame) else None
        shown = crop(
            pixels,
            window.moved(columns=-inside.left, rows=-inside.top),
            padding=self.padding,
            shape=result,
            narrowed=narrowed,
        )
        size = list(result) if self.shape == "own" else self.size
        steps.append({"step": "resize", "size": size, "filter": "bilinear with antialias (Pillow)"})
        nodule = None if box is None else box_in_window(box, window, result)
        return PreparedImage(pixels=shown, window=window, nodule=nodule, steps=tuple(steps), notes=tuple(notes))

    def _shaped(self, window: Box, result: tuple[int, int] | None) -> tuple[Box, tuple[int, int]]:
        """The window as `shape` wants it, and (rows, columns) of the result."""
        if self.shape != "own":
            return window, (self.size, self.size)
        return window_in_steps(window, self.size) if result is None else (window_of_shape(window, result), result)

    def scene(self, frame: Frame, *, box: Box | None = None) -> Scene:
        """The frame before it is cropped; it does not depend on the margin.

        Raises:
            ImageError: the box reaches outside the frame.
        """
        scene, mask = self._uncropped(frame, box)
        return replace(scene, pixels=_blackened(scene.pixels, mask))

    def _uncropped(self, frame: Frame, box: Box | None) -> tuple[Scene, NDArray[np.bool_] | None]:
        """The frame before it is cropped and before pixels outside a mask are blacked; and the mask."""
        if box is not None:
            box.require_inside(frame.pixels.shape, frame.source)
        notes = list(frame.notes)
        steps: list[Step] = [{"step": "read", "rows": frame.rows, "columns": frame.columns, "colour": self.colour}]
        pixels = frame.grey() if self.colour == "grey" else frame.rgb()
        mask, inside = None, frame.box
        if self.scan_area:
            mask, inside = self._within_scan_area(frame, box, notes=notes, steps=steps)
        if self.text == "removed":
            pixels = _without_text(pixels, frame, inside, steps=steps)
        if self.contrast == "stretch":
            pixels, (low, high) = stretch_contrast(pixels, mask)
            steps.append({"step": "contrast", "from": [low, high], "to": [0, 255]})
        return Scene(pixels, inside, tuple(steps), tuple(notes)), mask

    def _window(
        self, frame: Frame, inside: Box, *, box: Box | None, margin: Margin | None, notes: list[str], steps: list[Step]
    ) -> Box:
        """The part of the frame that is shown."""
        if self.crop == "nodule" and box is not None and margin is not None:
            rows, columns = margin.in_pixels(box, frame.spacing_at(box)[0], where=frame.source)
            steps.append(
                {"step": "margin", "box": box.to_text(), "rows": rows, "columns": columns, "given": margin.model_dump()}
            )
            window = crop_window(box, (rows, columns), self.shape)
            require_reasonable(window, frame)
            if self.shape == "width square" and window.height < box.height:
                notes.append("the nodule is taller than its crop, which is as high as it is wide: it is cut")
            return window
        if self.crop == "nodule" and box is None:
            rest = "scan area" if self.scan_area else "frame"
            notes.append(f"no nodule box: the whole {rest} was used")
        shown = frame.box if self.crop == "whole frame" else inside
        return square_around(shown) if self.shape in ("square", "width square") else shown

    def _within_scan_area(
        self, frame: Frame, box: Box | None, *, notes: list[str], steps: list[Step]
    ) -> tuple[NDArray[np.bool_], Box]:
        """The pixels that stay; the box of the scan area, or of the nodule's own view."""
        area, regions = scan_area_of(frame), frame.scan_boxes
        mask, inside = area.mask, area.box
        steps.append({"step": "scan area", "kind": area.kind, "box": inside.to_text()})
        if regions:
            steps[-1]["regions of the file"] = [region.to_text() for region in regions]
        if box is not None and self.crop == "nodule" and self.other_view == "hidden":
            inside = _own_view(frame, box, notes=notes, steps=steps)
        if box is not None and not (inside.contains(box) and mask[box.top : box.bottom, box.left : box.right].all()):
            # A reader's outline outranks what was found: the nodule is never blacked out.
            notes.append(
                "the nodule box reaches outside the scan area that was found; the area was extended to hold it"
            )
            mask = mask.copy()
            mask[box.top : box.bottom, box.left : box.right] = True
            inside = inside.union(box)
            steps.append({"step": "extend scan area", "box": inside.to_text()})
        return mask, inside


def _without_text(pixels: NDArray[np.uint8], frame: Frame, inside: Box, *, steps: list[Step]) -> NDArray[np.uint8]:
    """Paint over the text within a box of the frame."""
    boxes = [box for box in find_burned_in_text(frame.pixels) if box.intersect(inside) is not None]
    steps.append({"step": "text painted over", "boxes": [box.to_text() for box in boxes]})
    return paint_over(pixels, boxes)


def _blackened(pixels: NDArray[np.uint8], mask: NDArray[np.bool_] | None) -> NDArray[np.uint8]:
    """The pixels, black outside the mask."""
    if mask is None or mask.all():
        return pixels
    return np.where(mask if pixels.ndim == 2 else mask[:, :, None], pixels, np.uint8(0))


def _part(picture: NDArray[Any], box: Box) -> NDArray[Any]:
    return picture[box.top : box.bottom, box.left : box.right]


def _own_view(frame: Frame, box: Box, *, notes: list[str], steps: list[Step]) -> Box:
    """The box of the view that holds the nodule, or of the whole scan area where it holds one view only."""
    area, views = scan_area_of(frame), views_of(frame)
    if len(views) == 1:
        return area.box
    shared = [view.intersect(box) for view in views]
    inside = [0.0 if part is None else part.area / box.area for part in shared]
    if max(inside) < _OWN_VIEW_SHARE:
        notes.append("the nodule box lies across two views side by side; both views are shown")
        return area.box
    view = views[inside.index(max(inside))]
    steps.append({"step": "own view", "box": view.to_text()})
    return view


def _shows_scan(window: Box, scene: Scene, frame: Frame) -> bool:
    """Whether a window shows all columns of the scan area as they are in the frame, nothing of it blacked."""
    area = scan_area_of(frame)
    as_read = scene.pixels is frame.grey() and scene.inside == area.box and area.fills_box
    return as_read and window.width == area.box.width
