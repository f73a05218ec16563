"""The models that come with the package."""

from pathlib import Path

from thyrosight.errors import BundleError

RISK, FINDER = "default-risk", "default-finder"
"""Names of the model that judges a nodule, and of the one that finds it."""
SHIPPED = (RISK, FINDER)
_FOLDER = Path(__file__).resolve().parent.parent / "models"


def shipped_model(name: str) -> Path:
    """The folder of a model that comes with the package.

    Args:
        name: one of `SHIPPED`.

    Raises:
        BundleError: there is no such model, or this installation lacks it.

    >>> shipped_model("default")
    Traceback (most recent call last):
    thyrosight.errors.BundleError: No model 'default' comes with ThyroSight; there are default-risk and default-finder.
    """
    if name not in SHIPPED:
        raise BundleError(f"No model {name!r} comes with ThyroSight; there are {' and '.join(SHIPPED)}.")
    folder = _FOLDER / name
    if not folder.is_dir():
        raise BundleError(
            f"The model {name} is missing from this installation ({folder}); install ThyroSight again, or name a model "
            "with --model."
        )
    return folder


def resolved(model: Path | str) -> Path:
    """The folder of a model: of the one that comes with the package where its name is given, else the path itself."""
    return shipped_model(str(model)) if str(model) in SHIPPED and not Path(model).exists() else Path(model)


def judge_and_finder(model: Path | str | None, finder: Path | str | None) -> tuple[Path | str, Path | str | None]:
    """The model that judges and the one that looks for nodules, if any; without a model both come with the package.

    Raises:
        BundleError: this installation lacks them.
    """
    if model is not None:
        return model, finder
    return shipped_model(RISK), shipped_model(FINDER) if finder is None else finder
