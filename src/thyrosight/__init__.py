"""Computer-aided diagnosis on thyroid and neck ultrasound: trained, calibrated, explained models and reader studies.

The calls that most work begins with are offered here and imported when they are first used:

- `assess`: the nodules of images, each with a calibrated risk.
- `load_model`: a model, for many calls of `assess`.
- `open_cohort`: the validated table of a data set.
- `run_study`: a recipe on a cohort, from the split to the result.
- `write_report`: the report of a result.
"""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.assessing import assess, load_model
    from thyrosight.cohort import open_cohort
    from thyrosight.reports import write_report
    from thyrosight.studies import run_study
else:
    __getattr__, __dir__ = on_first_use(__name__)

__version__ = "0.1.0"
__all__ = ["__version__", "assess", "load_model", "open_cohort", "run_study", "write_report"]
