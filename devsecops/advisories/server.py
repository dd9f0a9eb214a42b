"""A loopback OSV server for the length of a scan: what pip-audit asks, one advisory source of ours answers."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self

import msgspec

from devsecops.advisories.records import name_of
from devsecops.advisories.source import Source
from devsecops.errors import AdvisoryError

_BODY_LIMIT = 1 << 20  # bytes of a question


class _Package(msgspec.Struct):
    name: str


class _Query(msgspec.Struct):
    package: _Package
    version: str


class Server:
    """Serves `POST /v1/query` on 127.0.0.1, on a port that the system chooses."""

    def __init__(self, source: Source) -> None:
        self.problems: list[str] = []
        """Why questions could not be answered: a scanner that was told 500 does not know."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(source, self.problems))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(source: Source, problems: list[str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            try:
                length = int(self.headers.get("Content-Length", 0))
                query = msgspec.json.decode(self.rfile.read(min(length, _BODY_LIMIT)), type=_Query)
                found = source.affecting(name_of(query.package.name), query.version)
            except (ValueError, msgspec.DecodeError):
                self._answer(400, b"{}")
            except AdvisoryError as error:
                problems.append(error.message)
                self._answer(500, b"{}")
            else:
                self._answer(200, msgspec.json.encode({"vulns": [msgspec.Raw(body) for body in found]}))

        def _answer(self, code: int, body: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    return Handler
