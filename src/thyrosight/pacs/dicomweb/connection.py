"""Requests to an archive over HTTP: logins, certificates, repetition, limits, and its refusals in words."""

import json
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.util.retry import Retry

from thyrosight.pacs.dicomweb.login import Login
from thyrosight.pacs.uids import DicomError

_LARGEST_JSON = 64 * 2**20
_TEMPORARY: Final = (429, 502, 503, 504)
_REFUSALS: Final = {
    401: "the archive wants a login: give --user (the password at the prompt or in THYROSIGHT_PASSWORD), --token, or "
    "--tls-cert with --tls-key; every command also takes THYROSIGHT_USER with THYROSIGHT_PASSWORD, THYROSIGHT_TOKEN, "
    "or what .netrc holds for the host",
    403: "this login may not do that; ask the archive's administrator",
    404: "the archive does not know it; check the address and the identifiers",
    413: "the archive refuses objects of that size",
}


class UnreachableError(DicomError):
    """An archive that is not there, is too busy, or asks for a login: nothing is said about what was asked for."""


class HttpConnection:
    """Requests to one archive; see `DicomWeb`, which says what the arguments are.

    Raises:
        DicomError: the address is not one of http or https, or holds a login.
    """

    def __init__(
        self, url: str, *, login: Login, verify: bool | str, timeout: tuple[float, float], retries: int
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise DicomError(f"{url!r} is not the address of a DICOMweb archive; write https://HOST/dicom-web.")
        if parts.username is not None:
            raise DicomError(
                f"The address of {parts.hostname} holds a login, which would end up in logs; give it separately."
            )
        self.url, self._timeout = url.rstrip("/"), timeout
        self._session = requests.Session()
        self._session.verify = verify
        self._session.cert = login.certificate
        if login.token:
            self._session.auth = _Bearer(login.token)
        elif login.user:
            self._session.auth = (login.user, login.password)
        # Storing again what was stored is harmless (same identifier, same bytes), so that POST may be repeated too.
        retry = Retry(
            total=retries, backoff_factor=0.3, backoff_max=20, status_forcelist=_TEMPORARY, allowed_methods=None,
            raise_on_status=False, respect_retry_after_header=False,
        )  # fmt: skip
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=retry))

    def json(self, path: str, parameters: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        """The list that a search answers."""
        headers = {"Accept": "application/dicom+json"}
        with self.request("GET", path, headers=headers, params=list(parameters)) as answer:
            if answer.status_code == 204:
                return []
            if answer.status_code != 200:
                raise self.refusal(answer)
            found = self.body_as_json(answer)
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise DicomError(f"{self.url}: the answer to a search is not a list in DICOM JSON; check the address.")
        return found

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send a request; the body of the answer is not read yet.

        Raises:
            UnreachableError: no answer.
            DicomError: a certificate file cannot be used.
        """
        try:
            return self._session.request(method, self.url + path, timeout=self._timeout, stream=True, **options)
        except requests.RequestException as error:
            raise self.unreachable(error) from error
        except OSError as error:
            raise DicomError(f"{self.url}: a certificate file cannot be used ({error}); check the path.") from error

    def body_as_json(self, answer: requests.Response) -> Any:
        """The body of an answer, bounded in size."""
        body = bytearray()
        try:
            for chunk in answer.iter_content(2**16):
                body += chunk
                if len(body) > _LARGEST_JSON:
                    raise DicomError(
                        f"{self.url}: an answer has more than {_LARGEST_JSON >> 20} MB; narrow the search."
                    )
            return json.loads(body or b"{}")
        except requests.RequestException as error:
            raise self.unreachable(error) from error
        except (ValueError, RecursionError) as error:
            raise DicomError(f"{self.url}: the answer is not JSON; check that this is a DICOMweb address.") from error

    def refusal(self, answer: requests.Response) -> DicomError:
        """The error for a status that says no."""
        reason = _REFUSALS.get(answer.status_code, f"the archive answers {answer.status_code} {answer.reason}")
        kind = UnreachableError if answer.status_code in (401, 403, *_TEMPORARY) else DicomError
        where = answer.url.partition("?")[0]  # what was searched for may name a patient
        return kind(f"{answer.request.method} {where}: {reason}.")

    def unreachable(self, error: requests.RequestException) -> UnreachableError:
        """The error for an answer that never came."""
        if isinstance(error, requests.exceptions.SSLError):
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                return UnreachableError(
                    f"{self.url}: the archive's certificate is not trusted; give the file of the authority that issued "
                    "it, --tls-ca."
                )
            return UnreachableError(
                f"{self.url}: the connection cannot be encrypted; if the archive wants a client certificate, give "
                "--tls-cert and --tls-key."
            )
        if isinstance(error, requests.TooManyRedirects):
            return UnreachableError(f"{self.url}: the archive passes each request on without end; check the address.")
        if isinstance(error, requests.Timeout):
            return UnreachableError(f"{self.url}: the archive did not answer in time; try again later.")
        return UnreachableError(f"{self.url}: the archive cannot be reached; check the address and that it is running.")


class _Bearer(AuthBase):
    """A bearer token, which an entry in .netrc does not replace."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request
