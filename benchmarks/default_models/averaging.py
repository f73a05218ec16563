"""Average the weights of runs that began from the same weights, and hand a model on as float16 with its record.

    python -m default_models.averaging OUT RUN [RUN ...]             (a run of its own, to be measured)
    python -m default_models.averaging --half OUT.safetensors RUN    (float16, with OUT.json beside it)

Source of the average: Wortsman and colleagues, "Model soups", ICML 2022.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from thyrosight.files import sha256_of_file

Weights = dict[str, torch.Tensor]


def average(runs: list[Path]) -> Weights:
    """The mean of each tensor over runs; counters are taken from the first."""
    states = [load_file(run / "weights.safetensors") for run in runs]
    return {
        name: torch.stack([state[name] for state in states]).mean(dim=0) if value.is_floating_point() else value
        for name, value in states[0].items()
    }


def store_average(out: Path, runs: list[Path]) -> None:
    """Write the averaged weights as a run, with the options of the first and the names of all."""
    out.mkdir(parents=True, exist_ok=True)
    save_file(average(runs), out / "weights.safetensors")
    options = (runs[0] / "options.json").read_text(encoding="utf-8")
    (out / "options.json").write_text(options, encoding="utf-8")
    (out / "averaged.json").write_text(json.dumps([run.name for run in runs]), encoding="utf-8")


def store_half(out: Path, run: Path) -> None:
    """Write the weights of a run as float16, and a record of options and SHA-256 beside them."""
    state = load_file(run / "weights.safetensors")
    save_file({name: value.half() if value.is_floating_point() else value for name, value in state.items()}, out)
    record = {"run": run.name, "options": json.loads((run / "options.json").read_text(encoding="utf-8"))}
    if (run / "averaged.json").is_file():
        record["averaged"] = json.loads((run / "averaged.json").read_text(encoding="utf-8"))
    record["sha256"] = sha256_of_file(out)
    out.with_suffix(".json").write_text(json.dumps(record, indent=1), encoding="utf-8")


def main(*arguments: str) -> None:
    """Average runs, or hand one on."""
    if arguments[0] == "--half":
        store_half(Path(arguments[1]), Path(arguments[2]))
    else:
        store_average(Path(arguments[0]), [Path(run) for run in arguments[1:]])


if __name__ == "__main__":
    main(*sys.argv[1:])
