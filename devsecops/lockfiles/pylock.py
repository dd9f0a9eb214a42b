"""pylock.toml (PEP 751)."""

from __future__ import annotations

from typing import Final

import msgspec

from devsecops.lockfiles.decoding import decoded
from devsecops.lockfiles.documents import known, toml
from devsecops.lockfiles.origins import Entry, Kind, Origin
from devsecops.lockfiles.positions import listed
from devsecops.model import Lock

_TABLE: Final = "packages"
_NEWEST: Final = 1


class _Source(msgspec.Struct, frozen=True):
    path: str = ""
    url: str = ""

    def origin(self, kind: Kind) -> Origin:
        return Origin(kind, self.url or self.path)


class _Package(msgspec.Struct, frozen=True):
    name: str
    version: str = ""
    vcs: _Source | None = None
    directory: _Source | None = None
    archive: _Source | None = None


class _File(msgspec.Struct, frozen=True, rename="kebab"):
    lock_version: str
    packages: tuple[_Package, ...]


def read(path: str, data: bytes) -> Lock:
    """Read a pylock.toml."""
    text = decoded(path, data)
    file = toml(path, text, _TABLE, _File)
    known(path, "lock-version", file.lock_version, _NEWEST)
    return listed(path, text, _TABLE, [_entry(package) for package in file.packages])


def _entry(package: _Package) -> Entry:
    return Entry(package.name, package.version, _origin(package))


def _origin(package: _Package) -> Origin:
    if package.vcs is not None:
        return package.vcs.origin(Kind.REPOSITORY)
    if package.directory is not None:
        return Origin(Kind.FOLDER, package.directory.path)
    if package.archive is not None:
        return package.archive.origin(Kind.URL if package.archive.url else Kind.ARCHIVE)
    return Origin()
