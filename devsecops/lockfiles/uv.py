"""uv.lock (docs.astral.sh/uv/concepts/resolution)."""

from __future__ import annotations

from typing import Final

import msgspec

from devsecops.lockfiles.decoding import decoded
from devsecops.lockfiles.documents import known, toml
from devsecops.lockfiles.origins import Entry, Kind, Origin, first
from devsecops.lockfiles.positions import listed
from devsecops.model import Lock

_TABLE: Final = "package"
_NEWEST: Final = 1

_KINDS: Final = {
    "registry": Kind.INDEX,
    "virtual": Kind.FOLDER,
    "editable": Kind.FOLDER,
    "directory": Kind.FOLDER,
    "git": Kind.REPOSITORY,
    "url": Kind.URL,
    "path": Kind.ARCHIVE,
}


class _Source(msgspec.Struct, frozen=True):
    registry: str | None = None
    virtual: str | None = None
    editable: str | None = None
    directory: str | None = None
    git: str | None = None
    url: str | None = None
    path: str | None = None


class _Package(msgspec.Struct, frozen=True):
    name: str
    version: str = ""
    source: _Source = _Source(registry="")


class _File(msgspec.Struct, frozen=True):
    version: int
    package: tuple[_Package, ...] = ()


def read(path: str, data: bytes) -> Lock:
    """Read a uv.lock."""
    text = decoded(path, data)
    file = toml(path, text, _TABLE, _File)
    known(path, "version", file.version, _NEWEST)
    return listed(path, text, _TABLE, [_entry(package) for package in file.package])


def _entry(package: _Package) -> Entry:
    origin = first(package.source, _KINDS) or Origin(Kind.UNKNOWN)
    return Entry(package.name, package.version, origin)
