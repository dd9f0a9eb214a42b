"""Verifies an image before any scanner sees it.

No scanner compares the content of layers with the digests in the image's configuration, and Trivy's cache goes by these
digests: a swapped layer hides packages, in this scan and in later ones. So what a scanner gets is an archive that we
write ourselves, of nothing but content whose digest is right.
"""

from __future__ import annotations

import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from devsecops import files
from devsecops.errors import ReportError
from devsecops.images import archive, configuration, inventory, systems, tar
from devsecops.images.configuration import Configuration
from devsecops.images.source import Source
from devsecops.model import Result
from devsecops.scanner import Image, Layer
from devsecops.text import mask, one_line, shorten

LARGEST: Final = 32 << 30
"""Bytes that an image may have, unpacked."""
RATIO: Final = 200
"""How many times larger than its archive an image may be, once it has `_SUSPECT` bytes: zeros pack 1,000 to 1."""
_SUSPECT: Final = 256 << 20  # bytes
_RESERVE: Final = 256 << 20  # bytes of the disk that are left alone
_CHUNK: Final = 1 << 20  # bytes
_PACKED: Final = {b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bzip2", b"\xfd7zXZ": "xz"}
_GZIP: Final = b"\x1f\x8b"


class Budget:
    """How many bytes may still be written."""

    def __init__(self, packed: int, folder: Path, cancelled: Callable[[], bool]) -> None:
        self._packed = packed
        self._free = shutil.disk_usage(folder).free - _RESERVE
        self._written = 0
        self._cancelled = cancelled

    def take(self, count: int) -> None:
        """Count bytes before they are written. Raises ReportError where that is too many, or the scan was stopped."""
        if self._cancelled():
            raise ReportError("interrupted")
        self._written += count
        if self._written > LARGEST:
            raise ReportError(f"the image is larger than {LARGEST >> 30} GiB")
        if self._written > max(_SUSPECT, RATIO * self._packed):
            raise ReportError(f"the image unpacks to more than {RATIO} times its archive: that is no honest image")
        if self._written > self._free:
            raise ReportError("there is not enough room on the disk for a copy of the image")


def verified(
    source: Source, services: Mapping[str, str], path: Path, cancelled: Callable[[], bool]
) -> tuple[Image, Configuration]:
    """Verify an image, and write it as an archive of `docker save`.

    Args:
        source: the archive or layout.
        services: names of services by the names of the images that they are built as.
        path: the archive to write, in a private folder.
        cancelled: asked again and again; true ends it.

    Returns:
        The image that may be given to scanners, not yet looked into, and its configuration.

    Raises:
        ReportError: it cannot be read, its content is not what its digests say, or it is too large.
    """
    try:
        budget = Budget(_size(source.path), path.parent, cancelled)
        with _unpacked(source.path, path.with_suffix(".unpacked"), budget) as plain, archive.members(plain) as members:
            manifest = archive.manifest(members)
            config = configuration.read(manifest.config)
            _copy(members, manifest, config, path, budget)
    except OSError as error:
        raise ReportError(f"the image cannot be read: {error.strerror or error}") from None
    name = manifest.name or source.name
    layers = tuple(
        Layer(digest=digest, instruction=shorten(mask(one_line(step)), 200))
        for digest, step in zip(config.digests, config.steps, strict=True)
    )
    identity = files.digest_of(manifest.config)
    return Image(name=name, service=services.get(name, name), path=str(path), id=identity, layers=layers), config


def inspected(image: Image, config: Configuration) -> tuple[Image, tuple[Result, ...]]:
    """Look into a verified image: the image with what is in it, and what is wrong with its configuration and system.

    Raises:
        ReportError: a layer is no archive, or has too much in it.
    """
    try:
        found = inventory.read(Path(image.path), len(image.layers), image.name)
    except OSError as error:
        raise ReportError(f"the image cannot be read: {error.strerror or error}") from None
    image = msgspec.structs.replace(
        image,
        files=found.files,
        system=found.system,
        ended=systems.ended(found.system),
        packages=found.packages,
        unread=found.unread,
    )
    return image, configuration.results(image, config)


def _size(path: Path) -> int:
    """Bytes of an archive or of all blobs of a layout."""
    if path.is_file():
        return path.stat().st_size
    return sum(one.stat().st_size for one in path.glob("blobs/sha256/*") if one.is_file())


@contextmanager
def _unpacked(path: Path, room: Path, budget: Budget) -> Iterator[Path]:
    """The archive as a plain file: a gzip-compressed one is unpacked first, as Grype and Syft do not."""
    if path.is_dir():
        yield path
        return
    with path.open("rb") as file, tar.window(file, 0, path.stat().st_size) as whole:
        if not _is_gzip(whole):
            yield path
            return
        try:
            with room.open("wb") as target:
                target.writelines(_chunks(whole, budget))
            yield room
        finally:
            room.unlink()


def _copy(
    members: archive.Members, manifest: archive.Manifest, config: Configuration, path: Path, budget: Budget
) -> None:
    """Write the image as an archive, each layer under its digest. Raises ReportError for one that does not match."""
    digests = config.digests
    if len(manifest.layers) != len(digests):
        raise ReportError(f"the image has {len(manifest.layers)} layers, its configuration names {len(digests)}")
    names = [f"{digest.removeprefix('sha256:')}/layer.tar" for digest in digests]
    document = f"{files.digest_of(manifest.config).removeprefix('sha256:')}.json"
    listed = msgspec.json.encode([{"Config": document, "RepoTags": None, "Layers": names}])
    with path.open("wb") as file:
        for number, (member, digest, name) in enumerate(zip(manifest.layers, digests, names, strict=True), start=1):
            with members.open(member) as layer:
                said = _add(file, name, _chunks(layer, budget))
            if said != digest:
                raise ReportError(
                    f"layer {number} of {len(digests)} is not what the image's configuration says: its content has "
                    f"the digest {said[:19]}…, the configuration names {digest[:19]}…"
                )
        _add(file, document, iter([manifest.config]))
        _add(file, "manifest.json", iter([listed]))
        file.write(bytes(1024))


def _add(file: BinaryIO, name: str, chunks: Iterator[bytes]) -> str:
    """Write a member whose size is known only at its end; the digest of its content."""
    at, size, found = file.tell(), 0, sha256()
    file.write(bytes(tarfile.BLOCKSIZE))
    for chunk in chunks:
        found.update(chunk)
        size += len(chunk)
        file.write(chunk)
    file.write(bytes(-size % tarfile.BLOCKSIZE))
    end = file.tell()
    header = tarfile.TarInfo(name)
    header.size = size
    file.seek(at)
    file.write(header.tobuf(tarfile.GNU_FORMAT))
    file.seek(end)
    return f"sha256:{found.hexdigest()}"


def _is_gzip(file: BinaryIO) -> bool:
    start = file.peek(8)[:8] if hasattr(file, "peek") else b""
    for magic, name in _PACKED.items():
        if start.startswith(magic):
            raise ReportError(f"it is compressed with {name}, which cannot be verified: save it with gzip or plain")
    return start.startswith(_GZIP)


def _chunks(file: BinaryIO, budget: Budget) -> Iterator[bytes]:
    """The content of a member, unpacked where it is compressed with gzip."""
    source = _gunzipped(file) if _is_gzip(file) else iter(lambda: file.read(_CHUNK), b"")
    for chunk in source:
        budget.take(len(chunk))
        yield chunk


def _gunzipped(file: BinaryIO) -> Iterator[bytes]:
    """The content of gzip members one after the other (RFC 1952, section 2.2), in chunks of bounded size."""
    unpack = zlib.decompressobj(wbits=31)
    packed = file.read(_CHUNK)
    try:
        while packed:
            chunk = unpack.decompress(packed, _CHUNK)
            if chunk:
                yield chunk
            packed = unpack.unconsumed_tail or unpack.unused_data or file.read(_CHUNK)
            if unpack.eof and packed:
                unpack = zlib.decompressobj(wbits=31)
    except zlib.error as error:
        raise ReportError(f"it is damaged: {error}") from None
    if not unpack.eof:
        raise ReportError("it is cut off")
