"""Reading of every ultrasound file that comes with pydicom and pydicom-data.

`python benchmarks/dicom_examples.py [SHEET.png]` prints the table of docs/reference/dicom.md, made without any network
access, and draws the pictures on a contact sheet if one is named.
"""

import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
from PIL import Image, ImageDraw

from thyrosight.errors import ThyroSightError
from thyrosight.imaging import DicomInfo, Frame, read_dicom_info, read_frame


def ultrasound_files() -> list[Path]:
    """Every ultrasound object among the examples, by name."""
    folders = [Path(pydicom.__file__).parent / "data"]
    try:
        import data_store

        folders.append(Path(data_store.__file__).parent)
    except ImportError:
        print("pydicom-data is not installed; only pydicom's own examples are listed.", file=sys.stderr)
    found: dict[str, Path] = {}
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        try:
            if read_dicom_info(path).is_ultrasound:
                found.setdefault(path.name, path)
        except ThyroSightError:
            continue
    return [found[name] for name in sorted(found)]


def by_dcmtk(path: Path, frame: Frame) -> str:
    """The largest difference of any sample from dcmtk's rendering of the first frame."""
    if shutil.which("dcmj2pnm") is None:
        return "dcmtk absent"
    done = subprocess.run(["dcmj2pnm", str(path)], capture_output=True, check=False)
    if not done.stdout:
        return "not read by dcmj2pnm"
    reference = np.asarray(Image.open(BytesIO(done.stdout)))
    pixels = frame.pixels if reference.ndim == frame.pixels.ndim else frame.rgb()
    return str(int(np.abs(pixels.astype(int) - reference).max()))


def row(path: Path) -> tuple[str, Frame | None]:
    info = read_dicom_info(path)
    try:
        frame = read_frame(path)
    except ThyroSightError as error:
        return f"| {path.name} | {picture(info)} | {info.transfer_syntax} | refused: {error} | | |", None
    spacing = info.spacing_mm
    millimetres = f"{spacing[0]:.4f} x {spacing[1]:.4f}" if spacing else f"unknown: {info.spacing_reason}"
    regions = ", ".join(f"{region.data_type} {region.box.to_text()}" for region in info.regions) or "none"
    cells = (path.name, picture(info), info.transfer_syntax, regions, millimetres, by_dcmtk(path, frame))
    return f"| {' | '.join(cells)} |", frame


def picture(info: DicomInfo) -> str:
    frames = f"{info.frames} frames of " if info.frames > 1 else ""
    return f"{frames}{info.columns} x {info.rows}, {info.photometric_interpretation}, {info.bits_stored} bits"


def contact_sheet(frames: dict[str, Frame], path: Path, *, columns: int = 5, side: int = 300) -> None:
    rows = -(-len(frames) // columns)
    sheet = Image.new("RGB", (columns * side, rows * (side + 18)), "white")
    draw = ImageDraw.Draw(sheet)
    for index, (name, frame) in enumerate(frames.items()):
        small = Image.fromarray(frame.rgb())
        drawn = ImageDraw.Draw(small)
        for box in frame.scan_boxes:
            drawn.rectangle((box.left, box.top, box.right - 1, box.bottom - 1), outline=(255, 220, 0), width=3)
        small.thumbnail((side - 6, side - 6))
        left, top = index % columns * side, index // columns * (side + 18)
        sheet.paste(small, (left + 3, top + 18))
        draw.text((left + 4, top + 3), name, fill="black")
    sheet.save(path)


def main(sheet: Path | None) -> None:
    print("| file | picture | written in | regions (left,top,right,bottom) | mm per pixel (row x column) | dcmtk |")
    print("|---|---|---|---|---|---|")
    frames: dict[str, Frame] = {}
    for path in ultrasound_files():
        text, frame = row(path)
        print(text)
        if frame is not None:
            frames[path.name] = frame
    if sheet is not None:
        contact_sheet(frames, sheet)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
