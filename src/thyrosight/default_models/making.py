"""The whole way to a default model: collections packed, stages trained, the bundle built; it goes on after any loss."""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from thyrosight.default_models.collections import COLLECTIONS, frames_of, require_collections, with_near_duplicates
from thyrosight.default_models.finder_bundle import save_finder
from thyrosight.default_models.left_out import read_keys
from thyrosight.default_models.origin import Origin
from thyrosight.default_models.pack import digest_of, write
from thyrosight.default_models.recipe import FinderRecipe, Recipe
from thyrosight.default_models.risk_bundle import save_risk
from thyrosight.default_models.runs import Run, read_run
from thyrosight.default_models.stages import Place, train_stage
from thyrosight.errors import BundleError, CohortError
from thyrosight.files import write_json
from thyrosight.inference import Bundle, load_bundle
from thyrosight.inference.shipped import FINDER, shipped_model
from thyrosight.lock import locked_folder
from thyrosight.memory import keep_memory_of_steps
from thyrosight.progress import Progress, silent


def train_default_model(
    recipe: Recipe,
    data: Path,
    out: Path,
    *,
    finder: Path | str | None = None,
    command: str = "",
    progress: Progress = silent,
) -> Bundle:
    """Make a default model from the public collections, and leave it in `out/model`. For research use only.

    The same call goes on after the last epoch that ended, and takes over what is finished.

    Args:
        recipe: of `load_recipe`.
        data: holds the folders `tn5000`, `ddti` and `busi`.
        out: holds packs, stages and the bundle afterwards.
        finder: for the risk model: a finder's bundle; the one that comes with the package where None.
        command: that the model card names.
        progress: called as the work goes on.

    Raises:
        CohortError: a collection is missing, or changed since the training began.
        RecipeError: the training was begun with other options.
        BundleError: the risk model needs a finder and there is none.
        FolderInUseError: another process works in `out`.
    """
    require_collections(data, list(COLLECTIONS))
    keep_memory_of_steps()
    opened = None if isinstance(recipe, FinderRecipe) else open_finder(finder)
    with locked_folder(out, "training of a default model"):
        inputs = pack_collections(data, out / "packs", begun=(out / "stages").exists(), progress=progress)
        place = Place(out / "packs", out / "stages")
        runs = [
            train_stage(name, stage, place, finder=opened, progress=progress) for name, stage in recipe.stages_in_order
        ]
        origin = Origin(inputs, runs, command, recipe.name)
        return build_bundle(
            recipe, origin, out / "model", data=data, packs=place.packs, finder=opened, progress=progress
        )


def open_finder(finder: Path | str | None) -> Bundle:
    """A finder's bundle, run by PyTorch.

    Raises:
        BundleError: there is none, or it is damaged.
    """
    try:
        folder = shipped_model(FINDER) if finder is None else Path(finder)
    except BundleError as error:
        raise BundleError(
            "The risk model needs a finder: train default-finder first, and name its folder `model` with --finder."
        ) from error
    return load_bundle(folder, backend="torch")


def pack_collections(data: Path, packs: Path, *, begun: bool = False, progress: Progress = silent) -> dict[str, str]:
    """Pack every collection that is not packed yet; give the SHA-256 of each.

    Args:
        data: the folder of the collections.
        packs: of their packs; it is made.
        begun: whether a training with these packs has begun.
        progress: called as the work goes on.

    Raises:
        CohortError: a collection changed since the training began.
    """
    inputs = {}
    for name in COLLECTIONS:
        items = frames_of(data, name)
        inputs[name], record, file = digest_of(items), packs / f"{name}.json", packs / f"{name}.npz"
        packed = json.loads(record.read_text(encoding="utf-8"))["sha256"] if record.is_file() else ""
        if packed == inputs[name] and file.is_file():
            continue
        if packed not in ("", inputs[name]) and begun:
            raise CohortError(
                f"The collection {name} in {data} is not the one with which this training began; put it back, or begin "
                "anew in another folder with --out."
            )
        write(with_near_duplicates(items, data / name, progress=progress), file, progress=progress)
        write_json(record, {"sha256": inputs[name], "frames": len(items)})
    return inputs


def build_bundle(
    recipe: Recipe,
    origin: Origin,
    folder: Path,
    *,
    data: Path,
    packs: Path,
    finder: Bundle | None = None,
    keys: Mapping[str, Collection[str]] | None = None,
    progress: Progress = silent,
) -> Bundle:
    """The last step by itself: the bundle of weights that were trained, here or elsewhere.

    Args:
        recipe: of the model.
        origin: of the weights.
        folder: of the bundle.
        data, packs: the collections and their packs.
        finder: for the risk model.
        keys: frames left out of the finder's training, by collection, where that was not the fold of its options.
        progress: called as the work goes on.

    Raises:
        BundleError: nothing was left out, there is no finder, or the bundle cannot be exported.
    """
    if isinstance(recipe, FinderRecipe):
        return save_finder(
            folder, data=data, packs=packs, origin=origin, most_false=recipe.most_false, keys=keys, progress=progress
        )
    if finder is None:
        raise BundleError("The bundle of the risk model needs a finder; name it with --finder.")
    return save_risk(folder, data=data, packs=packs, origin=origin, finder=finder, progress=progress)


def bundle_of_runs(
    recipe: Recipe,
    runs: Sequence[Path],
    data: Path,
    out: Path,
    *,
    packs: Path | None = None,
    finder: Path | str | None = None,
    left_out: Path | None = None,
    command: str = "",
    progress: Progress = silent,
) -> Bundle:
    """The bundle of stages that were trained elsewhere, in `out/model`.

    Args:
        recipe: of the model.
        runs: folders of the stages in order, each with `weights.safetensors` and `options.json`; the last one has the
            weights of the bundle.
        data: the folder of the collections.
        out: holds the bundle afterwards, and the packs where none are named.
        packs: of the collections.
        finder: for the risk model, as for `train_default_model`.
        left_out: JSON with the keys of frames left out of the finder's training, by collection.
        command: that the model card names.
        progress: called as the work goes on.

    Raises:
        BundleError: a run is not whole; or as `build_bundle`.
    """
    require_collections(data, list(COLLECTIONS))
    keep_memory_of_steps()
    opened = None if isinstance(recipe, FinderRecipe) else open_finder(finder)
    stages: list[Run] = [read_run(run) for run in runs]
    keys = None if left_out is None else read_keys(left_out)
    with locked_folder(out, "building of a default model"):
        if packs is None:
            inputs = pack_collections(data, out / "packs", progress=progress)
        else:
            inputs = {name: digest_of(frames_of(data, name)) for name in COLLECTIONS}
        return build_bundle(
            recipe,
            Origin(inputs, stages, command, recipe.name),
            out / "model",
            data=data,
            packs=packs or out / "packs",
            finder=opened,
            keys=keys,
            progress=progress,
        )
