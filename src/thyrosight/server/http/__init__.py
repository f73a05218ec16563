"""Parts of every route: its callers, bodies and answers, errors, and headers that protect the browser."""

from thyrosight.server.http.access import COOKIE, Allowed, Caller, address_of, allow, services_of
from thyrosight.server.http.documented import document_errors
from thyrosight.server.http.failures import install_handlers
from thyrosight.server.http.schema import Answer, Body, Id
from thyrosight.server.http.shield import Shield

__all__ = [
    "COOKIE",
    "Allowed",
    "Answer",
    "Body",
    "Caller",
    "Id",
    "Shield",
    "address_of",
    "allow",
    "document_errors",
    "install_handlers",
    "services_of",
]
