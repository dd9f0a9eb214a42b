"""Gets an image by its name into a file."""

from __future__ import annotations

import hashlib
import tarfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import requests
from docker.errors import DockerException

from devsecops import files
from devsecops.containers.acquisition import Image, acquire
from devsecops.containers.daemon import Daemon, failure
from devsecops.containers.patience import Tick, in_time
from devsecops.errors import DockerError

_SECONDS = 1800.0
_LIMIT = 16 << 30  # bytes of an image
_RESERVE = 256 << 20  # bytes of the disk that are left to others
_CHUNK = 1 << 20
_END = b"\0" * 1024  # of a tar archive (POSIX.1-2017, pax)


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """An image as `docker save` writes it."""

    path: Path
    size: int
    digest: str
    """`sha256:<hex>` of the file."""


def fetch(  # noqa: PLR0913  # as `acquire`
    daemon: Daemon,
    name: str,
    target: Path,
    *,
    platform: str = "",
    registries: Sequence[str] = (),
    offline: bool = False,
    outside: Path,
    say: Callable[[str], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Image:
    """Get an image from the Docker daemon, which may pull it, into a file: as `acquire`, then as `save`.

    Raises:
        UsageError: name or platform is none.
        DockerError: the image was not to be had.
        OutputError: the file cannot be written.
    """
    image = acquire(
        daemon,
        name,
        platform=platform,
        registries=registries,
        offline=offline,
        outside=outside,
        say=say,
        cancelled=cancelled,
    )
    say(f"saving {image.name}")
    save(daemon, image, target, cancelled=cancelled)
    return image


def save(  # noqa: PLR0913  # each is a limit of one act
    daemon: Daemon,
    image: Image,
    target: Path,
    *,
    limit: int = _LIMIT,
    timeout: float = _SECONDS,
    cancelled: Callable[[], bool] = lambda: False,
) -> Archive:
    """Write an image to a file, a chunk at a time; the file stands there only once it is whole.

    Args:
        daemon: where the image is.
        image: which. Its id is asked for: a name may mean another image by now.
        target: the file.
        limit: bytes that it may have.
        timeout: seconds.
        cancelled: asked ten times a second; true ends it.

    Raises:
        DockerError: the daemon failed, or the image is larger than the limit or than the disk has room for.
        OutputError: the file cannot be written.
    """
    room = files.free(target.parent) - _RESERVE
    _check_size(image, image.size, limit)
    _check_room(image, image.size, room)

    def work(tick: Tick) -> Archive:
        size, digest = 0, hashlib.sha256()

        def chunks() -> Iterator[bytes]:
            nonlocal size
            for chunk in _chunks(daemon, image):
                tick("")
                size += len(chunk)
                _check_size(image, size, limit)
                _check_room(image, size, room)
                digest.update(chunk)
                yield chunk

        files.receive(target, chunks(), lambda path: _check_whole(path, image))
        return Archive(path=target, size=size, digest=f"sha256:{digest.hexdigest()}")

    return in_time(work, f"saving {image.name}", time.monotonic() + timeout, cancelled=cancelled)


def _chunks(daemon: Daemon, image: Image) -> Iterator[bytes]:
    try:
        yield from daemon.client.get_image(image.id, chunk_size=_CHUNK)
    except (DockerException, requests.RequestException) as error:  # some are OSErrors, and would look like the file's
        raise failure(f"{image.name} could not be saved", error) from None
    finally:
        daemon.client.hang_up()


def _check_size(image: Image, size: int, limit: int) -> None:
    if size > limit:
        raise DockerError(f"{image.name} is larger than {_mib(limit)}, which is the most that is saved of an image")


def _check_room(image: Image, size: int, room: int) -> None:
    if size > room:
        free = _mib(max(room, 0))
        raise DockerError(f"{image.name} has {_mib(size)} or more, and the disk has room for {free}", "see TMPDIR")


def _check_whole(path: Path, image: Image) -> None:
    """See that an archive has come to its end, as a daemon that fails sends what it has, and that it is of the image.

    The id of an image is the digest of its configuration, which `manifest.json` names; where Docker keeps images in
    containerd, that of its manifest, which `index.json` names.
    """
    try:
        with tarfile.open(path, "r:") as archive:
            named = _content(archive, "manifest.json") + _content(archive, "index.json")
        with path.open("rb") as file:
            file.seek(-len(_END), 2)
            whole = bool(named) and file.read() == _END
    except (tarfile.TarError, EOFError):
        whole = False
    if not whole:
        raise DockerError(f"{image.name} was not saved to its end", "see whether the Docker daemon still runs")
    if image.id.removeprefix("sha256:").encode() not in named:
        raise DockerError(f"what Docker saved as {image.name} is not the image {image.id}")


def _content(archive: tarfile.TarFile, name: str) -> bytes:
    try:
        file = archive.extractfile(name)
    except KeyError:
        return b""
    return file.read(_CHUNK) if file else b""


def _mib(size: int) -> str:
    return f"{size / (1 << 20):,.0f} MiB"
