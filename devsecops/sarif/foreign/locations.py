"""Where a result of any tool lies, as a location of the model."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import Final
from urllib.parse import unquote_to_bytes

from devsecops.model import FileLocation, HttpLocation, Location, PackageLocation
from devsecops.sarif.foreign.values import Json, at, bag, first, position, string, strings, table, tables
from devsecops.text import clean, mask

_ROOT = re.compile(
    r"%?(?:(?:SRC|SOURCE|PROJECT|REPO|REPOSITORY|CHECKOUT|WORKSPACE|WORKING|EXECUTION|SOLUTION|SCAN|BASE)"
    r"[_-]?(?:ROOT|DIR|DIRECTORY|PATH)?|ROOT[_-]?(?:PATH|DIR)?|PWD|CWD)%?(?:-[0-9a-f]{8})?",
    re.IGNORECASE,
)
"""Base ids that tools use for the root of what they scan; none of them is fixed (SARIF 2.1.0, section 3.4.4)."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_URL = re.compile(r"https?://[^/]", re.IGNORECASE)
_FILE = re.compile(r"file:(?://(localhost(?=/)|[^/]*))?", re.IGNORECASE)
_DRIVE = re.compile(r"/?([A-Za-z]:)(?:/|$)")
_DEEPEST: Final = 8  # base ids upon base ids


class Places:
    """Resolves the locations of one run."""

    def __init__(self, run: Json) -> None:
        """Prepare.

        Args:
            run: the run; its tables of artifacts, web requests and base ids are used.
        """
        self._bases = table(run.get("originalUriBaseIds"))
        self._artifacts = run.get("artifacts")
        self._requests = run.get("webRequests")
        self._logical = run.get("logicalLocations")
        folders = [string(table(one.get("workingDirectory")).get("uri")) for one in tables(run.get("invocations"))]
        folders += [string(table(base).get("uri")) for name, base in self._bases.items() if _ROOT.fullmatch(name)]
        roots = {_path(folder).rstrip("/") for folder in folders if _FILE.match(folder)}
        self._roots = sorted(filter(None, roots), key=len, reverse=True)

    def of(self, result: Json, purls: list[str]) -> Location:
        """The location of a result: its first one, or the request that it was found by.

        Args:
            result: the result.
            purls: package URLs that its rule is about.
        """
        location = first(result.get("locations"))
        physical = table(location.get("physicalLocation"))
        uri = self.resolved(table(physical.get("artifactLocation")))
        logical = [self._logical_location(one) for one in tables(location.get("logicalLocations"))]
        request = table(result.get("webRequest"))
        request = at(self._requests, request.get("index")) | request
        target = string(request.get("target"))
        if _URL.match(target) or _URL.match(uri):
            return _request(uri if _URL.match(uri) else target, request, logical)
        purl = uri if uri.startswith("pkg:") else _purl(result, location, logical, purls)
        region = table(physical.get("region"))
        if purl:
            path = "" if uri.startswith("pkg:") else self.path(uri)
            return PackageLocation(purl=clean(purl), path=path, line=position(region.get("startLine")))
        return _in_file(self.path(uri), region)

    def resolved(self, location: Json) -> str:
        """The URI of an artifact location, as absolute as the base ids say; relative where it counts from the root."""
        if not string(location.get("uri")):
            location = table(at(self._artifacts, location.get("index")).get("location")) or location
        uri, base = string(location.get("uri")).strip().replace("\\", "/"), string(location.get("uriBaseId"))
        for _ in range(_DEEPEST):
            if not base or _SCHEME.match(uri):
                break
            entry = table(self._bases.get(base))
            above, parent = string(entry.get("uri")), string(entry.get("uriBaseId"))
            if not parent and (not above or _ROOT.fullmatch(base)):
                return uri.lstrip("/")
            uri, base = f"{above.rstrip('/')}/{uri.lstrip('/')}" if above else uri, parent
        return uri

    def path(self, uri: str) -> str:
        """A resolved URI as a path: relative to the root where that is known, else as the tool says it."""
        if _SCHEME.match(uri) and not _FILE.match(uri) and not _DRIVE.match(uri):
            return _decoded(uri)  # image:tag, or a scheme that is none of files
        path = _path(uri)
        for root in self._roots:
            if path.startswith(f"{root}/"):
                path = path[len(root) + 1 :]
                break
        return _normal(path)

    def _logical_location(self, location: Json) -> Json:
        return at(self._logical, location.get("index")) | location


def line_text(result: Json) -> str:
    """The text of the line a result begins in, as far as its snippets have it; empty where they do not."""
    physical = table(first(result.get("locations")).get("physicalLocation"))
    region, context = table(physical.get("region")), table(physical.get("contextRegion"))
    ahead = position(region.get("startLine")) - (
        position(context.get("startLine")) or position(region.get("startLine"))
    )
    around = _lines(context)
    if 0 <= ahead < len(around) and around[ahead].strip():
        return around[ahead]
    return next(iter(_lines(region)), "")


def snippet(result: Json) -> str:
    """The text of the region of a result; empty where the tool does not give it."""
    physical = table(first(result.get("locations")).get("physicalLocation"))
    return "\n".join(_lines(table(physical.get("region"))))


def _lines(region: Json) -> list[str]:
    return string(table(region.get("snippet")).get("text")).splitlines()


def _request(url: str, request: Json, logical: list[Json]) -> HttpLocation:
    parameters = [string(one.get("name")) for one in logical if one.get("kind") == "parameter"]
    return HttpLocation(
        url=mask(clean(url)),
        method=clean(string(request.get("method"))).upper() or "GET",
        parameter=clean(next(iter(parameters), "")),
    )


def _purl(result: Json, location: Json, logical: list[Json], purls: list[str]) -> str:
    """The package URL of a result: what its own places say, else the only one that its rule is about."""
    said = [string(one.get("fullyQualifiedName")) for one in logical]
    for holder in (location, result):
        if properties := bag(holder):
            said += [text for name in ("purl", "packageUrl", "packageURL") for text in strings(properties.get(name))]
    own = [text for text in said if text.startswith("pkg:")]
    return own[0] if own else purls[0] if len(purls) == 1 and purls[0].startswith("pkg:") else ""


def _in_file(path: str, region: Json) -> FileLocation:
    line, last = position(region.get("startLine")), position(region.get("endLine"))
    if not line:
        return FileLocation(path=path)
    column, end = position(region.get("startColumn")), position(region.get("endColumn"))
    several = last > line
    return FileLocation(
        path=path,
        line=line,
        column=column,
        end_line=last if several else 0,
        end_column=end if several or end > column else 0,
    )


def _path(uri: str) -> str:
    """The path of a file URI or a relative reference, percent-encoding undone, with forward slashes."""
    uri = uri.replace("\\", "/")
    found = _FILE.match(uri)
    if found:
        host, rest = found[1] or "", uri[found.end() :]
        known = host in {"", "localhost"} or re.fullmatch(r"[A-Za-z]:", host)
        uri = f"{'' if host == 'localhost' else host}/{rest.lstrip('/')}" if known else f"//{host}{rest}"
    path = _decoded(uri)
    drive = _DRIVE.match(path)
    return path[1:] if drive and path.startswith("/") else path


def _decoded(uri: str) -> str:
    """Percent-encoding undone, but for bytes that are not UTF-8: the model has them percent-encoded too."""
    if "%" not in uri:
        return uri
    text = unquote_to_bytes(uri).decode("utf-8", "surrogateescape")
    return re.sub("[\udc80-\udcff]", lambda found: f"%{ord(found[0]) - 0xDC00:02X}", text)


def _normal(path: str) -> str:
    """A path without `.` and empty parts, and without `..` but at its start."""
    if "." not in path and "//" not in path:
        return path
    lead = "".join(takewhile("/".__eq__, path))[:2]
    kept: list[str] = []
    for part in path.split("/"):
        if part == ".." and kept and kept[-1] != "..":
            kept.pop()
        elif part not in {"", "."} and not (part == ".." and lead):
            kept.append(part)
    return lead + "/".join(kept)
