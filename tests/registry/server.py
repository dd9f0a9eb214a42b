"""A small registry that can play any fault, and images for it."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import requests

from tests.docker import PASSWORD, USER
from tests.images import builder

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class Content:
    """What a registry holds: one repository."""

    def __init__(self, layers: list[bytes] | None = None, architecture: str = "amd64") -> None:
        layers = [builder.tar({"file": b"content"})] if layers is None else layers
        config = {
            "architecture": architecture,
            "os": "linux",
            "config": {"User": "app"},
            "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]},
        }
        self.config = json.dumps(config).encode()
        packed = [gzip.compress(layer, mtime=0) for layer in layers]
        self.blobs = {digest(one): one for one in [self.config, *packed]}
        self.manifest: dict[str, Any] = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": "application/json", "digest": digest(self.config), "size": len(self.config)},
            "layers": [
                {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest(one), "size": len(one)}
                for one in packed
            ],
        }

    @property
    def document(self) -> bytes:
        return json.dumps(self.manifest).encode()

    @property
    def id(self) -> str:
        return digest(self.config)


def index(*contents: tuple[str, Content]) -> bytes:
    """An index of images by platform."""
    listed = []
    for platform, content in contents:
        os, architecture, *variant = platform.split("/")
        said = {"os": os, "architecture": architecture} | ({"variant": variant[0]} if variant else {})
        listed.append(
            {"mediaType": MANIFEST, "digest": digest(content.document), "size": len(content.document), "platform": said}
        )
    return json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": listed}).encode()


class Request(BaseHTTPRequestHandler):
    """One request; `play` decides what becomes of it."""

    play: Callable[[Request], None]
    asked: list[tuple[str, str]]

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("Authorization", "")))
        type(self).play(self)

    def do_POST(self) -> None:
        self.form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.do_GET()

    def answer(self, body: bytes = b"", code: int = 200, *, length: int | None = None, **headers: str) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


Asked = list[tuple[str, str]]


@contextmanager
def registry(play: Callable[[Request], None]) -> Iterator[tuple[str, Asked]]:
    """`HOST:PORT` of a registry, and the paths and credentials it was asked with."""
    asked: Asked = []
    handler = type("Handler", (Request,), {"play": play, "asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # what does not speak HTTP is expected
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


def holding(content: Content, first: bytes | None = None) -> Callable[[Request], None]:
    """A registry that is honest."""

    def play(request: Request) -> None:
        _, _, path = request.path.partition("/v2/")
        documents = {digest(content.document): content.document} | ({digest(first): first} if first else {})
        kind, name = path.split("/")[-2:]
        if kind == "manifests":
            found = documents.get(name, (first or content.document) if name == "1" else None)
        else:
            found = content.blobs.get(name)
        request.answer(found) if found is not None else request.answer(b'{"errors": [{"message": "unknown"}]}', 404)

    return play


def upload(base: str, name: str, content: Content, *, tag: str = "1", verify: str | bool = True) -> None:
    """Put an image into a real registry."""
    with requests.Session() as session:
        session.auth = (USER, PASSWORD)
        session.verify = verify
        session.trust_env = False  # REQUESTS_CA_BUNDLE would outrank it
        for one, data in content.blobs.items():
            place = session.post(f"{base}/v2/{name}/blobs/uploads/").headers["Location"]
            session.put(f"{place}&digest={one}", data=data).raise_for_status()
        headers = {"Content-Type": MANIFEST}
        session.put(f"{base}/v2/{name}/manifests/{tag}", data=content.document, headers=headers).raise_for_status()
