"""Talks to the network: the only module that does."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import msgspec
import requests
import urllib3

from devsecops._version import __version__
from devsecops.errors import AdvisoryError

_TRIES = 3
_TIMEOUT = (10.0, 30.0)  # seconds to connect, and between two bytes
_TRANSIENT = frozenset({429, 500, 502, 503, 504})
_LIMIT = 64 << 20  # bytes of one answer
_CHUNK = 1 << 20
_AGENT = f"devsecops/{__version__}"


class Client:
    """A client of one service; asks again, a few times, when a failure may be passing."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
        self._session = requests.Session()
        self._session.headers["User-Agent"] = _AGENT

    def get(self, path: str) -> bytes | None:
        """The answer to GET; None where there is none (404).

        Raises:
            AdvisoryError: no answer, or another one than asked for; names the address and what came.
        """
        return self._ask("GET", path)

    def post(self, path: str, body: object) -> bytes | None:
        """The answer to POST of a JSON body; as `get`."""
        return self._ask("POST", path, json=body)

    def _ask(self, method: str, path: str, **arguments: Any) -> bytes | None:  # noqa: ANN401  # passed on
        url = f"{self.base}{path}"
        problem = ""
        for attempt in range(_TRIES):
            if attempt:
                time.sleep(2**attempt * random.uniform(0.25, 0.5))  # noqa: S311  # spreads retries, guards nothing
            try:
                with self._session.request(method, url, timeout=_TIMEOUT, stream=True, **arguments) as response:
                    if response.status_code == requests.codes.not_found:
                        return None
                    if response.ok:
                        return _body(response, url)
                    problem = f"answered {response.status_code}"
                    if response.status_code not in _TRANSIENT:
                        break
            except requests.RequestException as error:
                problem = f"did not answer: {type(error).__name__}"
        raise AdvisoryError(
            f"{url} {problem}", "check the network and the proxy, or import an archive: devsecops advisories import"
        )


def _body(response: requests.Response, url: str) -> bytes:
    data = response.raw.read(_LIMIT + 1, decode_content=True)
    if len(data) > _LIMIT:
        raise AdvisoryError(f"{url} answered with more than {_LIMIT >> 20} MiB")
    return bytes(data)


class UnansweredError(Exception):
    """No whole answer came.

    Attributes:
        passing: whether the next try may get one.
        plain: whether what answers there does not speak TLS.
    """

    def __init__(self, text: str, *, passing: bool, plain: bool = False) -> None:
        super().__init__(text)
        self.passing = passing
        self.plain = plain


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a server answers, as it comes."""

    code: int
    headers: Mapping[str, str]
    """Their names in whatever case."""
    chunks: Iterator[bytes]
    """The body as it was sent. Raises UnansweredError where it is cut off."""

    @property
    def passing(self) -> bool:
        """Whether the server may answer otherwise in a moment."""
        return self.code in _TRANSIENT

    def body(self, limit: int) -> bytes:
        """The body, or as much of it as exceeds the limit by one chunk."""
        data = bytearray()
        for chunk in self.chunks:
            data += chunk
            if len(data) > limit:
                break
        return bytes(data)


class Session:
    """Asks servers nothing but what it is told: no password of a .netrc, no cookie, no redirect that is followed."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.headers.update({"User-Agent": _AGENT, "Accept-Encoding": "identity"})
        self._session.auth = _as_it_is
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    @contextmanager
    def ask(self, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None = None) -> Iterator[Answer]:
        """The answer to GET, or to POST of a form; its body is to be read within the block.

        Raises:
            UnansweredError: none came.
        """
        try:
            response = self._session.request(
                "POST" if form else "GET",
                url,
                headers=dict(headers),
                data=form,
                timeout=_TIMEOUT,
                stream=True,
                allow_redirects=False,
            )
        except requests.exceptions.SSLError as error:
            untrusted = "CERTIFICATE_VERIFY_FAILED" in str(error)
            said = "its certificate cannot be trusted" if untrusted else "TLS with it failed"
            raise UnansweredError(said, passing=False, plain=not untrusted) from None
        except (requests.ConnectionError, requests.Timeout) as error:
            raise UnansweredError(_said(error), passing=not _is_final(error)) from None
        except (requests.RequestException, ValueError) as error:
            raise UnansweredError(f"it cannot be asked: {type(error).__name__}", passing=False) from None
        with response:
            yield Answer(code=response.status_code, headers=response.headers, chunks=_chunks(response))


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _chunks(response: requests.Response) -> Iterator[bytes]:
    try:
        yield from response.raw.stream(_CHUNK, decode_content=False)
    except (urllib3.exceptions.HTTPError, OSError) as error:
        silent = isinstance(error, urllib3.exceptions.ReadTimeoutError)
        said = f"nothing more came for {_TIMEOUT[1]:.0f} s" if silent else "the answer was cut off"
        raise UnansweredError(said, passing=True) from None


def _said(error: Exception) -> str:
    text = str(error)
    if isinstance(error, requests.Timeout) or "timed out" in text:
        return "it does not answer"
    if "Connection refused" in text:
        return "nothing listens there"
    return "there is no such host" if _is_final(error) else "the connection broke"


def _is_final(error: Exception) -> bool:
    """Whether a failure to connect is none that passes in seconds."""
    return any(word in str(error) for word in ("NameResolution", "getaddrinfo", "Connection refused"))
