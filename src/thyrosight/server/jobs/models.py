"""The models of the workstation: their facts without loading them, and loaded for work."""

from functools import cached_property
from typing import Any

from thyrosight.inference import Bundle, BundleInfo, load_bundle, read_info
from thyrosight.inference.shipped import judge_and_finder, resolved
from thyrosight.server.settings import ServerSettings


class Models:
    """The model that judges nodules, and the one that looks for them, if there is one.

    Args:
        settings: name them; by default both come with the package.
    """

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings

    @cached_property
    def judge_facts(self) -> tuple[BundleInfo, str]:
        """Statements of the judging model on itself, and its hash.

        Raises:
            BundleError: there is none, or it is damaged.
        """
        return read_info(self._places[0])

    @cached_property
    def finder_facts(self) -> tuple[BundleInfo, str] | None:
        """As `judge_facts`, of the model that looks for nodules; None without one."""
        place = self._places[1]
        return None if place is None else read_info(place)

    @cached_property
    def judge(self) -> Bundle:
        """The judging model, loaded.

        Raises:
            BundleError: there is none, it is damaged, or nothing installed can run it.
        """
        return load_bundle(self._places[0], threads=self._settings.threads)

    @cached_property
    def finder(self) -> Bundle | None:
        """The model that looks for nodules, loaded; None without one."""
        place = self._places[1]
        return None if place is None else load_bundle(place, threads=self._settings.threads)

    @cached_property
    def _places(self) -> tuple[Any, Any]:
        judge, finder = judge_and_finder(self._settings.model, self._settings.finder)
        return resolved(judge), None if finder is None else resolved(finder)


def facts_of(info: BundleInfo) -> dict[str, Any]:
    """Facts of a model that are shown beside each of its results."""
    return {
        "title": info.spec.architecture,
        "task": info.spec.task,
        "label_source": info.label_source,
        "trained_on": str(info.cohort.get("name", "")),
        "split_kind": str(info.cohort.get("split_kind", "")),
        "research_use": info.research_use,
        "operating_point": None if info.operating_point is None else info.operating_point.model_dump(mode="json"),
    }
