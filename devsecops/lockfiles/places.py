"""The line of a file that names something, and what is found there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import msgspec
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from devsecops.model import Lock, Package, Unpinned
from devsecops.text import mask_urls, one_line, shorten

_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_REQUIREMENT: Final = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[|[<>=!~;@(]|\s|$)")
_SHOWN: Final = 200  # characters
_EXAMINED: Final = 4_000  # characters

Found = Package | Unpinned


class Place(msgspec.Struct, frozen=True):
    """A line of a file; 0 where the line is not known."""

    path: str
    line: int = 0

    def package(self, name: str, version: str) -> Found:
        """The package named here, unless name or version are none that an index could know."""
        name, version = name.strip(), version.strip()
        if not _NAME.fullmatch(name):
            return self.unpinned(f"{name} {version}", "its name is not a valid package name")
        if not version:
            return self.unpinned(name, "no version is given")
        if not _is_version(version):
            return self.unpinned(f"{name} {version}", "its version is not a valid version")
        return Package(name=canonicalize_name(name), version=version, path=self.path, line=self.line)

    def unpinned(self, text: str, reason: str) -> Unpinned:
        """What stands here and cannot be audited."""
        named = _REQUIREMENT.match(text)
        return Unpinned(
            path=self.path,
            text=_shown(text),
            reason=_shown(reason),
            line=self.line,
            name=canonicalize_name(named[1]) if named else "",
        )


def lock(path: str, found: Iterable[Found]) -> Lock:
    """Everything found in one file, in order."""
    kept = tuple(found)
    return Lock(
        path=path,
        packages=tuple(item for item in kept if isinstance(item, Package)),
        unpinned=tuple(item for item in kept if isinstance(item, Unpinned)),
    )


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _shown(text: str) -> str:
    """Text of the repository on one line, without credentials, not endless."""
    return shorten(one_line(mask_urls(text[:_EXAMINED])), _SHOWN)
