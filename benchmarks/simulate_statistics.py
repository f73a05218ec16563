"""Do the intervals cover and do the tests err as they should? `python benchmarks/simulate_statistics.py [--scale 0.1]`.

Draws samples whose truth is known, analyses each with the package's own functions, and writes the table of
docs/reference/statistics-simulations.md. Seeds are fixed. Settings that the page holds are not measured again without
`--again`; all of them together take about two hours of processor time. Ctrl-C goes on to the next table; what was
measured is written.
"""

import argparse
import platform
import sys
from pathlib import Path

import numpy as np
import scipy

sys.path.insert(0, str(Path(__file__).parent))

from simulation import agreement, areas, associations, designs, marks, planned, rates, readers, risks, sites
from simulation.experiment import rows_of_page, run_all, table

_PAGE = Path(__file__).parents[1] / "docs" / "reference" / "statistics-simulations.md"
_HEAD = """# Do the intervals cover, and do the tests err as they should?

Each row draws samples from a population whose truth is known, analyses every sample with the function that a study
would call, and counts how often the 95 % interval held the truth, or how often the test at 5 % rejected a true
hypothesis. The rate carries its Monte Carlo standard error. *As promised* is 93.5 % to 96.5 % (tests: 3.5 % to 6.5 %).
*Cautious* errs on the safe side, *fails* on the other. Where theory does not promise the nominal rate, or a method is
shown to warn against it, the verdict gives the reason; **bold** marks a rate that theory would have promised. Where the
error of the rate is above 0.75 points, a rate that chance alone may have moved there gets no verdict.

Written by `python benchmarks/simulate_statistics.py` (numpy {numpy}, scipy {scipy}, Python {python}). The last column
tells when a setting was run, with which `--scale` (share of its replicates), and how long it took on one shared core;
settings that are there are not run again without `--again`. Those of 2026-11-21 were timed together (48 minutes), and
so were those of 2026-11-29 with `--scale 0.5` (14 minutes). Seeds are fixed, and a row depends on its setting alone, so
that `--only WORDS` repeats it without the rest.

What follows for a study: give `--cluster` (or `cluster=`) wherever a patient has several nodules, because every method
without it falls far short. Keep the default logit interval of an AUC and the Wilson or GEE interval of a proportion.
Read Wald intervals, and bootstrap intervals of proportions, as somewhat too narrow in small samples and near 1. Take
readers as random if the claim is about readers at large. Hold an ICI against that of a perfectly calibrated model of
the same size, since chance alone makes it positive. Correct for verification before quoting the sensitivity of verified
nodules, and never add up the counts of several sites.

Not simulated: intervals of operating points, of biopsies avoided, of the expected calibration error and of means over
repeated divisions; the jackknife and unbiased covariances of reader studies and cases nested in readers or tests;
Fisher's test of tables drawn at random.
"""


def main() -> None:
    """Run the simulations that the page does not hold and write it, or only print those that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1.0, help="share of the replicates of new settings")
    parser.add_argument("--only", default="", help="run the settings whose words hold this; nothing is written")
    parser.add_argument("--again", action="store_true", help="measure the settings anew that the page already holds")
    arguments = parser.parse_args()
    page = _PAGE.read_text(encoding="utf-8") if _PAGE.exists() else ""
    known = {} if arguments.again or arguments.only else rows_of_page(page)
    modules = (areas, rates, readers, designs, agreement, sites, marks, associations, risks, planned)

    def chosen(name: str) -> list:
        found = [experiment for module in modules for experiment in getattr(module, name, [])]
        return [experiment for experiment in found if arguments.only in experiment.setting]

    intervals = run_all(chosen("INTERVALS"), scale=arguments.scale, known=known)
    tests = run_all(chosen("TESTS"), scale=arguments.scale, known=known)
    plans = run_all(chosen("PLANS"), scale=arguments.scale, known=known)
    proportions = rates.proportions() if not arguments.only else []
    head = _HEAD.format(
        numpy=np.__version__,
        scipy=scipy.__version__,
        python=platform.python_version(),
    )
    parts = [
        head,
        "## Intervals: coverage, promised 95 %\n",
        table(proportions + intervals),
        "\n## Tests: rejections of a true hypothesis, promised 5 %\n",
        table(tests),
        "\n## Plans: power reached with the planned numbers, promised within 3 points\n",
        table(plans),
    ]
    page = "\n".join(parts) + "\n"
    if not arguments.only:
        _PAGE.write_text(page, encoding="utf-8")
        print(f"Wrote {_PAGE}")
    else:
        print(page)


if __name__ == "__main__":
    main()
