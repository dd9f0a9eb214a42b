"""Small services on loopback for tests of what sends requests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Asked(NamedTuple):
    """A request as a service got it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Answer(NamedTuple):
    """What a service answers."""

    status: int = 200
    body: bytes = b"<html><body>hello</body></html>"
    headers: Mapping[str, str] = {}


class Site(NamedTuple):
    """A running service."""

    url: str
    port: int
    asked: list[Asked]


@contextmanager
def site(answer: Callable[[Asked], Answer] = lambda _: Answer(), host: str = "127.0.0.1") -> Iterator[Site]:
    """A service that answers as a function says, and remembers what it was asked."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            one = Asked(self.command, self.path, dict(self.headers.items()), body)
            asked.append(one)
            said = answer(one)
            self.send_response(said.status)
            for name, value in {"Content-Type": "text/html", **said.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(said.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name that the base class has
            pass

    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        setattr(Handler, f"do_{method}", Handler._any)
    server = ThreadingHTTPServer((host, 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Site(f"http://{host}:{server.server_port}", server.server_port, asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
