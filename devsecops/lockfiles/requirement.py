"""One requirement: what it names, and whether it says exactly which version."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

import msgspec
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from devsecops.lockfiles.origins import Kind, inside, is_archive
from devsecops.lockfiles.pins import pin

_LONGEST: Final = 20_000

VARIABLE: Final = re.compile(r"\$\{([A-Z0-9_]+)\}")
URL: Final = re.compile(r"[a-z][a-z0-9+.-]+://|(?:file|git|hg|svn|bzr)(?:\+[a-z]+)?:", re.IGNORECASE)
_LOCAL_HOST: Final = re.compile(r"^//(?=[./])")
_REPOSITORY: Final = re.compile(r"(?:git|hg|svn|bzr)(?:\+[a-z]+)?:|ssh:", re.IGNORECASE)
_PATH: Final = re.compile(r"(?:/|\.{1,2}(?:[/\\\[]|$))\S*")
_MARKER: Final = re.compile(r";\s|\s;")
_EXTRAS: Final = re.compile(r"\[[^\[\]]*\]$")
_EGG: Final = re.compile(r"(?:^|&)egg=([A-Za-z0-9._-]+)")
_RELEASES: Final = (
    re.compile(r"([^-]+)-([^-]+)(?:-\d[^-]*)?-[^-]+-[^-]+-[^-]+\.whl"),
    re.compile(r"(.+)-([^-]+)\.tar\.gz"),
)
_SNAPSHOT: Final = re.compile(r"//github\.com/[^/]+/[^/]+/archive/", re.IGNORECASE)
"""An archive that GitHub makes of a tag: its file name starts with the tag, not with the name of a package."""


class Pinned(msgspec.Struct, frozen=True):
    """A name at one version."""

    name: str
    version: str


class Open(msgspec.Struct, frozen=True):
    """A name without a version of its own: a constraint may give one."""

    name: str
    reason: str


class Unclear(msgspec.Struct, frozen=True):
    """Something that pip can install and an audit cannot name."""

    reason: str


class Invalid(msgspec.Struct, frozen=True):
    """No requirement at all."""

    reason: str


class Local(msgspec.Struct, frozen=True):
    """Code of the repository itself, in this folder."""

    folder: str
    certain: bool = True
    """False for what only looks like a path, as `a/b`: it is none unless there is a project in the folder."""


Answer = Pinned | Open | Unclear | Invalid | Local


def requirement(path: str, text: str) -> Answer:
    """What a requirement of the file at this path asks for."""
    if answer := _anywhere(path, text):
        return answer
    head = re.split("[@;]", text, maxsplit=1)[0].strip()
    if "/" in head or "\\" in head or head.startswith("."):
        where = text.partition(";")[0].strip()
        return _at_path(path, where, certain=_PATH.fullmatch(where) is not None)
    return Unclear(Kind.ARCHIVE.value) if is_archive(head) else _by_name(path, text)


def editable(path: str, text: str) -> Answer:
    """What the value of an option `-e` asks for: a folder, unless it is a URL or a name at one."""
    if answer := _anywhere(path, text):
        return answer
    return _by_name(path, text) if "@" in text else _at_path(path, text)


def _anywhere(path: str, text: str) -> Answer | None:
    """The answer where the text is too long, depends on the environment or is a URL."""
    if len(text) > _LONGEST:
        return Invalid(f"it is longer than {_LONGEST} characters")
    if variable := VARIABLE.search(text):
        return Unclear(f"it depends on the environment variable {variable[1]}")
    return _at_url(path, _MARKER.split(text)[0]) if URL.match(text) else None


def _by_name(path: str, text: str) -> Answer:
    try:
        parsed = Requirement(text)
    except (ValueError, RecursionError) as error:
        return Invalid(str(error).partition("\n")[0])
    if parsed.url:
        return _at_url(path, parsed.url, parsed.name)
    version, reason = pin(parsed.specifier)
    return Open(canonicalize_name(parsed.name), reason) if reason else Pinned(parsed.name, version)


def _at_url(path: str, url: str, name: str = "") -> Answer:
    if url.lower().startswith("file:"):
        return _at_path(path, unquote(_LOCAL_HOST.sub("", re.split("[?#]", url[5:])[0])))
    if _REPOSITORY.match(url):
        return Unclear(Kind.REPOSITORY.value)
    return _released(url, name) or Unclear(Kind.URL.value)


def _released(url: str, wanted: str) -> Pinned | None:
    """The release that the file name of a URL says, if it does not contradict the name that is asked for."""
    address, _, fragment = url.partition("#")
    file = unquote(address.partition("?")[0].rpartition("/")[2])
    wanted = wanted or "".join(_EGG.findall(fragment)[:1])
    for name, version in (match.groups() for pattern in _RELEASES if (match := pattern.fullmatch(file))):
        agrees = canonicalize_name(name) == canonicalize_name(wanted) if wanted else not _SNAPSHOT.search(url)
        return Pinned(name, version) if agrees and _is_version(version) else None
    return None


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except ValueError:
        return False
    return True


def _at_path(path: str, where: str, *, certain: bool = True) -> Answer:
    folder = _EXTRAS.sub("", where)
    if is_archive(folder):
        return Unclear(Kind.ARCHIVE.value)
    return Local(folder, certain) if inside(path, folder) else Unclear(Kind.FOLDER.value)
