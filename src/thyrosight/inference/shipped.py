"""The models that come with the package."""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from thyrosight.errors import BundleError
from thyrosight.intervals import value_in_words

RISK, FINDER = "default-risk", "default-finder"
"""Names of the model that judges a nodule, and of the one that finds it."""
SHIPPED = (RISK, FINDER)
_FOLDER = Path(__file__).resolve().parent.parent / "models"


class Measured(BaseModel):
    """A figure of a model that comes along, measured after it was made, on frames that did not make it.

    Attributes:
        measurement: name of the measurement in `benchmarks/measure_default_models.py`, which made the figure.
        model: one of `SHIPPED`.
        hash: of the bundle that was measured.
        on: the collection, and the part of it.
        labels: source of the truth there.
        what: the quantity.
        value, low, high: with its 95 % interval by groups; no limits where none was computed.
        n: frames.
        groups: that stayed whole.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    measurement: str
    model: str
    hash: str
    on: str
    labels: str
    what: str
    value: float
    low: float | None
    high: float | None
    n: int
    groups: int | None

    @property
    def figure(self) -> str:
        """Value and interval.

        >>> known = {"measurement": "risk", "model": RISK, "hash": "0", "on": "x", "labels": "pathology"}
        >>> Measured(**known, what="AUC", value=0.8, low=0.7, high=0.9, n=50, groups=40).figure
        '0.800 (0.700 to 0.900)'
        """
        return value_in_words(self.value, self.low, self.high)


def measured_of(model_hash: str) -> tuple[Measured, ...]:
    """Measurements of a model that comes along; empty for another model."""
    file = _FOLDER / "measured.json"
    if not file.is_file():
        return ()
    rows = (Measured.model_validate(row) for row in json.loads(file.read_text(encoding="utf-8")))
    return tuple(row for row in rows if row.hash == model_hash)


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
