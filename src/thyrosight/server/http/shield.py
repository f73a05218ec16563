"""Checks before every route: the prefix of a proxy, the host's name, a limit of bodies, and headers."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from thyrosight.server.http.failures import answer
from thyrosight.server.sentences import answering, in_language, language_of
from thyrosight.server.settings import ServerSettings, is_loopback

_LARGEST_BODY: Final = 2 * 2**20
"""Bytes of a body, except those of uploaded files."""
_TOO_LARGE: Final = f"The body is larger than {_LARGEST_BODY >> 20} MB."
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",  # frames that a page fetched
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), usb=(), payment=()",
}


class Shield:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, *, settings: ServerSettings) -> None:
        self._app, self._settings = app, settings
        # A page of another site can give its own name this machine's address; its requests then name that site.
        self._own_hosts_only = is_loopback(settings.host) and not settings.behind_proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = self._with_prefix(scope)
        protected, language = self._protected(send), language_of(HTTPConnection(scope))
        unlimited = scope["method"] == "PUT" and "/uploads/" in scope["path"]
        status, sentence = self._refusal(scope, unlimited=unlimited)
        if sentence:
            await answer(status, in_language(sentence, language))(scope, receive, protected)
            return
        with answering(language):
            await self._app(scope, receive if unlimited else _limited(receive), protected)

    def _refusal(self, scope: Scope, *, unlimited: bool) -> tuple[int, str]:
        """Why a request goes no further: a status and a sentence; "" where it does."""
        if self._own_hosts_only and not _is_own_host(scope):
            return 421, "The workstation is reached as http://127.0.0.1 or http://localhost."
        if "\0" in scope["path"] or b"%00" in scope["query_string"] or b"\0" in scope["query_string"]:
            return 422, "The address cannot be used: it holds the character NUL."
        if not unlimited and _stated_length(scope) > _LARGEST_BODY:
            return 413, _TOO_LARGE
        return 200, ""

    def _with_prefix(self, scope: Scope) -> Scope:
        """Proxies may strip the prefix or leave it: either way the application sees both parts."""
        prefix = self._settings.prefix
        if not prefix:
            return scope
        path = scope["path"]
        if path != prefix and not path.startswith(prefix + "/"):
            path = prefix + path
        return {**scope, "root_path": prefix, "path": path, "raw_path": path.encode("utf-8", "surrogateescape")}

    def _protected(self, send: Send) -> Send:
        encrypted = self._settings.encrypted

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
                if encrypted:
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        return with_headers


def _is_own_host(scope: Scope) -> bool:
    named = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
    host = named.rsplit(":", 1)[0] if not named.endswith("]") else named
    return is_loopback(host.strip("[]"))


def _stated_length(scope: Scope) -> int:
    stated = dict(scope["headers"]).get(b"content-length", b"0")
    return int(stated) if stated.isdigit() else 0


def _limited(receive: Receive) -> Receive:
    """Bodies that state no length are counted as they come."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > _LARGEST_BODY:
            raise HTTPException(413, _TOO_LARGE)  # the framework lets this kind through while it reads a body
        return message

    return counted
