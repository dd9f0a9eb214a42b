"""Pipfile.lock (pipenv)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from devsecops.lockfiles.decoding import decoded
from devsecops.lockfiles.documents import json_object, known, shaped
from devsecops.lockfiles.origins import Entry, Kind, Origin, first, found, local
from devsecops.lockfiles.pins import NO_VERSION, pin
from devsecops.lockfiles.places import Found, Place, lock
from devsecops.lockfiles.positions import keys
from devsecops.model import Lock

_NEWEST: Final = 6

_KINDS: Final = {
    "git": Kind.REPOSITORY,
    "hg": Kind.REPOSITORY,
    "svn": Kind.REPOSITORY,
    "bzr": Kind.REPOSITORY,
    "file": Kind.URL,
}


class _Package(msgspec.Struct, frozen=True):
    version: str = ""
    git: str | None = None
    hg: str | None = None
    svn: str | None = None
    bzr: str | None = None
    file: str | None = None
    path: str | None = None


class _Meta(msgspec.Struct, frozen=True, rename="kebab"):
    pipfile_spec: int = 0


def read(path: str, data: bytes) -> Lock:
    """Read a Pipfile.lock: the default, the develop and every other category."""
    text = decoded(path, data)
    members = json_object(path, text)
    meta = shaped(path, members.pop("_meta", None), _Meta, "_meta")
    known(path, "_meta.pipfile-spec", meta.pipfile_spec, _NEWEST)
    return lock(path, _found(path, members, keys(text)))


def _found(path: str, sections: dict[str, object], lines: dict[tuple[str, str], int]) -> Iterator[Found]:
    for section, content in sections.items():
        for name, value in shaped(path, content, dict[str, object], section).items():
            place = Place(path, lines[section, name])
            yield from _audited(place, name, _package(path, value, f"{section}.{name}"))


def _package(path: str, value: object, key: str) -> _Package:
    """An entry; a bare string is a version, as in a Pipfile."""
    return _Package(version=value) if isinstance(value, str) else shaped(path, value, _Package, key)


def _audited(place: Place, name: str, package: _Package) -> Iterator[Found]:
    origin = first(package, _KINDS) or (Origin() if package.path is None else local(package.path))
    if origin.kind is not Kind.INDEX:
        return found([(place, Entry(name, package.version, origin))])
    return iter([_release(place, name, package.version)])


def _release(place: Place, name: str, version: str) -> Found:
    try:
        exact, reason = pin(SpecifierSet("" if version.strip() == "*" else version))
    except InvalidSpecifier:
        return place.unpinned(f"{name} {version}", NO_VERSION)
    return place.unpinned(f"{name}{version}", reason) if reason else place.package(name, exact)
