"""All systems by name."""

import difflib
from functools import lru_cache

from thyrosight.tirads.lexicon import TiradsError
from thyrosight.tirads.system import System
from thyrosight.tirads.systems.acr2017 import ACR_2017
from thyrosight.tirads.systems.ai2019 import AI_2019
from thyrosight.tirads.systems.ata2015 import ATA_2015
from thyrosight.tirads.systems.ctirads2020 import C_2020
from thyrosight.tirads.systems.eu2017 import EU_2017
from thyrosight.tirads.systems.ktirads import KTIRADS_2016, KTIRADS_2021
from thyrosight.tirads.systems.kwak2011 import KWAK_2011

_ALL = (KWAK_2011, ATA_2015, KTIRADS_2016, ACR_2017, EU_2017, AI_2019, C_2020, KTIRADS_2021)


def systems() -> dict[str, System]:
    """Every system by its key, oldest first."""
    return {system.key: system for system in _ALL}


@lru_cache(maxsize=256)  # asked for every nodule
def find_system(name: str) -> System:
    """The system of that key or alias; upper and lower case, spaces and hyphens do not matter.

    Raises:
        TiradsError: there is no such system, or the name fits two editions.

    >>> find_system("ACR").title, find_system("k-tirads 2021").key
    ('ACR TI-RADS 2017', 'k-tirads-2021')
    """
    wanted = _plain(name)
    for system in _ALL:
        if wanted in {_plain(known) for known in (system.key, system.title, *system.aliases)}:
            return system
    editions = [system.key for system in _ALL if wanted and _plain(system.key).startswith(wanted)]
    if len(editions) > 1:
        raise TiradsError(f"{name!r} has several editions; choose {' or '.join(editions)}.")
    keys = list(systems())
    near = difflib.get_close_matches(name.casefold(), keys, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]}?" if near else "."
    raise TiradsError(f"There is no system {name!r}; the systems are {', '.join(keys)}{hint}")


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
