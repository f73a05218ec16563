"""A simulated sonographer who writes the original report of a lymph node, with a chosen sensitivity and specificity."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from thyrosight.errors import OutputError
from thyrosight.phantoms.lymph_nodes.features import LymphNodeFeatures
from thyrosight.phantoms.lymph_nodes.report_texts import SENTENCES, Language, Templates

Meant = Literal["benign", "malignant", "undecided"]


@dataclass(frozen=True)
class Reported:
    """The node that a report describes.

    Attributes:
        features: its features; all are described correctly.
        neck_level, neck_side: its place; side is left, right or middle.
        long_mm, short_mm: its axes.
        label: its label, which the reporter estimates.
    """

    features: LymphNodeFeatures
    neck_level: str
    neck_side: str
    long_mm: float
    short_mm: float
    label: str


@dataclass(frozen=True)
class SimulatedReporter:
    """The accuracy of simulated reports, and their language.

    The conclusion depends on the label and chance alone: nodes of one label have the same probability of a wrong
    report, regardless of their features.

    Attributes:
        sensitivity, specificity: sensitivity and specificity of reports with a conclusion; by default those of the
            original reports in Zhao et al., Front Oncol 2023, Table 3.
        undecided: share of reports without a conclusion.
        empty: share of the undecided reports without any text.
        english, both: shares of reports in English, and in English and Chinese; the others are in Chinese.

    Raises:
        OutputError: a share is outside 0 to 1, or the sum of `english` and `both` is above 1.
    """

    sensitivity: float = 0.9514
    specificity: float = 0.343
    undecided: float = 0.04
    empty: float = 0.4
    english: float = 0.47
    both: float = 0.06

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not 0 <= value <= 1:
                raise OutputError(f"{name} of a simulated reporter should be 0 to 1, got {value}.")
        if self.english + self.both > 1:
            raise OutputError(
                "english and both of a simulated reporter should be at most 1 together, "
                f"got {self.english + self.both}."
            )

    def write(self, random: np.random.Generator, about: Reported) -> tuple[Meant, str]:
        """Conclusion and text of the report.

        >>> features = LymphNodeFeatures("present", "oval", "absent", "absent", "hypoechoic", "smooth")
        >>> about = Reported(features, "III", "left", 14.2, 6.1, "benign")
        >>> reporter = SimulatedReporter(specificity=1.0, undecided=0.0, english=1.0, both=0.0)
        >>> meant, text = reporter.write(np.random.default_rng(1), about)
        >>> meant, text.startswith("Left neck level III")
        ('benign', True)
        """
        meant = self._conclude(random, about.label)
        languages = self._languages(random)
        if meant == "undecided" and random.random() < self.empty:
            return meant, ""
        return meant, " ".join(_in_one_language(random, about, meant, SENTENCES[language]) for language in languages)

    def describe(self) -> dict[str, Any]:
        """The truth of the reporter, for `phantom.json`."""
        return {
            **asdict(self),
            "of": "the reports that decide; what a report concludes follows the label and chance, not the features",
            "defaults": "sensitivity 0.9514 and specificity 0.343 are those of the original reports in Zhao et al., "
            "Front Oncol 2023, Table 3",
        }

    def _conclude(self, random: np.random.Generator, label: str) -> Meant:
        decides, right = random.random(2)
        if decides < self.undecided:
            return "undecided"
        if label == "malignant":
            return "malignant" if right < self.sensitivity else "benign"
        return "benign" if right < self.specificity else "malignant"

    def _languages(self, random: np.random.Generator) -> tuple[Language, ...]:
        draw = random.random()
        if draw < self.english:
            return ("English",)
        return ("English", "Chinese") if draw < self.english + self.both else ("Chinese",)


def _in_one_language(random: np.random.Generator, about: Reported, meant: Meant, templates: Templates) -> str:
    """Place and features of the node, and the conclusion."""
    place = templates.places[about.neck_side].format(level=about.neck_level)
    found = _one_of(random, templates.findings).format(place=place, long=about.long_mm, short=about.short_mm)
    described = list(asdict(about.features).items())
    seen = [
        _one_of(random, templates.features[feature]) for feature in described if random.random() < templates.mentioned
    ]
    order = random.permutation(len(seen))
    conclusions = templates.conclusions[meant]
    if meant == "malignant":
        conclusions += tuple(text for feature in described for text in templates.signs.get(feature, ()))
    sentences = [found[0].upper() + found[1:], *(seen[index] for index in order), _one_of(random, conclusions)]
    return templates.between.join(sentences)


def _one_of(random: np.random.Generator, texts: tuple[str, ...]) -> str:
    return texts[int(random.integers(len(texts)))]
