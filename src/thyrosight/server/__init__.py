"""The workstation: a web server with studies, a second reader and reports. For research use only."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use
from thyrosight.server.extra import require_packages

require_packages()

if TYPE_CHECKING:
    from thyrosight.server.app import create_app
    from thyrosight.server.services import Services, open_services
    from thyrosight.server.settings import ServerSettings
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = ["ServerSettings", "Services", "create_app", "open_services"]
