"""Finds the Docker daemon, and says why it was not to be had."""

from __future__ import annotations

import os
import re
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import docker
import msgspec
import requests
from docker.context import ContextAPI
from docker.context.config import get_context_dir
from docker.errors import APIError, DockerException
from docker.utils import kwargs_from_env

from devsecops.containers.patience import SILENCE
from devsecops.errors import DockerError
from devsecops.text import mask, mask_urls, one_line, shorten

_SYSTEM = "unix:///var/run/docker.sock"
_NO_CONTEXT = "there is no such context"
_GREETING = 10  # seconds in which a daemon says who it is
_ANSWER = 60  # seconds for any other answer
_FAULTS = (
    (r"FileNotFoundError|NotADirectory|No such file", "there is no socket", "start Docker, or set DOCKER_HOST"),
    (r"onnection ?[Rr]efused", "nothing listens there", "start Docker, or set DOCKER_HOST"),
    (
        r"PermissionError|Permission denied",
        "this user may not use the socket",
        "add the user to the group docker, or use rootless Docker",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|certificate verify failed|doesn't match|IP address mismatch",
        "its certificate cannot be trusted",
        "DOCKER_CERT_PATH must name the folder with the ca.pem that signed it",
    ),
    (r"HTTP request to an HTTPS server", "it wants TLS", "set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH"),
    (r"client_cert|ca_cert", "a certificate for it is missing", "DOCKER_CERT_PATH needs ca.pem, cert.pem and key.pem"),
    (r"SSLError|ssl\.c|\[SSL", "TLS with it failed", "see DOCKER_TLS_VERIFY and DOCKER_CERT_PATH"),
    (r"no longer supported|is too old|InvalidVersion", "its API is too old", "update Docker"),
    (
        r"ApiVersion|JSONDecodeError|Expecting value|404 Client Error",
        "what answers there is no Docker daemon",
        "see DOCKER_HOST",
    ),
    (r"[Tt]imed? ?out", "it does not answer", "see whether the daemon hangs"),
    (r"[Nn]ame or service|getaddrinfo|NameResolution", "there is no such host", "see DOCKER_HOST"),
    (
        r"Credentials store error",
        "the program that Docker's configuration gets credentials from failed",
        "see credsStore and credHelpers in its config.json",
    ),
    (r"paramiko", "ssh needs the Python package paramiko", "pip install paramiko"),
    (r"[Bb]ind address|Port could not be cast|protocol is not", "it is no address of a daemon", "see DOCKER_HOST"),
)
"""What the SDK's exceptions hold, what that means, and what to do (docker 7.2, each tried)."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """A place where a daemon could have been, and why it was not."""

    address: str
    origin: str
    """Why it was looked for there."""
    problem: str
    hint: str
    absent: bool = False
    """Whether nobody has named the place, and nothing is there: no daemon is meant."""


class _Place(msgspec.Struct, frozen=True, kw_only=True):
    address: str
    origin: str
    options: Mapping[str, Any] = {}
    problem: str = ""
    usual: bool = False
    """Whether it is looked for there although nobody has named the place."""


class Client(docker.APIClient):
    """The SDK's client, in which no request waits for ever: pulls have no limit of their own in the SDK."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  # passed on
        """Ask the daemon for its version, as the SDK does."""
        self._open = threading.local()
        try:
            super().__init__(**options)
        except BaseException:
            self.close()
            raise

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # noqa: ANN401  # passed on
        """Send a request; the daemon's certificate is checked as was said for it, not as for other servers."""
        options["verify"] = self.verify  # else REQUESTS_CA_BUNDLE outranks DOCKER_CERT_PATH
        options["timeout"] = SILENCE if options.get("stream") else options.get("timeout") or self.timeout
        response = super().send(request, **options)
        if options.get("stream"):
            self._open.response = response
        return response

    def hang_up(self) -> None:
        """End what this thread reads of a stream: the SDK keeps the connection, and the daemon goes on sending."""
        response: requests.Response | None = self._open.__dict__.pop("response", None)
        if response is not None:
            response.close()


class Daemon:
    """A Docker daemon that answers."""

    def __init__(self, client: Client, address: str, origin: str) -> None:
        self.client = client
        self.address = _shown(address)
        self.origin = origin
        """Why it was looked for there."""
        about = client.version()
        self.version = one_line(str(about.get("Version", "")))
        self.api = one_line(str(about.get("ApiVersion", "")))
        self.platform = one_line(f"{about.get('Os', '')}/{about.get('Arch', '')}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()


def find(env: Mapping[str, str] = os.environ) -> tuple[Daemon | None, tuple[Attempt, ...]]:
    """The daemon, if there is one, and the attempts before it that failed.

    What the user names, by DOCKER_HOST or by a Docker context, is the only place then: a name means another image in
    another daemon. Otherwise: the socket of the system, that of rootless Docker, that of Podman.
    """
    attempts: list[Attempt] = []
    for place in _places(env):
        try:
            return _opened(place), tuple(attempts)
        except (DockerException, requests.RequestException, OSError, ValueError) as error:
            problem, hint = explained(error)
            absent = place.usual and isinstance(error, FileNotFoundError | NotADirectoryError)
            shown = _shown(place.address)
            attempts.append(Attempt(address=shown, origin=place.origin, problem=problem, hint=hint, absent=absent))
    return None, tuple(attempts)


def connect(env: Mapping[str, str] = os.environ) -> Daemon:
    """The daemon.

    Raises:
        DockerError: there is none; says where it was looked for, and what was found there.
    """
    daemon, attempts = find(env)
    if daemon is None:
        raise unreachable(attempts)
    return daemon


def unreachable(attempts: Sequence[Attempt]) -> DockerError:
    """That there is no daemon: where it was looked for, and what was found there."""
    said = "; ".join(f"{one.address} ({one.origin}): {one.problem}" for one in attempts)
    telling = [one for one in attempts if "no socket" not in one.problem] or list(attempts)
    return DockerError(f"there is no Docker daemon: {said}", telling[0].hint)


def explained(error: Exception) -> tuple[str, str]:
    """What an exception of the SDK means, and what to do about it."""
    text = f"{type(error).__name__}: {error}"
    for pattern, problem, hint in _FAULTS:
        if re.search(pattern, text):
            return problem, hint
    return shorten(one_line(mask_urls(str(error))), 200) or type(error).__name__, ""


def failure(what: str, error: Exception) -> DockerError:
    """An exception of the SDK, said for people."""
    if isinstance(error, APIError) and error.explanation:
        return DockerError(f"{what}: {shorten(one_line(mask(mask_urls(str(error.explanation)))), 300)}")
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return DockerError(f"{what}: the Docker daemon went away", "see whether the Docker daemon still runs")
    problem, hint = explained(error)
    return DockerError(f"{what}: {problem}", hint)


def _opened(place: _Place) -> Daemon:
    if place.problem:
        raise DockerException(place.problem)
    if place.address.startswith("unix:///"):
        with socket.socket(socket.AF_UNIX) as knocking:  # the SDK leaves a socket open that nobody answers
            knocking.settimeout(_GREETING)
            knocking.connect(place.address.removeprefix("unix://"))
    client = Client(timeout=_GREETING, **place.options)
    daemon = Daemon(client, place.address, place.origin)
    client.timeout = _ANSWER
    return daemon


def _shown(address: str) -> str:
    return shorten(one_line(mask_urls(address)), 200)


def _places(env: Mapping[str, str]) -> Iterator[_Place]:
    if env.get("DOCKER_HOST"):
        yield _named(env)
        return
    context = _context(env.get("DOCKER_CONTEXT", ""))
    if context:
        yield context
        return
    yield _Place(address=_SYSTEM, origin="default", options={"base_url": _SYSTEM}, usual=True)
    runtime = env.get("XDG_RUNTIME_DIR", "")
    if runtime.startswith("/"):
        for socket, origin in (("docker.sock", "rootless Docker"), ("podman/podman.sock", "Podman")):
            address = f"unix://{runtime}/{socket}"
            yield _Place(address=address, origin=origin, options={"base_url": address}, usual=True)


def _named(env: Mapping[str, str]) -> _Place:
    address, origin = env["DOCKER_HOST"], "DOCKER_HOST"
    try:
        return _Place(address=address, origin=origin, options=kwargs_from_env(dict(env)))
    except DockerException as error:
        return _Place(address=address, origin=origin, problem=str(error))


def _context(name: str) -> _Place | None:
    """The Docker context in force; None for the default one, which is the socket of the system."""
    origin = f"Docker context {shorten(one_line(name), 60)}".strip()
    if not Path(get_context_dir()).is_absolute():  # no Docker configuration: the SDK would read the working folder
        return _Place(address="", origin=origin, problem=_NO_CONTEXT) if name not in {"", "default"} else None
    try:
        context: Any = ContextAPI.get_context(name or None)
    except Exception as error:  # noqa: BLE001  # the SDK raises plain ones for a damaged file
        return _Place(address="", origin=origin, problem=str(error))
    if context is None:
        return _Place(address="", origin=origin, problem=_NO_CONTEXT)
    if context.Name == "default":
        return None
    address = str(context.Host)
    options = {"base_url": address, "tls": context.TLSConfig or False}
    return _Place(address=address, origin=f"Docker context {one_line(context.Name)}", options=options)
