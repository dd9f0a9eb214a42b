"""An image is saved whole or not at all, within its limits, and whatever the daemon does."""

from __future__ import annotations

import hashlib
import io
import json
import os
import resource
import signal
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from devsecops import files
from devsecops.containers.acquisition import Image, acquire
from devsecops.containers.archive import save
from devsecops.containers.daemon import Daemon, connect
from devsecops.errors import DockerError, OutputError
from tests.docker import docker_daemon, image_archive, load, podman_service

needs_daemon = pytest.mark.needs("dockerd")
MUCH = 8 << 20


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    return folder / "image.tar"


def refusal(daemon: Daemon, image: Image, target: Path, **options: Any) -> str:
    with pytest.raises(DockerError) as caught:
        save(daemon, image, target, **options)
    assert list(target.parent.iterdir()) == []
    return caught.value.message


@needs_daemon
def test_an_image_is_saved_as_docker_has_it(daemon: Daemon, target: Path) -> None:
    found = load(daemon, "shop/web:1", b"secret of the layer")
    archive = save(daemon, acquire(daemon, "shop/web:1"), target)
    data = target.read_bytes()
    assert archive.size == len(data)
    assert archive.digest == f"sha256:{hashlib.sha256(data).hexdigest()}"
    assert list(target.parent.iterdir()) == [target]
    with tarfile.open(target) as opened:
        (manifest,) = json.load(opened.extractfile("manifest.json") or io.BytesIO())
        config = (opened.extractfile(manifest["Config"]) or io.BytesIO()).read()
        layer = (opened.extractfile(manifest["Layers"][0]) or io.BytesIO()).read()
    assert f"sha256:{hashlib.sha256(config).hexdigest()}" == found
    assert b"secret of the layer" in layer


@needs_daemon
def test_a_name_that_means_another_image_by_now_changes_nothing(daemon: Daemon, target: Path) -> None:
    load(daemon, "shop/web:1", b"the first")
    image = acquire(daemon, "shop/web:1")
    load(daemon, "shop/web:1", b"the second")
    save(daemon, image, target)
    assert b"the first" in target.read_bytes()


@needs_daemon
def test_limits(daemon: Daemon, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(daemon, "shop/web:1", bytes(MUCH))
    image = acquire(daemon, "shop/web:1")
    assert "larger than 1 MiB" in refusal(daemon, image, target, limit=1 << 20)
    small = Image(name=image.name, id=image.id, size=1)  # the daemon's estimate may be wrong
    assert "larger than 1 MiB" in refusal(daemon, small, target, limit=1 << 20)
    monkeypatch.setattr(files, "free", lambda _: (256 + 2) << 20)
    assert "the disk has room for 2 MiB" in refusal(daemon, image, target)
    assert "the disk has room for 2 MiB" in refusal(daemon, small, target)


@needs_daemon
def test_a_disk_that_is_full_in_the_middle(daemon: Daemon, target: Path) -> None:
    load(daemon, "shop/web:1", bytes(MUCH))
    image = acquire(daemon, "shop/web:1")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MUCH // 2, before[1]))
    try:
        with pytest.raises(OutputError, match="cannot write"):
            save(daemon, image, target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(target.parent.iterdir()) == []


@needs_daemon
def test_an_image_that_is_gone_by_now(daemon: Daemon, target: Path) -> None:
    load(daemon, "shop/web:1")
    image = acquire(daemon, "shop/web:1")
    client: Any = daemon.client
    client.remove_image(image.id, force=True)
    assert "shop/web:1 could not be saved: " in refusal(daemon, image, target)


@needs_daemon
def test_a_daemon_that_stops_in_the_middle(target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with docker_daemon() as (address, process), connect({"DOCKER_HOST": address}) as daemon:
        load(daemon, "shop/web:1", os.urandom(MUCH))
        image = acquire(daemon, "shop/web:1")
        real = daemon.client.get_image

        def stopping(*arguments: Any, **options: Any) -> Iterator[bytes]:
            chunks: Any = real(*arguments, **options)
            yield next(chunks)
            process.send_signal(signal.SIGKILL)
            process.wait()
            yield from chunks

        monkeypatch.setattr(daemon.client, "get_image", stopping)
        assert "shop/web:1 could not be saved: the Docker daemon went away" in refusal(daemon, image, target)


@pytest.mark.needs("podman")
def test_podman_speaks_the_same(target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with podman_service() as address, connect({"DOCKER_HOST": address}) as daemon:
        found = load(daemon, "shop/web:1", b"secret of the layer")
        image = acquire(daemon, "shop/web:1", platform="linux/amd64")
        assert image.id == found
        save(daemon, image, target)
        with pytest.raises(DockerError, match="Docker has no image web:latest"):
            acquire(daemon, "web", offline=True)
    with tarfile.open(target) as opened:
        (manifest,) = json.load(opened.extractfile("manifest.json") or io.BytesIO())
    assert manifest["Config"].startswith(found.removeprefix("sha256:"))


def played(chunks: Callable[[], Iterator[bytes]]) -> Any:
    """A daemon that sends what a fault wants."""

    class Client:
        def get_image(self, *_: object, **__: object) -> Iterator[bytes]:
            return chunks()

        def hang_up(self) -> None: ...

    return type("Played", (), {"client": Client()})()


WHOLE = image_archive("shop/web:1")
NAMELESS = image_archive("shop/web:1").replace(b"manifest.json", b"mistress.json")


@pytest.mark.parametrize(
    "sent",
    [b"", WHOLE[: len(WHOLE) // 2], WHOLE[:1000], WHOLE.rstrip(b"\0"), NAMELESS, b"<html>" * 1000, bytes(10240)],
    ids=["nothing", "half", "less", "no end", "no manifest", "no archive", "only the end"],
)
def test_what_is_no_whole_archive(sent: bytes, target: Path) -> None:
    image = Image(name="web", id="sha256:0")
    assert refusal(played(lambda: iter([sent])), image, target) == "web was not saved to its end"


def test_another_image_than_was_asked_for(target: Path) -> None:
    image = Image(name="web", id=f"sha256:{'0' * 64}")
    assert "is not the image sha256:000" in refusal(played(lambda: iter([WHOLE])), image, target)


def test_silence_ends_at_the_deadline_and_when_it_is_cancelled(target: Path) -> None:
    silence = Event()

    def chunks() -> Iterator[bytes]:
        yield WHOLE[:100]
        silence.wait(20)
        yield WHOLE[100:]

    image = Image(name="web", id="sha256:0")
    began = time.monotonic()
    with pytest.raises(DockerError, match="took too long"):
        save(played(chunks), image, target, timeout=0.3)
    with pytest.raises(DockerError, match="was cancelled"):
        save(played(chunks), image, target, cancelled=lambda: True)
    assert time.monotonic() - began < 3
    silence.set()
    end = time.monotonic() + 5
    while list(target.parent.iterdir()) and time.monotonic() < end:
        time.sleep(0.02)
    assert list(target.parent.iterdir()) == []  # what nobody waits for any longer cleans up behind itself
