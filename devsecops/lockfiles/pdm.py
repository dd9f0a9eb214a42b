"""pdm.lock (pdm-project.org)."""

from __future__ import annotations

from typing import Final

import msgspec

from devsecops.lockfiles.decoding import decoded
from devsecops.lockfiles.documents import known, toml
from devsecops.lockfiles.origins import Entry, Kind, Origin, first, local
from devsecops.lockfiles.positions import listed
from devsecops.model import Lock

_TABLE: Final = "package"
_NEWEST: Final = 4

_KINDS: Final = {
    "git": Kind.REPOSITORY,
    "hg": Kind.REPOSITORY,
    "svn": Kind.REPOSITORY,
    "bzr": Kind.REPOSITORY,
    "url": Kind.URL,
}


class _Package(msgspec.Struct, frozen=True):
    name: str
    version: str = ""
    git: str | None = None
    hg: str | None = None
    svn: str | None = None
    bzr: str | None = None
    url: str | None = None
    path: str | None = None


class _Metadata(msgspec.Struct, frozen=True):
    lock_version: str = "1"


class _File(msgspec.Struct, frozen=True):
    metadata: _Metadata
    package: tuple[_Package, ...] = ()


def read(path: str, data: bytes) -> Lock:
    """Read a pdm.lock."""
    text = decoded(path, data)
    file = toml(path, text, _TABLE, _File)
    known(path, "lock_version", file.metadata.lock_version, _NEWEST)
    return listed(path, text, _TABLE, [_entry(package) for package in file.package])


def _entry(package: _Package) -> Entry:
    origin = first(package, _KINDS) or (Origin() if package.path is None else local(package.path))
    return Entry(package.name, package.version, origin)
