"""Predicting from files to assessments (quality flags, sizes, calibrated risk), beside the network alone.

The network is EfficientNet-Lite0 at 224 pixels, as `thyrosight predict` runs it. "Alone" begins with prepared pixels
and ends with logits: no reading, no preparation, no checks. The pipelines of MONAI and torchvision begin with the same
files, decode and resize them (no scan area is found, nothing is checked) and run the same network in PyTorch, in
batches of 16. Ours goes through the files six times in one call, as through a large folder, and the start of its helper
processes counts. Images per second by the clock, the best of several rounds in which all take turns. The last row
starts a new process: the command, beside a script that imports Pillow and ONNX Runtime and does nothing else but read,
resize and run the network. With simulated images, or those that DATA names.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from benches.pictures import pictures
from benches.row import Row, beside, in_turn, installed, named
from thyrosight.imaging import Preparation, read_frame
from thyrosight.inference import OperatingPoint, Predictor, load_bundle, save_bundle
from thyrosight.networks import create

IMAGES, TIMES, ROUNDS, SIZE, BATCH = 64, 6, 2, 224, 16
ALONE_AIM, EAGER_AIM, START_AIM = 0.85, 3.0, 2.0
Pixels = NDArray[np.uint8]
Reader = Callable[[Path], Pixels]

SCRIPT = """
import sys
import numpy, onnxruntime
from PIL import Image
session = onnxruntime.InferenceSession(sys.argv[1] + "/model.onnx", providers=["CPUExecutionProvider"])
pixels = numpy.asarray(Image.open(sys.argv[2]).convert("L").resize((224, 224), Image.Resampling.BILINEAR))
print(session.run(["logits"], {"pixels": pixels[None]}))
"""


def saved(folder: Path, images: list[Pixels], preparation: Preparation) -> Path:
    """A bundle with its network exported."""
    network, spec = create("efficientnet_lite0", weights="imagenet-if-present", seed=1)
    return save_bundle(
        folder,
        network=network,
        spec=spec,
        preparation=preparation,
        calibration={"method": "none"},
        operating_point=OperatingPoint(threshold=0.5, rule="fixed", chosen_on="nothing"),
        cohort={"name": "bench", "digest": "0" * 64, "label_source": "none", "split_kind": "none"},
        images=images[:8],
    ).folder


def end_to_end(model: Path, files: list[Path], *, threads: int) -> Callable[[], None]:
    """Ours."""
    predictor = Predictor(load_bundle(model, threads=threads, backend="onnx"))

    def run() -> None:
        assert len(list(predictor.assess_many(files * TIMES))) == len(files) * TIMES

    return run


def alone_onnx(model: Path, pixels: Pixels, *, threads: int, batch: int) -> Callable[[], None]:
    """The network in ONNX Runtime."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(model / "model.onnx", options, providers=["CPUExecutionProvider"])

    def run() -> None:
        for start in range(0, len(pixels), batch):
            session.run(["logits"], {"pixels": pixels[start : start + batch]})

    return run


def alone_openvino(model: Path, pixels: Pixels, *, threads: int) -> Callable[[], None]:
    """The network in OpenVINO, image by image."""
    import openvino

    settings = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}
    request = openvino.Core().compile_model(model / "model.onnx", "CPU", settings).create_infer_request()

    def run() -> None:
        for start in range(len(pixels)):
            request.infer({0: pixels[start : start + 1]}, share_inputs=True)

    return run


def eager(model: Path, pixels: Pixels) -> Callable[[], None]:
    """The network in PyTorch."""
    session = load_bundle(model, backend="torch").session

    def run() -> None:
        for start in range(0, len(pixels), BATCH):
            session.run(pixels[start : start + BATCH])

    return run


def pipeline(model: Path, files: list[Path], read: Reader) -> Callable[[], None]:
    """Another library's reading and resizing, and the network in PyTorch."""
    session = load_bundle(model, backend="torch").session

    def run() -> None:
        for start in range(0, len(files), BATCH):
            session.run(np.stack([read(file) for file in files[start : start + BATCH]]))

    return run


def monai_reader() -> Reader:
    """MONAI's transforms, as its examples have them for pictures."""
    from monai.transforms import Compose, LoadImage, Resize

    read = LoadImage(reader="PILReader", converter=lambda picture: picture.convert("L"), ensure_channel_first=True)
    steps = Compose([read, Resize((SIZE, SIZE), mode="bilinear", anti_aliasing=True)])
    return lambda file: np.asarray(steps(str(file))[0]).T.clip(0, 255).astype(np.uint8)


def torchvision_reader() -> Reader:
    """torchvision's decoder and transforms."""
    from torchvision.io import ImageReadMode, decode_image
    from torchvision.transforms import v2

    resize = v2.Resize((SIZE, SIZE), antialias=True)
    return lambda file: np.asarray(resize(decode_image(str(file), ImageReadMode.GRAY))[0].numpy())


def readers() -> dict[str, Reader]:
    """Reading and resizing of other libraries that are installed, by name and version."""
    found = {}
    if installed("monai"):
        found[named("MONAI", "monai")] = monai_reader()
    if installed("torchvision"):
        found[named("torchvision", "torchvision")] = torchvision_reader()
    return found


def at_once(model: Path, files: list[Path], pixels: Pixels, *, threads: int, kind: str) -> list[Row]:
    """All ways with one number of threads."""
    torch.set_num_threads(threads)
    onnx, torch_name = named("ONNX Runtime", "onnxruntime"), named("PyTorch", "torch")
    single, batches = f"{onnx} alone, image by image", f"{onnx} alone, batches of {BATCH}"
    runs = {
        single: alone_onnx(model, pixels, threads=threads, batch=1),
        batches: alone_onnx(model, pixels, threads=threads, batch=BATCH),
        f"{torch_name} (eager) alone, batches of {BATCH}": eager(model, pixels),
    }
    if installed("openvino"):
        runs[f"{named('OpenVINO', 'openvino')} alone, image by image"] = alone_openvino(model, pixels, threads=threads)
    for name, read in readers().items():
        runs[f"{name} from files, {torch_name}"] = pipeline(model, files, read)
    runs["ours"] = end_to_end(model, files, threads=threads)
    seconds = in_turn(runs, rounds=ROUNDS, clock=time.perf_counter)
    rates = {name: len(files) / took for name, took in seconds.items()}
    rates["ours"] *= TIMES
    what = f"predict {kind}, {threads} thread{'s' * (threads > 1)}"
    aims = {
        name: EAGER_AIM if "(eager)" in name else ALONE_AIM for name in rates if name == single or "(eager)" in name
    }
    return beside(what, rates.pop("ours"), "images/s", rates.items(), aims=aims)


def from_the_shell(model: Path, file: Path) -> Row:
    """One image in a process of its own."""
    ours = [sys.executable, "-m", "thyrosight", "predict", str(file), "--model", str(model), "--device", "cpu"]
    theirs = [sys.executable, "-c", SCRIPT, str(model), str(file)]
    seconds = in_turn(
        {
            "ours": lambda: subprocess.run(ours, check=True, capture_output=True),
            "theirs": lambda: subprocess.run(theirs, check=True, capture_output=True),
        },
        rounds=ROUNDS,
        clock=time.perf_counter,
    )
    alternative = f"script of {named('Pillow', 'pillow')}, {named('ONNX Runtime', 'onnxruntime')}"
    what = "`thyrosight predict IMAGE` from the shell"
    return Row(what, seconds["ours"], "s", alternative, seconds["theirs"], limit=START_AIM)


def rows() -> list[Row]:
    """Measure with one thread and with two, and from the shell."""
    files, kind = pictures(IMAGES)
    preparation = Preparation(size=SIZE, crop="scan area")
    pixels = np.stack([preparation.prepare(read_frame(file)).pixels for file in files])
    with tempfile.TemporaryDirectory() as folder:
        model = saved(Path(folder) / "model", list(pixels), preparation)
        found = [row for threads in (1, 2) for row in at_once(model, files, pixels, threads=threads, kind=kind)]
        return [*found, from_the_shell(model, files[0])]
