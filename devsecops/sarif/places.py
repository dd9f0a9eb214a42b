"""Artifact locations made portable: relative URIs below base ids that keep their meaning when runs are united."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import quote

Json = dict[str, Any]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_DRIVE = re.compile(r"[A-Za-z]:/")
_ROOT = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*/?")
_ALLOWED: Final = "/:?#[]@!$&'()*+,;=%-._~"
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_FILES: Final = "file:///"
_SUFFIX = re.compile(r"(.+)-([0-9a-f]{8})")


class Bases:
    """The base ids of one run: `originalUriBaseIds`, and those that absolute URIs need."""

    def __init__(self, declared: object) -> None:
        """Prepare.

        Args:
            declared: `originalUriBaseIds` as it stands in the run; what is no artifact location is left out.
        """
        found = declared.items() if isinstance(declared, dict) else ()
        self._declared: dict[str, Json] = {name: dict(value) for name, value in found if isinstance(value, dict)}
        for value in self._declared.values():
            value.pop("index", None)
            uri = value.get("uri")
            if isinstance(uri, str) and (_ROOT.match(uri) or isinstance(value.get("uriBaseId"), str)):
                root = _ROOT.match(uri)
                start = "" if not root else root[0] if root[0].endswith("/") else f"{root[0]}/"
                path = _normal(_escaped(uri[len(root[0]) if root else 0 :]))
                value["uri"] = f"{start}{path}" if not path or path.endswith("/") else f"{start}{path}/"
            else:
                value.pop("uri", None)
        for value in list(self._declared.values()):
            if isinstance(value.get("uriBaseId"), str):
                self._declared.setdefault(value["uriBaseId"], {})
        for name in self._declared:
            if self._goes_round(name):
                self._declared[name].pop("uriBaseId")
        self._roots = {uri: name for name in sorted(self._declared) if (uri := self._absolute(name))}

    def entries(self) -> dict[str, Json]:
        """What is declared, by name."""
        return self._declared

    def entry(self, name: str) -> Json:
        """What is declared of a base id; empty where nothing is."""
        return self._declared.get(name, {})

    def identity(self, name: str) -> tuple[str, str]:
        """The name before it was made distinct from others, and what it stands for: empty where nobody says."""
        value = self._absolute(name) or self._declared.get(name, {}).get("uri", "")
        found = _SUFFIX.fullmatch(name)
        return (found[1], value) if found and found[2] == mark(value) else (name, value)

    def name_in(self, names: Mapping[tuple[str, str], str], name: str) -> str:
        """The name that a base id has in a whole (`renamed`)."""
        identity = self.identity(name)
        return names.get(identity, identity[0])

    def place(self, uri: str, base: str) -> tuple[str, str]:
        """A URI as a relative one, with the base id it counts from; empty for none."""
        uri = _escaped(uri.replace("\\", "/"))
        if _DRIVE.match(uri):
            uri = f"{_FILES}{uri}"
        elif uri.startswith("/") and not uri.startswith("//"):
            if base and not self._declared.get(base, {}).get("uri"):
                return _relative(uri), base
            uri = f"{_FILES}{uri[1:]}"
        elif uri.startswith("file:") and not uri.startswith("file://"):
            uri = f"{_FILES}{uri.removeprefix('file:').lstrip('/')}"
        if not _SCHEME.match(uri):
            return _relative(uri), base
        root = _ROOT.match(uri)
        if not root:
            return quote(uri, safe=_ALLOWED.replace(":", "")), base  # name:tag, which is no URI of the scheme "name"
        for prefix, name in self._roots.items():
            if uri.startswith(prefix):
                return _relative(uri[len(prefix) :]), name
        found = root[0] if root[0].endswith("/") else f"{root[0]}/"
        self._declared.setdefault(found, {"uri": found})
        return _relative(uri[len(root[0]) :]), found

    def _goes_round(self, name: str) -> bool:
        seen: set[str] = set()
        while name not in seen:
            seen.add(name)
            above = self._declared[name].get("uriBaseId")
            if not isinstance(above, str):
                return False
            name = above
        return True

    def _absolute(self, name: str, depth: int = 8) -> str:
        """The absolute URI that a base id stands for; empty where it has none."""
        entry = self._declared.get(name, {})
        uri = str(entry.get("uri", ""))
        if _SCHEME.match(uri) or not uri or not depth:
            return uri if _ROOT.match(uri) else ""
        parent = entry.get("uriBaseId")
        above = self._absolute(parent, depth - 1) if isinstance(parent, str) else ""
        return f"{above}{uri.lstrip('/')}" if above else ""


def renamed(sources: Iterable[Bases]) -> Mapping[tuple[str, str], str]:
    """A name for each base id of several runs, by its identity; where one means several places, one for each."""
    values: dict[str, set[str]] = {}
    for source in sources:
        for name in source.entries():
            original, value = source.identity(name)
            values.setdefault(original, set()).add(value)
    found: dict[tuple[str, str], str] = {}
    for original, stands_for in values.items():
        said = stands_for - {""}
        for value in stands_for | {""}:
            alone = len(said) < 2 if value else not said
            found[original, value] = original if alone else f"{original}-{mark(value)}"
    return found


def mark(value: str) -> str:
    """Eight hexadecimal digits that tell one value from others."""
    return blake2b(value.encode(), digest_size=4).hexdigest()


def _escaped(uri: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", uri), safe=_ALLOWED)


def _relative(path: str) -> str:
    """A relative reference: nothing in its first segment can be taken for a scheme (RFC 3986, section 4.2)."""
    first, slash, rest = _normal(path).partition("/")
    return first.replace(":", "%3A") + slash + rest or "./"


def _normal(path: str) -> str:
    """A path without `.`, and without `..` but at its start."""
    path = path.lstrip("/")
    if not path.startswith(".") and "/." not in path and "//" not in path:
        return path
    kept: list[str] = []
    for part in path.split("/"):
        if part == ".." and kept and kept[-1] != "..":
            kept.pop()
        elif part not in {"", "."}:
            kept.append(part)
    return "/".join(kept) + ("/" if path.endswith("/") and kept else "")
