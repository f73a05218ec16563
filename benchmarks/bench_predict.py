"""Predicting end to end from real files, beside the same network alone in ONNX Runtime, OpenVINO and PyTorch.

    python benchmarks/bench_predict.py [IMAGE ...]

Without images it takes DDTI's from the folder that THYROSIGHT_SHARED names. The network is EfficientNet-Lite0 at 224
pixels. "Alone" begins with prepared pixels and ends with logits; end to end begins with files and ends with
assessments: quality flags, sizes, calibrated risk. All runs of one number of threads take turns, and the best of each
counts, so that a busy machine disturbs all of them alike.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from thyrosight.imaging import Preparation, read_frame
from thyrosight.inference import OperatingPoint, Predictor, load_bundle, save_bundle
from thyrosight.networks import create

IMAGES, ROUNDS = 96, 3
Pixels = NDArray[np.uint8]


def saved(folder: Path, images: list[Pixels], preparation: Preparation) -> Path:
    """A bundle with its network exported."""
    network, spec = create("efficientnet_lite0", weights="imagenet-if-present", seed=1)
    point = OperatingPoint(threshold=0.5, rule="fixed", chosen_on="nothing")
    cohort = {"name": "bench", "digest": "0" * 64, "label_source": "none", "split_kind": "none"}
    return save_bundle(
        folder,
        network=network,
        spec=spec,
        preparation=preparation,
        calibration={"method": "none"},
        operating_point=point,
        cohort=cohort,
        images=images[:8],
    ).folder


def alone_onnx(model: Path, pixels: Pixels, *, threads: int, batch: int) -> Callable[[], None]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(model / "model.onnx", options, providers=["CPUExecutionProvider"])

    def run() -> None:
        for start in range(0, len(pixels), batch):
            session.run(["logits"], {"pixels": pixels[start : start + batch]})

    return run


def alone_openvino(model: Path, pixels: Pixels, *, threads: int, batch: int) -> Callable[[], None]:
    import openvino

    settings = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}
    compiled = openvino.Core().compile_model(model / "model.onnx", "CPU", settings)
    request = compiled.create_infer_request()

    def run() -> None:
        for start in range(0, len(pixels), batch):
            request.infer({0: pixels[start : start + batch]}, share_inputs=True)

    return run


def alone_torch(model: Path, pixels: Pixels, *, batch: int) -> Callable[[], None]:
    session = load_bundle(model, backend="torch").session

    def run() -> None:
        for start in range(0, len(pixels), batch):
            session.run(pixels[start : start + batch])

    return run


def end_to_end(model: Path, files: list[Path], *, threads: int) -> Callable[[], None]:
    predictor = Predictor(load_bundle(model, threads=threads, backend="onnx"))

    def run() -> None:
        assert len(list(predictor.assess_many(files))) == len(files)

    return run


def measured(runs: dict[str, Callable[[], None]], count: int) -> dict[str, float]:
    """Images per second of each run, the best of some rounds in which they take turns."""
    best = dict.fromkeys(runs, 0.0)
    for number in range(ROUNDS + 1):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            if number:  # the first round warms up
                best[name] = max(best[name], count / (time.perf_counter() - start))
    return best


def processor() -> str:
    """The processor's vector units, where Linux tells them."""
    info = Path("/proc/cpuinfo")
    text = info.read_text(encoding="utf-8") if info.exists() else ""
    flags = next((line.split(":")[1].split() for line in text.splitlines() if line.startswith("flags")), [])
    return " ".join(flag for flag in flags if flag.startswith(("avx", "amx", "fma", "f16c")))


def main(names: list[str]) -> None:
    shared = Path(os.environ.get("THYROSIGHT_SHARED", "shared"))
    files = [Path(name) for name in names] or sorted((shared / "data" / "ddti").glob("*.a.jpg"))[:IMAGES]
    if not files:
        sys.exit("Name images, or set THYROSIGHT_SHARED to the folder that holds data/ddti.")
    preparation = Preparation(size=224, crop="scan area")
    pixels = np.stack([preparation.prepare(read_frame(file)).pixels for file in files])
    packages = ("onnxruntime", "openvino", "torch", "numpy", "pillow")
    print(", ".join(f"{name} {version(name)}" for name in packages))
    print(f"{os.cpu_count()} cores, {processor()}")
    print(f"{len(files)} images, EfficientNet-Lite0 at 224 pixels, images per second (share of ONNX Runtime, batch 1)")
    with tempfile.TemporaryDirectory() as folder:
        model = saved(Path(folder) / "model", list(pixels), preparation)
        for threads in (1, 2):
            torch.set_num_threads(threads)
            runs = {
                "predict, end to end": end_to_end(model, files, threads=threads),
                **{
                    f"ONNX Runtime alone, batch {b}": alone_onnx(model, pixels, threads=threads, batch=b)
                    for b in (1, 16)
                },
                **{
                    f"OpenVINO alone, batch {b}": alone_openvino(model, pixels, threads=threads, batch=b)
                    for b in (1, 16)
                },
                **{f"PyTorch alone, batch {b}": alone_torch(model, pixels, batch=b) for b in (1, 16)},
            }
            found = measured(runs, len(files))
            base = found["ONNX Runtime alone, batch 1"]
            for name, rate in found.items():
                print(f"{threads} thread{'s' * (threads > 1)}  {name:28} {rate:7.1f}  {rate / base:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
