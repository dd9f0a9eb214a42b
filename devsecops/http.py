"""Talks to the network: the only module that does."""

from __future__ import annotations

import random
import time
from typing import Any

import requests

from devsecops._version import __version__
from devsecops.errors import AdvisoryError

_TRIES = 3
_TIMEOUT = (10.0, 30.0)  # seconds to connect, and between two bytes
_TRANSIENT = frozenset({429, 500, 502, 503, 504})
_LIMIT = 64 << 20  # bytes of one answer


class Client:
    """A client of one service; asks again, a few times, when a failure may be passing."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"devsecops/{__version__}"

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
