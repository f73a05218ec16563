"""The record beside a bundle's exported network: what it was made from, and how far it agrees with the original."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from thyrosight.files import parse_json, sha256_of_file, sha256_of_json
from thyrosight.inference.bundle import BundleInfo

WEIGHTS_FILE, ONNX_FILE, RECORD_FILE = "weights.safetensors", "model.onnx", "onnx.json"


class OnnxRecord(BaseModel):
    """The content of `onnx.json`.

    Attributes:
        sha256: of `model.onnx`.
        weights_sha256: of the weights that it was made from.
        spec_sha256: of the network's spec in canonical JSON.
        opset: version of ONNX's set of operators.
        exporter: the program that wrote it.
        smallest_side: the shortest side of an image that the network can take.
        images: the number of prepared images on which it was compared with PyTorch.
        largest_difference: of the probability of a class there.
        largest_difference_of_pixels: of the probability of a lesion at a pixel.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    weights_sha256: str
    spec_sha256: str
    opset: int
    exporter: str
    smallest_side: int
    images: int
    largest_difference: float
    largest_difference_of_pixels: float = 0.0


def spec_hash(info: BundleInfo) -> str:
    """SHA-256 of a network's spec in canonical JSON."""
    return sha256_of_json(info.spec.model_dump(mode="json"))


def read_record(folder: Path, info: BundleInfo) -> OnnxRecord | str:
    """The record of a bundle's `model.onnx`, or a clause that says why the file cannot be used."""
    file, described = folder / ONNX_FILE, folder / RECORD_FILE
    if not file.is_file() or not described.is_file():
        return f"holds no {ONNX_FILE}"
    try:
        record = OnnxRecord.model_validate(parse_json(described.read_text(encoding="utf-8")))
        if record.sha256 != sha256_of_file(file):
            return f"holds a damaged {ONNX_FILE} (its content is not what was saved)"
    except (OSError, ValueError, ValidationError):
        return f"holds a {ONNX_FILE} whose record {RECORD_FILE} cannot be read"
    if (record.weights_sha256, record.spec_sha256) != (info.weights_sha256, spec_hash(info)):
        return f"holds a {ONNX_FILE} of other weights"
    return record
