"""Roles of users: each route names the roles that it is for."""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """A role; an account may have several.

    Administrator: accounts, models, peers, backups. Clinician: studies with names, opinions, reports. Researcher: the
    same studies under codes, without names. Reader: the reading room of reader studies alone. Auditor: the audit trail.
    """

    ADMINISTRATOR = "administrator"
    CLINICIAN = "clinician"
    RESEARCHER = "researcher"
    READER = "reader"
    AUDITOR = "auditor"


EVERY_ROLE: Final = frozenset(Role)
SEES_NAMES: Final = frozenset({Role.CLINICIAN})
"""Roles that see names, birth dates and the text burnt into images; all others see codes and blanked pictures."""
