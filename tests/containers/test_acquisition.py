"""An image is had by its name: what is there first, else an explicit pull from a registry that may be asked."""

from __future__ import annotations

import gc
import os
import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import docker
import pytest

from devsecops.containers.acquisition import acquire
from devsecops.containers.daemon import Daemon, connect
from devsecops.errors import DockerError, UsageError
from tests.docker import PASSWORD, docker_daemon, load, push

needs_daemon = pytest.mark.needs("dockerd")
needs_registry = pytest.mark.needs("dockerd", "docker-registry")


def refusal(daemon: Daemon, name: str, **options: Any) -> str:
    with pytest.raises(DockerError) as caught:
        acquire(daemon, name, **options)
    assert PASSWORD not in caught.value.message + caught.value.hint
    return f"{caught.value.message} | {caught.value.hint}"


@needs_daemon
def test_an_image_that_is_there_is_not_pulled(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    found = load(daemon, "shop/web:1")
    monkeypatch.setattr(daemon.client, "pull", None)
    for name in ("shop/web:1", "docker.io/shop/web:1", found):
        image = acquire(daemon, name)
        assert (image.id, image.platform, image.digests, image.pulled) == (found, "linux/amd64", (), False)


@needs_daemon
def test_a_name_is_never_taken_for_the_beginning_of_an_id(daemon: Daemon) -> None:
    found = load(daemon, "shop/web:1")
    beginning = found.removeprefix("sha256:")[:12]
    assert f"Docker has no image {beginning}:latest" in refusal(daemon, beginning, offline=True)


@needs_daemon
def test_what_may_not_be_pulled(daemon: Daemon) -> None:
    assert "--offline forbids to pull it | docker pull shop/web:1" in refusal(daemon, "shop/web:1", offline=True)
    assert "an id names an image that is there" in refusal(daemon, f"sha256:{'0' * 64}")
    with pytest.raises(UsageError):
        acquire(daemon, "--output=x")
    with pytest.raises(UsageError):
        acquire(daemon, "web", platform="--output=x")


@needs_daemon
def test_a_registry_that_nobody_named_gets_no_request(daemon: Daemon) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(0.5)
        host = f"127.0.0.1:{listening.getsockname()[1]}"
        assert f"{host} is not among the registries that may be asked" in refusal(daemon, f"{host}/web")
        with pytest.raises(TimeoutError):
            listening.accept()


@needs_daemon
def test_the_platform_of_an_image_that_is_there_is_compared(daemon: Daemon) -> None:
    load(daemon, "shop/web:1", architecture="arm64")
    assert acquire(daemon, "shop/web:1", platform="linux/aarch64").platform == "linux/arm64"
    said = refusal(daemon, "shop/web:1", platform="linux/amd64")
    assert said == (
        "shop/web:1 is an image for linux/arm64, not for linux/amd64 | docker pull --platform linux/amd64 shop/web:1"
    )


@needs_registry
def test_a_pull_by_tag_and_by_digest(daemon: Daemon, registry: str, login: Callable[..., None]) -> None:
    pushed = push(daemon, f"{registry}/shop/web:1")
    login(registry)
    said: list[str] = []
    with connect({"DOCKER_HOST": daemon.address}) as mine:
        image = acquire(mine, f"{registry}/shop/web:1", registries=[registry], say=said.append)
        assert (image.id, image.name, image.pulled) == (pushed, f"{registry}/shop/web:1", True)
        (name,) = image.digests
        assert name.startswith(f"{registry}/shop/web@sha256:")
        assert said[0] == f"pulling {registry}/shop/web:1"
        client: Any = mine.client
        client.remove_image(pushed, force=True)
        again = acquire(mine, name, registries=[registry.upper()])
        assert (again.id, again.name, again.pulled) == (pushed, name, True)


@needs_registry
def test_refusals_of_a_registry(daemon: Daemon, registry: str, login: Callable[..., None]) -> None:
    push(daemon, f"{registry}/shop/web:1")
    allowed = {"registries": [registry]}
    for password in ("", "wrong"):
        if password:
            login(registry, password)
        with connect({"DOCKER_HOST": daemon.address}) as mine:
            said = refusal(mine, f"{registry}/shop/web:1", **allowed)
            assert f"{registry} refuses {registry}/shop/web:1 to this user" in said
            assert f"| docker login {registry}" in said
    login(registry)
    with connect({"DOCKER_HOST": daemon.address}) as mine:
        for name in ("shop/web:2", "nothing", f"shop/web@sha256:{'0' * 64}"):
            assert f"{registry} has no image {registry}/{name}" in refusal(mine, f"{registry}/{name}", **allowed)


@needs_registry
def test_a_registry_that_has_another_platform_only(daemon: Daemon, registry: str, login: Callable[..., None]) -> None:
    push(daemon, f"{registry}/shop/web:1")
    login(registry)
    with connect({"DOCKER_HOST": daemon.address}) as mine:
        said = refusal(mine, f"{registry}/shop/web:1", registries=[registry], platform="linux/arm64")
    assert "is an image for linux/amd64, not for linux/arm64" in said


@needs_daemon
def test_programs_that_know_passwords(daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scanned folder cannot slip its own one in; another one is started, as Docker does."""
    (tmp_path / "config.json").write_text('{"credsStore": "canary"}')
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    canary, options = tmp_path / "started", {"registries": ["127.0.0.1:1"], "outside": tmp_path / "root"}
    for folder in ("root/bin", "elsewhere"):
        program = tmp_path / folder / "docker-credential-canary"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\ntouch {canary}\nexit 1\n")
        program.chmod(0o755)
    monkeypatch.chdir(tmp_path / "root")
    with connect({"DOCKER_HOST": daemon.address}) as mine:
        for first in ("bin", f"{tmp_path}/root/bin"):
            monkeypatch.setenv("PATH", f"{first}{os.pathsep}{os.environ['PATH']}")
            assert "docker-credential-canary is not started" in refusal(mine, "127.0.0.1:1/web", **options)
        assert not canary.exists()
        monkeypatch.setenv("PATH", f"{tmp_path}/elsewhere{os.pathsep}{os.environ['PATH']}")
        assert "gets credentials from failed" in refusal(mine, "127.0.0.1:1/web", **options)
        assert canary.exists()


@needs_daemon
def test_registries_that_cannot_be_reached(daemon: Daemon) -> None:
    said = refusal(daemon, "127.0.0.1:1/web", registries=["127.0.0.1:1"])
    assert "could not be pulled" in said
    assert "connection refused" in said


@contextmanager
def hanging() -> Iterator[str]:
    """A registry that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"127.0.0.1:{listening.getsockname()[1]}"


@needs_daemon
def test_a_pull_that_hangs_ends_at_its_deadline_or_when_it_is_cancelled(daemon: Daemon) -> None:
    with hanging() as host:
        began = time.monotonic()
        assert "took too long" in refusal(daemon, f"{host}/web", registries=[host], timeout=0.5)
        assert "was cancelled" in refusal(daemon, f"{host}/web", registries=[host], cancelled=lambda: True)
        assert time.monotonic() - began < 3


@contextmanager
def answering(code: int, body: str) -> Iterator[tuple[str, list[str]]]:
    """A registry that gives the same answer to all, and the requests that it got."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        do_HEAD = do_GET  # noqa: N815  # the name that is called

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


@needs_daemon
def test_what_may_be_passing_is_tried_again_a_few_times(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda *_: 0.01)
    said: list[str] = []
    with answering(503, "busy") as (host, _):
        found = refusal(daemon, f"{host}/web", registries=[host], say=said.append)
        assert "could not be pulled in 3 tries" in found
    assert [text.startswith(f"pulling {host}/web:latest again: ") for text in said] == [False, True, True]


@needs_daemon
def test_what_will_not_pass_is_tried_once(daemon: Daemon) -> None:
    said: list[str] = []
    with answering(403, "no") as (host, _):
        refusal(daemon, f"{host}/web", registries=[host], say=said.append)
    assert len(said) == 1


@needs_daemon
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # the SDK leaves a socket open that nobody answers
def test_a_daemon_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with docker_daemon() as (address, process), connect({"DOCKER_HOST": address}) as daemon:
        process.terminate()
        process.wait()
        said = refusal(daemon, "web")
    assert "Docker does not tell about web:latest: " in said
    gc.collect()


def played(error: Exception | None, *lines: dict[str, str]) -> Any:
    """A daemon without the image whose pulls end as a fault wants it."""

    class Client:
        def inspect_image(self, name: str) -> None:
            raise docker.errors.ImageNotFound(name)

        def pull(self, *_: object, **__: object) -> Iterator[dict[str, str]]:
            if error:
                raise error
            return iter(lines)

        def hang_up(self) -> None: ...

    return type("Played", (), {"client": Client()})()


def test_an_error_within_a_stream_that_began_well() -> None:
    lines = ({"status": "Pulling fs layer", "id": "1"}, {"error": "no space left on device"})
    assert "web:latest could not be pulled: no space left on device" in refusal(played(None, *lines), "web")


def test_a_pull_that_ends_without_an_image() -> None:
    assert "was pulled, and Docker does not have it" in refusal(played(None), "web")


def test_what_a_registry_says_is_shown_without_its_secrets_and_control_characters() -> None:
    text = "Get https://me:hunter2@registry.example/v2/?token=abcdef1234: \x1b[31mdenied: no"
    said = refusal(played(None, {"error": text}), "web")
    assert "denied: no" in said
    assert not [word for word in ("hunter2", "abcdef1234", "\x1b") if word in said]
