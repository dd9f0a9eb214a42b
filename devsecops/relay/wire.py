"""The words and the bytes of HTTP/1.1, as far as a relay must understand them. Everything else passes as it is."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

HEAD_LIMIT = 1 << 20  # bytes of a head
CHUNK = 64 << 10  # bytes
SILENCE = 60.0  # seconds between two parts of an answer
_BODY_LIMIT = 64 << 20  # bytes of a request's body
_DROPPED = frozenset({b"proxy-connection", b"proxy-authorization", b"connection", b"keep-alive", b"upgrade", b"expect"})


class Origin(NamedTuple):
    """Where a target listens."""

    scheme: str
    host: str
    """As the URL names it, in lower case, without brackets."""
    port: int
    address: str
    """The address that the host stood for when it was looked up: requests go there, whatever it stands for now."""

    @property
    def authority(self) -> str:
        """`host:port`, as requests name it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Rules(NamedTuple):
    """What the relay does to requests."""

    excluded: Callable[[str], bool]
    """Whether nothing is to be sent to a path."""
    headers: Mapping[str, str] = {}
    """Headers of every request."""
    credentials: Mapping[str, str] = {}
    """Headers that authenticate."""
    stand_in: str = ""
    """Only requests with this text in a header get credentials; empty for all."""
    logged_out: re.Pattern[bytes] | None = None
    """Matches in an answer what only who is not logged in gets to see."""
    outside: ssl.SSLContext | None = None
    """For an https target: checks its certificate."""
    inside: ssl.SSLContext | None = None
    """For an https target: the certificate that the scanner is shown."""


class Request(NamedTuple):
    """A request of the scanner."""

    method: str
    target: bytes
    """As it is passed on: path and query."""
    path: str
    headers: list[bytes]
    body: bytes


async def body_of(reader: asyncio.StreamReader, headers: list[bytes]) -> bytes:
    """The whole body of a request, chunks as they are."""
    if b"chunked" not in value_of(headers, b"transfer-encoding").lower():
        size = int(value_of(headers, b"content-length") or b"0")
        if size > _BODY_LIMIT:
            raise ValueError("too long")
        return await reader.readexactly(size)
    body = bytearray()
    while True:
        line = await reader.readuntil(b"\r\n")
        size = int(line.split(b";")[0].strip(), 16)
        body += line + await reader.readexactly(size + 2)
        if not size:
            return bytes(body)
        if len(body) > _BODY_LIMIT:
            raise ValueError("too long")


def parts(target: bytes, origin: Origin) -> tuple[str, bytes]:
    """Scheme and authority, and path with query, of a request's target."""
    found = re.match(rb"(?i)(https?://)([^/?#]*)(.*)", target, re.DOTALL)
    if not found:  # inside a tunnel, which has been checked
        return (f"{origin.scheme}://{origin.authority}" if origin.scheme == "https" else "?://?"), target
    scheme, authority, path = found[1].decode(), found[2].decode("latin-1"), found[3]
    if not re.search(r":\d+$", authority):
        authority += ":443" if scheme.lower() == "https://" else ":80"
    return f"{scheme}{authority}", path if path.startswith(b"/") else b"/" + path


def plain(target: bytes) -> str:
    """The path without its query."""
    return re.split(r"[?#]", target.decode("latin-1"), maxsplit=1)[0]


def encoded(request: Request, added: Mapping[str, str], stand_in: str) -> bytes:
    """A request as the target gets it.

    Args:
        request: as the scanner sent it.
        added: headers that replace those of the same name; cookies are added to the scanner's own.
        stand_in: headers with this text are left out.
    """
    names = {name.lower().encode() for name in added}
    kept = [
        header
        for header in request.headers
        if name_of(header) not in _DROPPED | names and not (stand_in and stand_in.encode() in header)
    ]
    lines = [f"{name}: {value}".encode() for name, value in added.items()]
    cookies = value_of(request.headers, b"cookie") if b"cookie" in names else b""
    if cookies:
        lines = [_with_cookies(line, cookies) if name_of(line) == b"cookie" else line for line in lines]
    first = request.method.encode("latin-1") + b" " + request.target + b" HTTP/1.1"
    return b"\r\n".join([first, *kept, *lines, b"Connection: keep-alive", b"", b""]) + request.body


def _with_cookies(line: bytes, cookies: bytes) -> bytes:
    """A Cookie header with the cookies of another, but for those of the same name."""
    own = {part.partition(b"=")[0].strip() for part in line.partition(b":")[2].split(b";")}
    others = [part.strip() for part in cookies.split(b";") if part.partition(b"=")[0].strip() not in own]
    return b"; ".join([line, *others])


def name_of(header: bytes) -> bytes:
    """The name of a header line, in lower case."""
    return header.partition(b":")[0].strip().lower()


def value_of(headers: list[bytes], name: bytes) -> bytes:
    """The value of the first header of that name; empty where there is none."""
    return next((header.partition(b":")[2].strip() for header in headers if name_of(header) == name), b"")


def origin_of(url: str, address: str) -> Origin:
    """The origin of a URL at an address."""
    split = urlsplit(url)
    port = split.port or (443 if split.scheme == "https" else 80)
    return Origin(split.scheme, (split.hostname or "").lower(), port, address)
