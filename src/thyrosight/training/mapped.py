"""Objects over a memory-mapped file, sent to other processes by the file's name instead of its content."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


class MappedState:
    """A frozen dataclass with a field `store`, an array in memory or mapped from a file as a whole."""

    store: NDArray[np.uint8]

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        if isinstance(self.store, np.memmap) and self.store.filename is not None and self.store.offset == 0:
            state["store"] = (str(self.store.filename), self.store.shape)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        if isinstance(state["store"], tuple):
            name, shape = state["store"]
            state["store"] = np.memmap(name, dtype=np.uint8, mode="r", shape=shape)
        self.__dict__.update(state)
