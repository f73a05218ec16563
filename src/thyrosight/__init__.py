"""Computer-aided diagnosis on thyroid and neck ultrasound: trained, calibrated, explained models and reader studies.

The calls that most work begins with are offered here and imported when they are first used:

- `assess`: the nodules of images, each with a calibrated risk.
- `load_model`: a model, for many calls of `assess`.
- `open_cohort`: the validated table of a data set.
- `run_study`: a recipe on a cohort, from the split to the result.
- `write_report`: the report of a result.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from thyrosight.assessing import assess, load_model
    from thyrosight.cohort import open_cohort
    from thyrosight.reports import write_report
    from thyrosight.studies import run_study

__version__ = "0.1.0"
__all__ = ["__version__", "assess", "load_model", "open_cohort", "run_study", "write_report"]

_MODULES = {
    "assess": "thyrosight.assessing",
    "load_model": "thyrosight.assessing",
    "open_cohort": "thyrosight.cohort",
    "run_study": "thyrosight.studies",
    "write_report": "thyrosight.reports",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
