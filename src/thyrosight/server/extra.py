"""A clear error for missing optional packages, before anything of this room is used."""

from importlib.util import find_spec

from thyrosight.errors import ThyroSightError

_PACKAGES = (
    "alembic",
    "argon2",
    "babel",
    "fastapi",
    "fontpkg_ibm_plex_sans",
    "lucide",
    "prometheus_client",
    "python_multipart",
    "sqlalchemy",
    "uvicorn",
)


def require_packages() -> None:
    """Raise a ThyroSightError that names the missing packages and how to install them, if any is missing."""
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise ThyroSightError(
            f"The workstation needs {', '.join(missing)}; install them with pip install 'thyrosight[server]'."
        )
