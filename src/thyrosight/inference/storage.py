"""Bundles on disk: a folder, or a zip file of it, with `bundle.json` and `weights.safetensors`; no code in either.

`model.onnx`, the exported network, and its record `onnx.json` may stand beside them.
"""

import json
import shutil
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from thyrosight.errors import BundleError, ThyroSightWarning
from thyrosight.files import output_error, parse_json, sha256_of_file, write_json
from thyrosight.imaging import PairPreparation, Preparation
from thyrosight.inference.bundle import (
    FORMAT_VERSION,
    NO_CLASSES,
    Bundle,
    BundleInfo,
    HeatScale,
    MaskPoint,
    OperatingPoint,
    bundle_hash,
)
from thyrosight.inference.bundle_files import INFO_FILE, OPTIONAL, new_folder, unpacked
from thyrosight.inference.engines import open_session
from thyrosight.inference.export import export_onnx
from thyrosight.inference.familiarity import Familiarity
from thyrosight.inference.onnx_record import ONNX_FILE, WEIGHTS_FILE, OnnxRecord
from thyrosight.inference.shipped import resolved
from thyrosight.inference.views import SINGLE, Views
from thyrosight.networks.spec import ModelSpec

if TYPE_CHECKING:
    from thyrosight.inference.torch_session import Network


def save_bundle(
    folder: Path | str,
    *,
    network: "Network",
    spec: ModelSpec,
    preparation: Preparation,
    pair: PairPreparation | None = None,
    views: Views = SINGLE,
    calibration: Mapping[str, Any] | None = None,
    operating_point: OperatingPoint = NO_CLASSES,
    cohort: Mapping[str, Any],
    heat_scale: HeatScale | None = None,
    masks: MaskPoint | None = None,
    familiarity: Familiarity | None = None,
    metrics: Mapping[str, Any] | None = None,
    software: Mapping[str, Any] | None = None,
    images: Sequence[NDArray[np.uint8]] = (),
) -> Bundle:
    """Write a bundle, whole or not at all: the weights of a torch network, and the parts described at `BundleInfo`.

    Calibration and operating point may be left out where the network draws masks and tells no classes apart.

    With `images`, which were prepared for the network, it is also written as `model.onnx`, which runs without PyTorch,
    and both are compared on them. A network that cannot be exported is saved without, and a warning says why.

    Everything is written to a temporary folder beside `folder` and read back before it takes the place of a bundle
    that stands there. A folder that holds anything else is never replaced.

    Raises:
        BundleError: the parts do not fit one another, or hold values that JSON cannot.
        OutputError: the folder cannot be written, or holds other files.
    """
    from thyrosight.inference.torch_session import save_network

    if spec.task != "segmentation" and (calibration is None or operating_point is NO_CLASSES):
        raise BundleError(
            "The model was not saved: one that tells classes apart needs calibration and operating point."
        )
    folder = Path(folder)
    with new_folder(folder) as new:
        save_network(network, new / WEIGHTS_FILE)
        content = _content(
            spec=spec,
            preparation=preparation,
            pair=pair,
            views=views,
            calibration={"method": "none"} if calibration is None else dict(calibration),
            operating_point=operating_point,
            heat_scale=heat_scale,
            masks=masks,
            familiarity=familiarity,
            cohort=dict(cohort),
            metrics=dict(metrics or {}),
            software=dict(software or {}),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            weights_sha256=sha256_of_file(new / WEIGHTS_FILE),
        )
        write_json(new / INFO_FILE, content)
        saved = load_bundle(new, backend="torch")
        if len(images):
            _export(saved, new, folder, images)
    return Bundle(folder, saved.info, saved.session, saved.hash)


def save_recalibrated(
    bundle: Bundle,
    folder: Path | str,
    *,
    calibration: Mapping[str, Any],
    operating_point: OperatingPoint,
    record: Mapping[str, Any],
) -> Bundle:
    """Write a bundle again with another calibration and threshold, whole or not at all; the old one is not changed.

    Its AUC stays, as it depends on the ranking alone; its other measures, of the old threshold, are left out.

    Args:
        bundle: as it was loaded; its files must still be there.
        folder: of the new bundle.
        calibration, operating_point: the new ones.
        record: of the cases; see `BundleInfo.recalibration`. The hash of the old bundle is added.

    Raises:
        BundleError: the old bundle is damaged or gone, or the parts do not fit one another.
        OutputError: the folder cannot be written, or holds other files.
    """
    folder = Path(folder)
    stated = bundle.info.model_dump(mode="json")
    stated |= {
        "calibration": dict(calibration),
        "operating_point": operating_point.model_dump(mode="json"),
        "metrics": {name: value for name, value in bundle.info.metrics.items() if name == "auc"},
        "recalibration": {"parent": bundle.hash, **record},
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with new_folder(folder) as new:
        with unpacked(bundle.folder) as old:
            for name in (WEIGHTS_FILE, *OPTIONAL):
                if (old / name).is_file():
                    shutil.copyfile(old / name, new / name)
        write_json(new / INFO_FILE, _content(**stated))
        saved = load_bundle(new)
    return Bundle(folder, saved.info, saved.session, saved.hash)


def load_bundle(path: Path | str, *, device: str = "cpu", backend: str = "auto", threads: int | None = None) -> Bundle:
    """Read a bundle, check that nothing in it was damaged or changed, and make its network ready to run.

    No code is run from the files.

    Args:
        path: the bundle's folder, its `bundle.json`, a zip file of the folder, or the name of one that comes along.
        device: where the network runs: "cpu", "cuda", "cuda:1", "mps", or "auto" for the fastest present.
        backend: the engine that runs it: "onnx", "openvino", "torch", or "auto": ONNX Runtime on a CPU where the bundle
            holds `model.onnx`, else PyTorch.
        threads: that ONNX Runtime and OpenVINO use; None for all that this process may use.

    Raises:
        BundleError: missing, damaged, changed, from another version, or a kind of file that can hold code.
        NetworkError: this machine has no such device or backend.
    """
    with _checked(Path(path)) as (place, folder, info, own_hash):
        session = open_session(info, folder, name=place, device=device, backend=backend, threads=threads)
        return Bundle(place, info, session, own_hash)


def read_info(path: Path | str) -> tuple[BundleInfo, str]:
    """Read what a bundle states, and its hash, without opening its network; checks and errors as for `load_bundle`."""
    with _checked(Path(path)) as (_, _, info, own_hash):
        return info, own_hash


@contextmanager
def _checked(path: Path) -> Iterator[tuple[Path, Path, BundleInfo, str]]:
    """A bundle that is whole: its path, the folder of its files while the block runs, its content and its hash."""
    path = path.parent if path.is_file() and path.name in (INFO_FILE, WEIGHTS_FILE) else resolved(path)
    with unpacked(path) as folder:
        content = _read_json(folder / INFO_FILE, path)
        info = _checked_info(content, path)
        weights = folder / WEIGHTS_FILE
        if not weights.is_file():
            raise BundleError(f"Model {path} is incomplete: {WEIGHTS_FILE} is missing; copy the whole folder again.")
        if _hash_of(weights, path) != info.weights_sha256:
            raise BundleError(
                f"Model {path} is damaged: the content of {WEIGHTS_FILE} is not what was saved; copy the folder again."
            )
        yield path, folder, info, bundle_hash(content)


def export_bundle(bundle: Bundle, *, images: Sequence[NDArray[np.uint8]]) -> OnnxRecord:
    """Write the network of a bundle as `model.onnx` beside its weights, checked against PyTorch.

    Args:
        bundle: from a folder, run by PyTorch on the CPU.
        images: prepared for its network, on which both engines must give the same probabilities.

    Raises:
        BundleError: the bundle is a zip file, or its network cannot be exported.
        OutputError: the folder cannot be written.
    """
    if not bundle.folder.is_dir():
        raise BundleError(f"Model {bundle.folder} is a zip file; unpack it, and export the folder.")
    try:
        return export_onnx(bundle, bundle.folder, images=images)
    except OSError as error:
        raise output_error(bundle.folder / ONNX_FILE, error) from error


def _export(bundle: Bundle, new: Path, folder: Path, images: Sequence[NDArray[np.uint8]]) -> None:
    """Export the network of a bundle that is being written, or warn."""
    try:
        export_onnx(Bundle(folder, bundle.info, bundle.session, bundle.hash), new, images=images)
    except BundleError as error:
        warnings.warn(ThyroSightWarning(f"{error} PyTorch will run it."), stacklevel=3)


def _content(**parts: Any) -> dict[str, Any]:
    """The content of bundle.json with its hash."""
    try:
        text = json.dumps(BundleInfo(**parts).model_dump(mode="json"), allow_nan=False)
        content: dict[str, Any] = json.loads(text)  # as a reader will see it
        return content | {"bundle_sha256": bundle_hash(content)}
    except ValidationError as error:
        raise BundleError(f"The model was not saved: {_first_problem(error)}.") from error
    except (TypeError, ValueError) as error:
        raise BundleError(
            f"The model was not saved: its description holds a value that JSON cannot ({error})."
        ) from error


def _checked_info(content: dict[str, Any], path: Path) -> BundleInfo:
    version = content.get("format_version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise BundleError(f"{path} is not a ThyroSight model: {INFO_FILE} does not name its format version.")
    if version > FORMAT_VERSION:
        raise BundleError(
            f"Model {path} was saved by a newer ThyroSight (bundle format {version}; this version reads "
            f"{FORMAT_VERSION}); upgrade ThyroSight."
        )
    if version < FORMAT_VERSION:
        raise BundleError(
            f"Model {path} has the old bundle format {version} (this version reads {FORMAT_VERSION}); save it again by "
            "running its study with this version."
        )
    if content.get("bundle_sha256") != _hash_of_content(content):
        raise BundleError(
            f"Model {path} was changed after it was saved, or is damaged: {INFO_FILE} does not have the hash it "
            "states; copy the folder again."
        )
    try:
        return BundleInfo.model_validate({key: value for key, value in content.items() if key != "bundle_sha256"})
    except ValidationError as error:
        raise BundleError(
            f"Model {path} cannot be read by this version: {INFO_FILE}, {_first_problem(error)}; "
            "use the ThyroSight version that saved it."
        ) from error


def _hash_of_content(content: dict[str, Any]) -> str | None:
    try:
        return bundle_hash(content)
    except ValueError:  # NaN, which Python reads though it is not JSON
        return None


def _first_problem(error: ValidationError) -> str:
    first = error.errors()[0]
    place, problem = ".".join(map(str, first["loc"])), first["msg"].removeprefix("Value error, ")
    return f"{place}: {problem}" if place else problem


def _read_json(file: Path, path: Path) -> dict[str, Any]:
    try:
        content = parse_json(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BundleError(
            f"{path} is not a model: it holds no {INFO_FILE}; name the folder that a study wrote (its `model` folder)."
        ) from None
    except ValueError as error:
        raise BundleError(f"Model {path} is damaged: {INFO_FILE} is not valid JSON; copy the folder again.") from error
    except OSError as error:
        raise BundleError(
            f"Model {path}: {INFO_FILE} cannot be opened ({error.strerror}); check its permissions."
        ) from error
    if not isinstance(content, dict):
        raise BundleError(f"Model {path} is damaged: {INFO_FILE} does not hold an object; copy the folder again.")
    return content


def _hash_of(file: Path, path: Path) -> str:
    try:
        return sha256_of_file(file)
    except OSError as error:
        raise BundleError(
            f"Model {path}: {file.name} cannot be read ({error.strerror}); check its permissions."
        ) from error
