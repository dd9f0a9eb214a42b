"""Where a package comes from, when it is not a package index."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Final

import msgspec

from devsecops.lockfiles.places import Found, Place

_DRIVE: Final = re.compile(r"[A-Za-z]:")
_TARS: Final = (".tar", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.lz", ".tar.lzma", ".tgz", ".tbz", ".txz", ".tlz")
_ARCHIVES: Final = (".whl", ".zip", *_TARS)


class Kind(Enum):
    """Kinds of origin, each with the reason why such a package cannot be audited."""

    INDEX = ""
    FOLDER = "the path lies outside the scanned root"
    ARCHIVE = "it is an archive file, not a release of a package index"
    URL = "it comes from a URL, not from a package index"
    REPOSITORY = "it comes from a source repository, not from a package index"
    UNKNOWN = "it comes from a kind of source that is not known"


class Origin(msgspec.Struct, frozen=True):
    """A kind of origin and the path or URL."""

    kind: Kind = Kind.INDEX
    where: str = ""


class Entry(msgspec.Struct, frozen=True):
    """One entry of a lock file."""

    name: str
    version: str = ""
    origin: Origin = Origin()


def found(entries: Iterable[tuple[Place, Entry]]) -> Iterator[Found]:
    """What the entries name: local code of the repository itself is left out, it has no advisories."""
    for place, entry in entries:
        match entry.origin:
            case Origin(Kind.INDEX):
                yield place.package(entry.name, entry.version)
            case Origin(Kind.FOLDER, where) if inside(place.path, where):
                pass
            case _:
                yield _elsewhere(place, entry)


def _elsewhere(place: Place, entry: Entry) -> Found:
    origin = entry.origin
    words = (entry.name, entry.version, f"from {origin.where}" if origin.where else "")
    return place.unpinned(" ".join(filter(None, words)), origin.kind.value)


def first(table: msgspec.Struct, kinds: Mapping[str, Kind]) -> Origin | None:
    """The origin that a table of a lock file gives: the first of these fields that is set."""
    for field, kind in kinds.items():
        where: str | None = getattr(table, field)
        if where is not None:
            return Origin(kind, where)
    return None


def local(where: str) -> Origin:
    """The origin of a path: a folder, or an archive by its name."""
    return Origin(Kind.ARCHIVE if is_archive(where) else Kind.FOLDER, where)


def is_archive(name: str) -> bool:
    """Whether pip would take a file of this name for a wheel or a source archive."""
    return name.lower().endswith(_ARCHIVES)


def resolved(path: str, where: str) -> str | None:
    """The path that a file names, relative to the scanned root, or None where it lies outside.

    Args:
        path: the file that names it.
        where: the path as written, relative to the folder of that file.
    """
    where = where.replace("\\", "/")
    if where.startswith(("/", "~", "$")) or _DRIVE.match(where):
        return None
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(path), where))
    return None if joined == ".." or joined.startswith("../") else joined


def inside(path: str, where: str) -> bool:
    """Whether the path that a file names lies inside the scanned root."""
    return resolved(path, where) is not None
