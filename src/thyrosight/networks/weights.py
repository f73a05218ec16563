"""Weights on disk: read without running code from the file, matched with care, written whole or not at all."""

import pickle
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

import safetensors
import torch
from safetensors.torch import load, save_file
from torch import nn

from thyrosight.errors import NetworkError
from thyrosight.files import write_atomically

State = dict[str, torch.Tensor]


def save_weights(network: nn.Module, path: Path | str) -> None:
    """Write all parameters and buffers as safetensors; the same weights give the same bytes.

    Where every parameter is a number that 16 bits hold (see `round_to_16_bits`), they are stored so: the file is half
    as large, and `load_weights` gives back the very same numbers. Buffers, the statistics of batch normalisation, stay
    as they are.

    Raises:
        OutputError: the file cannot be written.
    """
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
    if fits_in_16_bits(network):
        state |= {name: state[name].half() for name, _ in network.named_parameters(remove_duplicate=False)}
    save_state(state, path)


def save_state(state: State, path: Path | str) -> None:
    """Write tensors by their names, as they are.

    Raises:
        OutputError: the file cannot be written.
    """
    with write_atomically(path) as temporary:
        try:
            save_file(state, temporary)
        except safetensors.SafetensorError as error:
            # The library hides the system's error in its text; a full disk is what it means in practice.
            raise OSError(_system_error_number(error), "cannot write the weights", str(temporary)) from error


def round_to_16_bits(network: nn.Module) -> None:
    """Round every parameter to the nearest number that 16 bits (float16) hold; it stays of 32 bits in memory.

    Raises:
        NetworkError: a parameter is larger than 16 bits can hold.
    """
    for name, values in network.named_parameters():
        rounded = values.detach().half().float()
        if not rounded.isfinite().all():
            raise NetworkError(f"The weights {name} hold numbers that 16 bits cannot; keep this network in 32 bits.")
        values.data.copy_(rounded)


def fits_in_16_bits(network: nn.Module) -> bool:
    """Whether every parameter is a number that 16 bits (float16) hold."""
    return all(torch.equal(values, values.half().float()) for values in network.parameters())


def load_weights(network: nn.Module, path: Path | str) -> None:
    """Load a file of `save_weights` into a network of the same structure.

    Raises:
        NetworkError: the file is missing or damaged, or belongs to another structure.
    """
    problem = _mismatch(state := read_state(path), network.state_dict())
    if problem:
        raise NetworkError(f"The weights in {path} do not fit this network: {problem}; check the architecture.")
    network.load_state_dict(state)


def load_pretrained(network: nn.Module, path: Path | str, *, heads: tuple[str, ...]) -> None:
    """Load weights as a start for training: everything must fit except the heads, which may have other classes.

    A head of the same shape is loaded too, so that training can continue from a network of one's own. Heads that only
    the file has (a decoder, where the network draws no masks) are left out. A file that holds the same
    tensors in the same order under other names is accepted: converted weights often are stored that way.

    Raises:
        NetworkError: the file is missing or damaged, holds code, or belongs to another architecture.
    """
    own = network.state_dict()
    given = _rename(read_state(path), own)
    in_head = {name for name in own | given if any(name.startswith(f"{head}.") for head in heads)}
    given = {name: tensor for name, tensor in given.items() if name in own or name not in in_head}
    changed = {name for name in in_head & own.keys() if name not in given or given[name].shape != own[name].shape}
    kept = {name: tensor for name, tensor in given.items() if name not in changed}
    problem = _mismatch(kept, {name: tensor for name, tensor in own.items() if name not in changed})
    if problem:
        raise NetworkError(f"The weights in {path} are not those of this architecture: {problem}; name the right file.")
    network.load_state_dict(own | kept)


def read_state(path: Path | str) -> State:
    """Read a safetensors file, or a state dictionary saved by torch, without running code from it.

    Raises:
        NetworkError: no such file, damaged, or a pickle that holds more than tensors.
    """
    path = Path(path)
    if not path.is_file():
        raise NetworkError(f"The weights file {path} does not exist; check the path.")
    try:
        if path.suffix == ".safetensors":
            return load(path.read_bytes())  # safetensors 0.8 never frees the names that it reads from an open file
        with warnings.catch_warnings(action="ignore"):  # a remark on the version of a pickle helps no user
            content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if not zipfile.is_zipfile(path):
            raise NetworkError(_damaged(path)) from error
        raise NetworkError(
            f"The weights file {path} holds more than tensors and could run code, so it was not opened; save the "
            "network's state_dict alone, best as safetensors."
        ) from error
    except PermissionError as error:
        raise NetworkError(
            f"There is no permission to read the weights file {path}; change it or copy the file."
        ) from error
    except (safetensors.SafetensorError, RuntimeError, EOFError, ValueError, OSError) as error:
        raise NetworkError(_damaged(path)) from error
    return _state_within(content, path)


def _damaged(path: Path) -> str:
    return f"The weights file {path} is damaged or is not a weights file; copy or download it again."


def _state_within(content: object, path: Path) -> State:
    """The tensors by name, also where they are wrapped as most training programs do."""
    if isinstance(content, Mapping):
        for key in ("state_dict", "network", "model"):
            if isinstance(content.get(key), Mapping):
                content = content[key]
                break
    if not isinstance(content, Mapping) or not content:
        raise NetworkError(f"The weights file {path} holds no tensors by name; save the network's state_dict.")
    if not all(isinstance(name, str) and isinstance(tensor, torch.Tensor) for name, tensor in content.items()):
        raise NetworkError(f"The weights file {path} holds more than tensors; save the network's state_dict alone.")
    return {str(name).removeprefix("module."): tensor for name, tensor in content.items()}


def _rename(given: State, own: State) -> State:
    """Give the tensors the network's names where they differ but number, order and shapes (heads aside) agree."""
    if not given.keys().isdisjoint(own.keys()) or len(given) != len(own):
        return given
    pairs = list(zip(given.values(), own.values(), strict=True))
    different = sum(theirs.shape != ours.shape for theirs, ours in pairs)
    # A head has at most a weight and a bias.
    return dict(zip(own, given.values(), strict=True)) if different <= 2 else given


def _mismatch(given: State, expected: State) -> str | None:
    """The first mismatch in words, or None."""
    missing = sorted(expected.keys() - given.keys())
    surplus = sorted(given.keys() - expected.keys())
    if missing:
        return f"{len(missing)} tensors are missing, for example {missing[0]}"
    if surplus:
        return f"{len(surplus)} tensors are not part of it, for example {surplus[0]}"
    for name, tensor in expected.items():
        if given[name].shape != tensor.shape:
            return f"{name} has shape {tuple(given[name].shape)} instead of {tuple(tensor.shape)}"
    return None


def _system_error_number(error: Exception) -> int | None:
    import re

    found = re.search(r"os error (\d+)", str(error))
    return int(found.group(1)) if found else None
