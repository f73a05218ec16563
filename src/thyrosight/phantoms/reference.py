"""The reference standard of a simulated nodule: surgery, cytology (Bethesda), or none."""

import numpy as np

_CYTOLOGY = {
    True: (("VI", "V", "III", "II"), (0.72, 0.18, 0.08, 0.02)),
    False: (("II", "III", "IV", "I"), (0.55, 0.30, 0.10, 0.05)),
}
_SURGERY = {True: 0.93, False: 0.45}
_UNCONFIRMED = (("I", "III", ""), (0.35, 0.45, 0.20))

RULE = (
    "surgery decides; without surgery Bethesda II is benign and Bethesda VI malignant; all others are not confirmed. "
    "A surgical result never contradicts the label; a Bethesda result may where surgery corrects it"
)


def draw_reference(
    seed: int, patient: int, nodule: int, *, malignant: bool, unconfirmed_share: float
) -> dict[str, str]:
    """The columns `surgery` (benign, malignant or empty) and `bethesda` (I to VI or empty) of a nodule."""
    random = np.random.default_rng([seed, patient, nodule, 14])
    if random.random() < unconfirmed_share:
        return {"surgery": "", "bethesda": _draw(random, _UNCONFIRMED)}
    if random.random() < _SURGERY[malignant]:
        return {"surgery": "malignant" if malignant else "benign", "bethesda": _draw(random, _CYTOLOGY[malignant])}
    return {"surgery": "", "bethesda": "VI" if malignant else "II"}


def _draw(random: np.random.Generator, choice: tuple[tuple[str, ...], tuple[float, ...]]) -> str:
    return str(random.choice(choice[0], p=choice[1]))
