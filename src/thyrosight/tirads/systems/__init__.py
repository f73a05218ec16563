"""The systems, one file each: plain data tables with their sources."""

from thyrosight.tirads.systems.registry import find_system, systems

__all__ = ["find_system", "systems"]
