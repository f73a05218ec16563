"""Simulated tables to try the commands of statistics on: nobody's data, and the same rows on every machine."""

from collections.abc import Callable, Iterator
from random import Random
from statistics import NormalDist
from typing import Any, Final

Rows = list[dict[str, Any]]
_NORMAL = NormalDist()
_LEVELS = (1, 2, 2, 3, 4, 4, 4, 5, 5, 5)
"""ACR TI-RADS levels of 0 to 9 points."""


def example_tables() -> dict[str, Rows]:
    """Return every example table by its name, as rows from column to cell.

    `nodules`: 240 nodules of 187 patients of four sites with truth, histology, the risks and calls of two networks, a
    radiologist's rating, TI-RADS points, and whether the truth was verified. `readings`: 6 readers rate 90 cases
    without and with a network, whose risk stands beside. `ratings`: 4 readers name the composition of 60 nodules.
    `measurements`: 2 readers measure 60 nodules twice. `sites`: counts of 12 sites. `marks` and `lesions`: where two
    readers and a network see nodules in 80 images, and where these are. `marks_in_parts`: marks of 6 readers in these
    images without and with a network, each image searched by three of them; a row without a place is a search without
    a mark.

    >>> {name: len(rows) for name, rows in example_tables().items()}["nodules"]
    240
    """
    return {name: make() for name, make in _TABLES.items()}


class _Draws:
    """Numbers drawn from a seed alike in every version of Python: only uniform numbers are taken from it."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def uniform(self) -> float:
        return self._random.random()

    def normal(self, mean: float = 0.0, sd: float = 1.0) -> float:
        return mean + sd * _NORMAL.inv_cdf(min(max(self.uniform(), 1e-12), 1 - 1e-12))

    def among(self, choices: str, shares: tuple[float, ...]) -> str:
        """One of the words of `choices`, each as often as its share says."""
        rest = self.uniform() * sum(shares)
        for word, share in zip(choices.split(), shares, strict=True):
            rest -= share
            if rest < 0:
                return word
        return choices.rsplit(maxsplit=1)[-1]


def _risk(logit: float) -> float:
    from math import exp

    return round(1 / (1 + exp(-logit)), 3)


def _patients(draws: _Draws, nodules: int) -> Iterator[tuple[str, float]]:
    """Patients of one nodule (most) to three, each with the effect that its nodules share."""
    made = 0
    for place in range(nodules):
        several = min(1 + int(draws.among("0 1 2", (0.72, 0.22, 0.06))), nodules - made)
        shared = draws.normal(sd=0.6)
        for _ in range(several):
            yield f"P{place + 1:03d}", shared
        made += several
        if made == nodules:
            return


def _nodules() -> Rows:
    draws, rows = _Draws(1), Rows()
    for place, (patient, shared) in enumerate(_patients(draws, 240)):
        malignant = draws.uniform() < 0.35
        histology = draws.among("papillary follicular", (0.8, 0.2)) if malignant else "benign"
        signal = (1.9 if malignant else 0.0) - (0.7 if histology == "follicular" else 0.0)
        look = signal + 0.8 * shared + draws.normal(sd=0.9)
        network = _risk(-1.4 + 1.1 * look + draws.normal(sd=0.5))
        second = _risk(-1.1 + 0.8 * look + draws.normal(sd=1.0))
        rating = min(max(round(2.2 + 0.75 * look + draws.normal(sd=0.6)), 1), 5)
        points = min(max(round(2.5 + 1.3 * look + draws.normal(sd=0.8)), 0), 9)
        shares = {"papillary": max(look, 0.1), "follicular": max(0.9 - 0.3 * look, 0.1), "benign": max(1.8 - look, 0.1)}
        called = int(network >= 0.3)
        rows.append(
            {
                "patient_id": patient,
                "nodule_id": f"N{place + 1:03d}",
                "site": draws.among("north south east west", (0.4, 0.3, 0.2, 0.1)),
                "truth": "malignant" if malignant else "benign",
                "histology": histology,
                "network": network,
                "second_network": second,
                "radiologist": rating,
                "tirads_points": points,
                "tirads": f"TR{_LEVELS[points]}",
                "network_call": called,
                "radiologist_call": int(rating >= 4),
                **{f"p_{name}": round(share / sum(shares.values()), 3) for name, share in shares.items()},
                "verified": int(draws.uniform() < (0.95 if called else 0.4)),
                "size_mm": round(abs(draws.normal(14 + 2 * malignant, 6)) + 3, 1),
                "age": round(min(max(draws.normal(51, 13), 18), 88)),
                "sex": draws.among("f m", (0.77, 0.23)),
            }
        )
    return rows


def _readings() -> Rows:
    draws, rows = _Draws(2), Rows()
    skill = {f"R{place}": draws.normal(sd=0.25) for place in range(1, 7)}
    for case in range(1, 91):
        malignant = case % 3 == 0
        look = draws.normal(sd=0.9)
        network = _risk(-0.8 + 1.8 * malignant + 0.8 * look + draws.normal(sd=0.6))
        for reader, own in skill.items():
            for test, gain in (("unaided", 0.0), ("aided", 0.35)):
                seen = (1.5 + own + gain if malignant else 0.0) + look + draws.normal(sd=0.8)
                rating = min(max(round(35 + 22 * seen), 0), 100)
                known = {"case": f"C{case:03d}", "truth": int(malignant), "network": network}
                rows.append({"reader": reader, "test": test, **known, "rating": rating})
    return rows


def _ratings() -> Rows:
    draws, rows = _Draws(3), Rows()
    words = "solid mixed cystic spongiform"
    for place, (patient, _) in enumerate(_patients(draws, 60)):
        true = draws.among(words, (0.5, 0.25, 0.15, 0.1))
        read = {
            f"reader_{reader}": true if draws.uniform() < sure else draws.among(words, (0.4, 0.4, 0.1, 0.1))
            for reader, sure in enumerate((0.85, 0.8, 0.75, 0.7), start=1)
        }
        if place % 11 == 7:
            read["reader_4"] = ""
        rows.append({"patient_id": patient, "nodule_id": f"N{place + 1:03d}", **read})
    return rows


def _measurements() -> Rows:
    draws, rows = _Draws(4), Rows()
    for place, (patient, shared) in enumerate(_patients(draws, 60)):
        true = abs(draws.normal(15 + 2 * shared, 7)) + 4
        row: dict[str, Any] = {"patient_id": patient, "nodule_id": f"N{place + 1:03d}"}
        for reader, bias in ((1, 0.0), (2, 0.7)):
            for time in "ab":
                row[f"reader_{reader}{time}"] = round(true + bias + draws.normal(sd=0.4 + 0.03 * true), 1)
        if place % 13 == 5:
            row["reader_2b"] = ""
        rows.append(row)
    return rows


def _sites() -> Rows:
    draws, rows = _Draws(5), Rows()
    for site in range(1, 13):
        positive, negative = 20 + int(60 * draws.uniform()), 30 + int(90 * draws.uniform())
        shift = draws.normal(sd=0.35)
        sensitivity = _NORMAL.cdf(1.15 + shift + draws.normal(sd=0.2))
        specificity = _NORMAL.cdf(0.85 - 0.7 * shift + draws.normal(sd=0.2))
        tp = sum(draws.uniform() < sensitivity for _ in range(positive))
        tn = sum(draws.uniform() < specificity for _ in range(negative))
        rows.append({"site": f"site {site}", "tp": tp, "fp": negative - tn, "fn": positive - tp, "tn": tn})
    return rows


_TRIPLES = ("123", "124", "135", "146", "156", "236", "245", "256", "345", "346")
"""Readers of an image in turn: every reader has half of the images, every two share a fifth."""


def _images() -> tuple[Rows, Rows]:
    draws, marks, lesions = _Draws(6), Rows(), Rows()
    for place in range(1, 81):
        case, there = f"I{place:03d}", int(draws.among("0 1 2", (0.5, 0.4, 0.1)))
        boxes = []
        for lesion in range(1, there + 1):
            size = 30 + 60 * draws.uniform()
            left, top = 40 + 260 * (lesion - 1) + 120 * draws.uniform(), 40 + 200 * draws.uniform()
            box = {name: round(value) for name, value in _box(left, top, size).items()}
            boxes.append(box)
            lesions.append({"case": case, "patient_id": f"P{(place + 1) // 2:03d}", "lesion": lesion, **box})
        if not there:
            lesions.append({"case": case, "patient_id": f"P{(place + 1) // 2:03d}"})
        for reader, skill in (("network", 1.2), ("R1", 1.0), ("R2", 0.6)):
            for box in boxes:
                if draws.uniform() < 0.75 + 0.15 * (skill - 0.6):
                    seen = _risk(skill + draws.normal())
                    x = (box["left"] + box["right"]) / 2 + draws.normal(sd=5)
                    y = (box["top"] + box["bottom"]) / 2 + draws.normal(sd=5)
                    marks.append({"reader": reader, "case": case, "x": round(x), "y": round(y), "confidence": seen})
            while draws.uniform() < 0.3:
                seen = _risk(-0.8 + draws.normal())
                x, y = 20 + 560 * draws.uniform(), 20 + 360 * draws.uniform()
                marks.append({"reader": reader, "case": case, "x": round(x), "y": round(y), "confidence": seen})
    return marks, lesions


def _marks_in_parts() -> Rows:
    draws, rows = _Draws(7), Rows()
    boxes: dict[str, Rows] = {}
    for row in _images()[1]:
        boxes.setdefault(row["case"], []).extend([row] if "lesion" in row else [])
    skill = {reader: draws.normal(sd=0.2) for reader in "123456"}
    for place, (case, there) in enumerate(boxes.items()):
        plain = [draws.normal(sd=0.8) for _ in there]
        for reader in _TRIPLES[place % len(_TRIPLES)]:
            for modality, gain in (("B-mode", 0.0), ("with network", 0.3)):
                search = {"reader": f"R{reader}", "modality": modality, "case": case}
                found = [
                    _mark(
                        draws,
                        0.7 + skill[reader] + gain + look,
                        (box["left"] + box["right"], box["top"] + box["bottom"]),
                    )
                    for box, look in zip(there, plain, strict=True)
                    if draws.uniform() < _NORMAL.cdf(0.8 + look + gain)
                ]
                while draws.uniform() < 0.3:
                    found.append(_mark(draws, -0.8, (40 + 1120 * draws.uniform(), 40 + 720 * draws.uniform())))
                rows += [search | mark for mark in found or [{"x": "", "y": "", "confidence": ""}]]
    return rows


def _mark(draws: _Draws, sure: float, twice: tuple[float, float]) -> dict[str, Any]:
    """A mark near a place, which is given twice as far from the corner."""
    x, y = (round(side / 2 + draws.normal(sd=5)) for side in twice)
    return {"x": x, "y": y, "confidence": _risk(sure + draws.normal())}


def _box(left: float, top: float, size: float) -> dict[str, float]:
    return {"left": left, "top": top, "right": left + size, "bottom": top + 0.8 * size}


_TABLES: Final[dict[str, Callable[[], Rows]]] = {
    "nodules": _nodules,
    "readings": _readings,
    "ratings": _ratings,
    "measurements": _measurements,
    "sites": _sites,
    "marks": lambda: _images()[0],
    "lesions": lambda: _images()[1],
    "marks_in_parts": _marks_in_parts,
}
