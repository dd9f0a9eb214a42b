"""What an archive of `docker save` or an OCI layout says: the image's configuration and its layers."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, Protocol, TypeVar

import msgspec

from devsecops import files
from devsecops.errors import ReportError
from devsecops.images import tar

_T = TypeVar("_T")
_ENTRIES: Final = 4096  # members of an archive of images; 127 layers have some 500
_DOCUMENT: Final = 16 << 20  # bytes of a manifest or configuration
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_NAME: Final = re.compile(r"[a-z0-9]+(?:[._:/-]+[a-z0-9]+)*")
_INDEXES: Final = frozenset(
    {"application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"}
)


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """One image of an archive."""

    config: bytes
    """The JSON document whose digest is the image's id."""
    layers: tuple[str, ...]
    """Members that hold the layers, lowest first."""
    name: str = ""
    """Repository name, without tag and digest; empty where the archive does not say a valid one."""


class Members(Protocol):
    """Named contents of an archive or layout."""

    def open(self, name: str) -> BinaryIO:
        """A member, to be read once from its beginning. Raises ReportError where there is none."""

    def has(self, name: str) -> bool:
        """Whether there is such a member."""


class _TarMembers:
    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._entries = {entry.name: entry for entry in tar.walk(file, size, _ENTRIES)}

    def has(self, name: str) -> bool:
        return name in self._entries

    def open(self, name: str) -> BinaryIO:
        entry = self._entries.get(name)
        if entry and entry.kind == "link":  # old versions of docker save write a layer once, and link to it
            entry = self._entries.get(posixpath.normpath(posixpath.join(posixpath.dirname(name), entry.link)))
        if entry is None or entry.kind != "file":
            raise ReportError(f"the archive has no {name}")
        return tar.window(self._file, entry.offset, entry.size)


class _FolderMembers:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, name: str) -> bool:
        return (self._folder / name).is_file()

    def open(self, name: str) -> BinaryIO:
        return files.open_inside(self._folder, self._folder / name)


@contextmanager
def members(path: Path) -> Iterator[Members]:
    """The members of an archive, or of the folder of a layout.

    Raises:
        ReportError: it is no archive, is cut off, or has too many members.
    """
    if path.is_dir():
        yield _FolderMembers(path)
        return
    with path.open("rb") as file:
        yield _TarMembers(file, path.stat().st_size)


def manifest(found: Members) -> Manifest:
    """The one image that an archive holds.

    Raises:
        ReportError: it holds none or several, or a document in it cannot be understood or is not the one named.
    """
    if found.has("manifest.json"):
        return _of_docker(found)
    if found.has("index.json"):
        return _of_layout(found)
    raise ReportError("the archive holds no image: neither manifest.json nor index.json is there")


class _Saved(msgspec.Struct):
    Config: str
    Layers: list[str]
    RepoTags: list[str] | None = None


class _Platform(msgspec.Struct):
    architecture: str = ""
    os: str = ""


class _Descriptor(msgspec.Struct, rename="camel"):
    digest: str
    media_type: str = ""
    platform: _Platform | None = None
    annotations: dict[str, str] | None = None


class _Index(msgspec.Struct):
    manifests: list[_Descriptor]


class _Image(msgspec.Struct):
    config: _Descriptor
    layers: list[_Descriptor]


def _of_docker(found: Members) -> Manifest:
    saved = _decoded(_document(found, "manifest.json"), list[_Saved], "manifest.json")
    if len(saved) != 1:
        raise ReportError(f"the archive holds {len(saved)} images: save one at a time")
    config = _document(found, saved[0].Config)
    named = _HEX.search(saved[0].Config)
    if named:
        _same(config, f"sha256:{named[0]}", "the image's configuration")
    tags = sorted(filter(None, map(repository, saved[0].RepoTags or ())))
    return Manifest(config=config, layers=tuple(saved[0].Layers), name=tags[0] if tags else "")


def _of_layout(found: Members) -> Manifest:
    index = _decoded(_document(found, "index.json"), _Index, "index.json")
    one = _chosen(index)
    names = _names(one)
    if one.media_type in _INDEXES:
        one = _chosen(_decoded(_blob(found, one.digest, "the index"), _Index, "the index"))
    image = _decoded(_blob(found, one.digest, "the manifest"), _Image, "the manifest")
    return Manifest(
        config=_blob(found, image.config.digest, "the image's configuration"),
        layers=tuple(_path(layer.digest) for layer in image.layers),
        name=next(iter([*names, *_names(one)]), ""),
    )


def _chosen(index: _Index) -> _Descriptor:
    """The one image of an index; attestations that BuildKit puts beside it are none."""
    found = (one for one in index.manifests if not (one.platform and one.platform.architecture == "unknown"))
    images = list({one.digest: one for one in found}.values())  # several tags of one image are one
    if len(images) != 1:
        systems = sorted(f"{one.platform.os}/{one.platform.architecture}" for one in images if one.platform)
        which = f" ({', '.join(systems)})" if systems else ""
        raise ReportError(f"the layout holds {len(images)} images{which}: save one at a time")
    return images[0]


def _names(one: _Descriptor) -> list[str]:
    said = one.annotations or {}
    keys = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
    return [name for key in keys if "/" in said.get(key, "") and (name := repository(said[key]))]


def repository(reference: str) -> str:
    """An image's name without tag and digest; empty where it is none (distribution/reference, reference.go)."""
    name, _, last = reference.partition("@")[0].rpartition("/")
    whole = "/".join(filter(None, [name, last.partition(":")[0]]))
    return whole if len(whole) <= 255 and _NAME.fullmatch(whole) else ""


def _blob(found: Members, digest: str, what: str) -> bytes:
    data = _document(found, _path(digest))
    _same(data, digest, what)
    return data


def _path(digest: str) -> str:
    kind, _, value = digest.partition(":")
    if kind != "sha256" or not _HEX.fullmatch(value):
        raise ReportError("the layout names a digest that is no SHA-256")
    return f"blobs/sha256/{value}"


def _same(data: bytes, digest: str, what: str) -> None:
    if files.digest_of(data) != digest:
        raise ReportError(f"{what} is not what its digest says ({digest[:19]}…)")


def _document(found: Members, name: str) -> bytes:
    with found.open(name) as file:
        data = file.read(_DOCUMENT + 1)
    if len(data) > _DOCUMENT:
        raise ReportError(f"{name} is larger than {_DOCUMENT:,} bytes")
    return data


def _decoded(data: bytes, kind: type[_T], what: str) -> _T:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ReportError(f"{what} cannot be understood: {error}") from None
