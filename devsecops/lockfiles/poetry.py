"""poetry.lock, formats 1 and 2."""

from __future__ import annotations

from typing import Final

import msgspec

from devsecops.lockfiles.decoding import decoded
from devsecops.lockfiles.documents import known, toml
from devsecops.lockfiles.origins import Entry, Kind, Origin
from devsecops.lockfiles.positions import listed
from devsecops.model import Lock

_TABLE: Final = "package"
_NEWEST: Final = 2

_KINDS: Final = {
    "": Kind.INDEX,
    "pypi": Kind.INDEX,
    "legacy": Kind.INDEX,
    "directory": Kind.FOLDER,
    "file": Kind.ARCHIVE,
    "url": Kind.URL,
    "git": Kind.REPOSITORY,
}
"""The types of a source; a "legacy" one is any index that is not PyPI itself."""


class _Source(msgspec.Struct, frozen=True):
    type: str = ""
    url: str = ""


class _Package(msgspec.Struct, frozen=True):
    name: str
    version: str = ""
    source: _Source = _Source()


class _Metadata(msgspec.Struct, frozen=True, rename="kebab"):
    lock_version: str = "1"


class _File(msgspec.Struct, frozen=True):
    metadata: _Metadata
    package: tuple[_Package, ...] = ()


def read(path: str, data: bytes) -> Lock:
    """Read a poetry.lock."""
    text = decoded(path, data)
    file = toml(path, text, _TABLE, _File)
    known(path, "lock-version", file.metadata.lock_version, _NEWEST)
    return listed(path, text, _TABLE, [_entry(package) for package in file.package])


def _entry(package: _Package) -> Entry:
    source = package.source
    return Entry(package.name, package.version, Origin(_KINDS.get(source.type, Kind.UNKNOWN), source.url))
