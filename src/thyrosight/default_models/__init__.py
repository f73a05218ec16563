"""How the default models are made: from public collections to the finder and the risk model of the product."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.default_models.making import bundle_of_runs, train_default_model
    from thyrosight.default_models.recipe import load_recipe
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = ["bundle_of_runs", "load_recipe", "train_default_model"]
