"""Do the intervals of a reader study's report hold what was put into simulated readers?

    python benchmarks/simulate_reader_studies.py [--studies 400] [--readers 6] [--design sequential]
    python benchmarks/simulate_reader_studies.py --marks [--studies 1000] [--patients 60] [--only WORDS]

Each study draws its readers anew from a population whose mean areas are known, lets them read 90 cases (30 malignant)
without a model and with it, and analyses the table as the report does. Intervals for readers like these are held
against the means of the population, those for these readers alone against the means of the readers drawn. With
`--marks` readers mark lesions in images of which each searched all or some, with two tests that are equal in the
population (and, in a second run, for each reader). Seeds are fixed. Prints rows of docs/results/reader-study.md.
"""

import argparse
import math
import sys
from pathlib import Path

import numpy as np

from thyrosight.readings import Reader, parse_protocol
from thyrosight.readings.simulated import Simulation, Skill, simulated_cases, simulated_readings
from thyrosight.statistics import compare_readers

sys.path.insert(0, str(Path(__file__).parent))

from simulation import searches

PROTOCOL = """
title: Coverage
seed: 1
design: sequential
arms: [{name: unaided}, {name: aided, model: risk}]
questions: [{key: score, kind: score}]
main_question: score
"""
AREA, GAIN = (0.80, 0.04), (0.04, 0.02)
"""Mean and standard deviation, over readers, of the area without the model and of what the model adds."""
CASES, MALIGNANT = 90, 30
WHAT = ("AUC without the model", "AUC with the model", "their difference")


def drawn_readers(generator: np.random.Generator, readers: int) -> dict[Reader, Skill]:
    """Readers from the population."""
    skills = zip(generator.normal(*AREA, readers), generator.normal(*GAIN, readers), strict=True)
    return {Reader(f"R{place}"): Skill(auc=auc, gain=gain) for place, (auc, gain) in enumerate(skills)}


def held(design: str, readers: int, seed: int) -> dict[str, list[bool]]:
    """Whether the three intervals of one study hold what was put in, for either way of taking readers."""
    protocol = parse_protocol(parse_protocol(PROTOCOL).to_json() | {"design": design, "seed": seed})
    skills = drawn_readers(np.random.default_rng([20, seed]), readers)
    cases = simulated_cases(CASES, malignant=MALIGNANT)
    rows = simulated_readings(protocol, cases, skills, simulation=Simulation(seed=seed))
    table = {name: [row[name] for row in rows] for name in ("reader", "arm", "case", "truth", "score")}
    own = (float(np.mean([one.auc for one in skills.values()])), float(np.mean([one.gain for one in skills.values()])))
    found = {}
    for effect, (area, gain) in {"random": (AREA[0], GAIN[0]), "fixed": own}.items():
        result = compare_readers(
            table, test="arm", reader="reader", case="case", truth="truth", rating="score", readers=effect
        )
        means = dict(zip(result.tests, result.test_estimates, strict=True))
        apart = result.differences[0]
        sign = 1 if apart.test_a == "aided" else -1
        given = ((means["unaided"], area), (means["aided"], area + gain), (apart.estimate, sign * gain))
        found[effect] = [bool(estimate.low <= value <= estimate.high) for estimate, value in given]
    return found


def print_marks(studies: int, patients: int, only: str) -> None:
    """Simulate marks in each design, and print what was held and rejected."""
    for design in searches.DESIGNS:
        if only not in design:
            continue
        for of_tests in (searches.OF_TESTS, 0.0):
            generator = np.random.default_rng([20, patients, *design.encode()])
            every = [searches.outcome(generator, design, patients=patients, of_tests=of_tests) for _ in range(studies)]
            like = "readers respond to tests" if of_tests else "tests alike for each reader"
            for what in every[0]:
                known = [bool(one[what]) for one in every if one[what] is not None]
                rate = float(np.mean(known)) if known else math.nan
                error = math.sqrt(rate * (1 - rate) / max(1, len(known)))
                without = f" ({studies - len(known)} without)" if len(known) < studies else ""
                row = f"{design} | {like} | {what} | {100 * rate:.1f} % ± {100 * error:.1f}{without}"
                print(f"| {row} |", flush=True)


def main() -> None:
    """Simulate, and print a row for each interval."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=400)
    parser.add_argument("--readers", type=int, default=6)
    parser.add_argument("--design", default="sequential", choices=["sequential", "independent"])
    parser.add_argument("--marks", action="store_true", help="readers who mark lesions")
    parser.add_argument("--patients", type=int, default=60, help="with --marks: half of them with lesions")
    parser.add_argument("--only", default="", help="with --marks: designs whose words hold this")
    asked = parser.parse_args()
    if asked.marks:
        print_marks(asked.studies, asked.patients, asked.only)
        return
    every = [held(asked.design, asked.readers, seed) for seed in range(asked.studies)]
    print(f"{asked.design}, {asked.studies} studies of {asked.readers} readers x {CASES} cases")
    for effect, words in (("random", "readers like these"), ("fixed", "these readers alone")):
        for place, what in enumerate(WHAT):
            rate = float(np.mean([one[effect][place] for one in every]))
            error = math.sqrt(rate * (1 - rate) / asked.studies)
            print(f"| {words} | {what} | {100 * rate:.1f} % ± {100 * error:.1f} |")


if __name__ == "__main__":
    main()
