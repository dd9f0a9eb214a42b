"""What is in the layers of an image: operating system and packages, by their databases and metadata.

Not a scanner's inventory: it is there to know when a scanner has seen too little. Packages that the system's package
manager brought are counted once, by its database: metadata of Python and npm where Debian, Alpine and RPM put theirs is
left out.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from devsecops.errors import ReportError
from devsecops.images import tar
from devsecops.model import Package
from devsecops.scanner import SYSTEMS
from devsecops.text import one_line, shorten

_ENTRIES: Final = 2_000_000  # members of one layer
_METADATA: Final = 64 << 10  # bytes of a package's metadata that are read: name and version stand in front
_MANIFEST: Final = 1 << 20  # bytes of a package.json
_DATABASE: Final = 64 << 20  # bytes of a package database
_PACKAGES: Final = 200_000
_LONGEST: Final = 200  # characters of a name or version
_RELEASES: Final = ("etc/os-release", "usr/lib/os-release")
_APK: Final = ("lib/apk/db/installed", "usr/lib/apk/db/installed")
_RPM: Final = re.compile(r"(?:var/lib|usr/lib/sysimage)/rpm/(?:rpmdb\.sqlite|Packages|Packages\.db)")
_DPKG: Final = re.compile(r"var/lib/dpkg/(?:status|status\.d/[^/]+)")
_PYTHON: Final = re.compile(r"\.dist-info/METADATA$|\.egg-info/PKG-INFO$|\.egg-info$|/EGG-INFO/PKG-INFO$")
_NODE: Final = re.compile(r"(?:^|/)node_modules/(?:@[^/]+/)?[^/]+/package\.json$")
_BY_SYSTEM: Final = {
    "Debian": re.compile(r"usr/lib/python[23][^/]*/dist-packages/|usr/(?:lib|share)/(?:nodejs|node_modules)/"),
    "Alpine": re.compile(r"usr/lib/python3\.\d+/site-packages/|usr/lib/node_modules/"),
    "RPM": re.compile(r"usr/lib(?:64)?/python[23]\.\d+/site-packages/|usr/lib/node_modules/"),
}
"""Where the packages of an operating system put metadata of Python and npm."""
_WHITEOUT: Final = ".wh."
_OPAQUE: Final = ".wh..wh..opq"


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """What was found."""

    files: int = 0
    system: str = ""
    packages: tuple[Package, ...] = ()
    unread: tuple[str, ...] = ()


class _Said(msgspec.Struct, frozen=True):
    """What one file says."""

    system: str = ""
    packages: tuple[tuple[str, str, str], ...] = ()
    """Ecosystem, name, version."""
    unread: bool = False


def read(path: Path, layers: int, name: str) -> Inventory:
    """Look into an archive that `verify` has written: its first members are the layers, lowest first.

    Args:
        path: the archive.
        layers: how many layers it has.
        name: the image's name.

    Raises:
        ReportError: a layer is no tar archive, or has too many members.
    """
    count, said = 0, dict[str, _Said]()
    with path.open("rb") as file:
        members = tar.walk(file, path.stat().st_size, layers + 2)
        for number, member in zip(range(1, layers + 1), members, strict=False):
            try:
                count += _read_layer(tar.window(file, member.offset, member.size), member.size, said)
            except ReportError as error:
                raise ReportError(f"layer {number} of {layers}: {error.message}") from None
    return Inventory(
        files=count,
        system=_system(said),
        packages=tuple(_packages(said, name)),
        unread=tuple(sorted(one for one, found in said.items() if found.unread)),
    )


def _read_layer(file: BinaryIO, size: int, said: dict[str, _Said]) -> int:
    """Add what a layer says to what those below it say, less what it removes; the number of its files."""
    files, added, gone = 0, dict[str, _Said](), set[str]()
    for entry in tar.walk(file, size, _ENTRIES) if size else ():
        folder, _, name = entry.name.rpartition("/")
        if name.startswith(_WHITEOUT):
            gone.add(folder if name == _OPAQUE else f"{folder}/{name.removeprefix(_WHITEOUT)}".lstrip("/"))
            continue
        files += entry.kind == "file"
        if entry.kind != "other":
            gone.add(entry.name)
        if entry.kind == "file" and entry.size and (reader := _reader(entry.name)):
            file.seek(entry.offset)
            added[entry.name] = reader(entry.name, file, entry.size)
    for path in [path for path in said if not gone.isdisjoint(_above(path))]:
        del said[path]
    said |= added
    return files


def _above(path: str) -> Iterator[str]:
    """A path, and the folders above it up to the root, which is the empty text."""
    yield path
    while path:
        path = path.rpartition("/")[0]
        yield path


def _reader(name: str) -> Callable[[str, BinaryIO, int], _Said] | None:
    if name in _RELEASES:
        return _release
    if name in _APK:
        return _apk
    if _DPKG.fullmatch(name):
        return None if name.endswith(".md5sums") else _dpkg
    if _RPM.fullmatch(name):
        return _rpm
    if name.endswith("/package.json"):
        return _node if _NODE.search(name) else None
    return _python if name.endswith(("METADATA", "-INFO", ".egg-info")) and _PYTHON.search(name) else None


def _release(_: str, file: BinaryIO, size: int) -> _Said:
    """The operating system (os-release(5) of systemd)."""
    text = _text(file, min(size, _METADATA))
    values = dict(line.partition("=")[::2] for line in text.splitlines())
    words = [_unquoted(values.get(key, "")) for key in ("ID", "VERSION_ID")]
    return _Said(system=one_line(" ".join(words)))


def _dpkg(_: str, file: BinaryIO, size: int) -> _Said:
    """Installed packages (deb-status: dpkg, lib/dpkg/parse.c; Debian policy, section 5.1)."""
    stanzas = map(_fields, _whole(file, size).split("\n\n"))
    return _Said(
        packages=tuple(
            ("Debian", one["Package"], one["Version"])
            for one in stanzas
            if one.keys() >= {"Package", "Version"} and one.get("Status", "installed").split()[-1:] == ["installed"]
        )
    )


def _apk(_: str, file: BinaryIO, size: int) -> _Said:
    """Installed packages (apk-tools, doc/apk-v2.5.scd)."""
    found: list[tuple[str, str, str]] = []
    for stanza in _whole(file, size).split("\n\n"):
        values = dict(line.partition(":")[::2] for line in stanza.splitlines() if line[:2] in {"P:", "V:"})
        if values.keys() >= {"P", "V"}:
            found.append(("Alpine", values["P"], values["V"]))
    return _Said(packages=tuple(found))


def _rpm(_: str, __: BinaryIO, ___: int) -> _Said:
    """That there is a database of RPM: we do not read its three formats."""
    return _Said(unread=True)


def _python(_: str, file: BinaryIO, size: int) -> _Said:
    """A distribution (core metadata specification of PyPA)."""
    fields = _fields(_text(file, min(size, _METADATA)).partition("\n\n")[0])
    if not fields.get("Name") or not fields.get("Version"):
        return _Said()
    return _Said(packages=(("PyPI", re.sub(r"[-_.]+", "-", fields["Name"]).lower(), fields["Version"]),))


class _Manifest(msgspec.Struct):
    name: str = ""
    version: str = ""


def _node(_: str, file: BinaryIO, size: int) -> _Said:
    """An installed package of npm (package.json, npm's documentation of configuring npm)."""
    try:
        said = msgspec.json.decode(file.read(min(size, _MANIFEST)), type=_Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Said()
    return _Said(packages=(("npm", said.name, said.version),)) if said.name and said.version else _Said()


def _fields(stanza: str) -> dict[str, str]:
    """The fields of a stanza, less continued lines."""
    pairs = (line.partition(":")[::2] for line in stanza.splitlines() if line[:1] not in {" ", "\t", ""})
    return {name: value.strip() for name, value in pairs}


def _system(said: dict[str, _Said]) -> str:
    return next((shorten(said[name].system, _LONGEST) for name in _RELEASES if name in said and said[name].system), "")


def _packages(said: dict[str, _Said], name: str) -> Iterator[Package]:
    systems = {one[0] for saying in said.values() for one in saying.packages if one[0] in SYSTEMS}
    systems |= {"RPM" for saying in said.values() if saying.unread}
    own = [_BY_SYSTEM[system] for system in systems]
    counted = (one for path, one in said.items() if not any(pattern.match(path) for pattern in own))
    found = sorted({one for saying in counted for one in saying.packages})
    if len(found) > _PACKAGES:
        raise ReportError(f"it names more than {_PACKAGES:,} packages")
    for ecosystem, package, version in found:
        yield Package(
            name=shorten(package, _LONGEST), version=shorten(version, _LONGEST), path=name, ecosystem=ecosystem
        )


def _whole(file: BinaryIO, size: int) -> str:
    if size > _DATABASE:
        raise ReportError(f"a package database is larger than {_DATABASE >> 20} MiB")
    return _text(file, size)


def _text(file: BinaryIO, size: int) -> str:
    return file.read(size).decode("utf-8", "replace").replace("\r\n", "\n")


def _unquoted(text: str) -> str:
    try:
        return "".join(shlex.split(text))
    except ValueError:
        return text
