"""Where a result is, as platforms want it: a path relative to the repository, and a region."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, unquote, unquote_to_bytes

from devsecops.sarif.encode import ROOT_ID
from devsecops.sarif.projections.shared import Json, bag, listed, objects, written

ROOTS: Final = {ROOT_ID: {"description": {"text": "The root of the scanned repository."}}}
_URL: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_REFERENCE: Final = re.compile(r"(?:docker-image|docker|image|oci|pkg):(?!//)")
_IMAGE: Final = re.compile(r"((?:[\w.-]+(?::\d+)?/)?[\w.-]+(?:/[\w.-]+)*)(:[\w.-]+)?(@sha256:[0-9a-fA-F]+)?")
_DRIVE: Final = re.compile(r"[A-Za-z]:/")
_DEEPEST: Final = 10  # base ids that lead to each other


class Places:
    """The places of one raw run.

    Args:
        run: the run.
        dockerfiles: the Dockerfile of each image, by its name without tag and digest.
    """

    def __init__(self, run: Json, dockerfiles: Mapping[str, str]) -> None:
        self._run = run
        self._artifacts = run.get("artifacts") if isinstance(run.get("artifacts"), list) else []
        self._steps = run.get("threadFlowLocations") if isinstance(run.get("threadFlowLocations"), list) else []
        self._requests = run.get("webRequests") if isinstance(run.get("webRequests"), list) else []
        self._bases = objects(run, "originalUriBaseIds")
        self._roots = sorted(self._absolute(), key=len, reverse=True)
        self._dockerfiles = dockerfiles

    def of(self, raw: Json, service: Json) -> list[Json]:
        """The physical locations of a result, at least one: of what tells where it is, the best there is."""
        found = [physical for one in listed(raw, "locations") if (physical := self.physical(one))]
        if found:
            return found
        package = next((one for place in listed(raw, "locations") for one in listed(place, "logicalLocations")), {})
        candidates = (
            relative(written(self._row(raw.get("webRequest"), self._requests), "target"), ()),
            self.path(objects(raw, "analysisTarget")),
            next((quote(one) for one in service.get("manifests", ()) if isinstance(one, str)), ""),
            relative(written(package, "fullyQualifiedName") or written(package, "name"), ()),
            relative(written(objects(objects(self._run, "tool"), "driver"), "name"), ()),
        )
        return [_physical(next(filter(None, candidates), "unknown"), {})]

    def physical(self, location: Json) -> Json:
        """The physical location of a location, with a region; an empty object where it names no file."""
        physical = objects(location, "physicalLocation")
        of_package = any(one.get("kind") == "package" for one in listed(location, "logicalLocations"))
        path = self.path(objects(physical, "artifactLocation"), of_package=of_package)
        return _physical(path, objects(physical, "region")) if path else {}

    def path(self, artifact: Json, *, of_package: bool = False) -> str:
        """The file that an artifact location names, percent-encoded; empty where it names none.

        Only of a package an encoded colon is taken for the one before an image's tag: other files may have one.
        """
        row = self._row(artifact, self._artifacts, "location")
        uri = written(row, "uri")
        image = image_name(_REFERENCE.sub("", unquote(uri)))
        if image in self._dockerfiles:
            return quote(self._dockerfiles[image])
        if of_package and image:
            uri = quote(image)
        return relative(self._base(row.get("uriBaseId")) + uri, self._roots) if uri else ""

    def step(self, step: Json) -> Json:
        """The location of a step in a code flow."""
        return objects(self._row(step, self._steps), "location")

    def _row(self, holder: Any, table: Any, inside: str = "") -> Json:  # noqa: ANN401
        """What an object says, with what stands in the table that its index leads into."""
        if not isinstance(holder, dict):
            return {}
        index = holder.get("index")
        row = table[index] if type(index) is int and 0 <= index < len(table) else {}
        row = objects(row, inside) if inside else row
        return row | holder if isinstance(row, dict) else holder

    def _base(self, name: object, depth: int = 0) -> str:
        """The folder a base id stands for, relative to the outermost one."""
        base = objects(self._bases, name) if isinstance(name, str) else {}
        uri = written(base, "uri")
        if not uri or _URL.match(uri) or uri.lower().startswith("file:") or depth > _DEEPEST:
            return ""
        return self._base(base.get("uriBaseId"), depth + 1) + uri.rstrip("/") + "/"

    def _absolute(self) -> set[str]:
        """Folders of the machine that the run was made on which stand for the root of the repository."""
        uris = [written(value, "uri") for value in self._bases.values()]
        uris += [written(objects(one, "workingDirectory"), "uri") for one in listed(self._run, "invocations")]
        return {path for path in map(_file_path, uris) if path.strip("/")}


def relative(uri: str, roots: Any) -> str:  # noqa: ANN401
    """A URI as a path that is relative for every reader: no scheme, no host's port, no tag, no way out."""
    uri = uri.replace("\\", "/")
    path = _file_path(uri)
    if path:
        root = next((root for root in roots if path.startswith(root.rstrip("/") + "/")), "")
        return _tame(path[len(root) :])
    url = _URL.fullmatch(uri)
    if url:
        host, slash, rest = re.split(r"[?#]", url[2])[0].rpartition("@")[2].partition("/")
        return _tame(host.replace(":", "-") + slash + rest)
    if uri.startswith("pkg:"):
        uri = uri.partition("@")[0]
    named = _REFERENCE.sub("", uri)
    return _tame(image_name(named).replace(":", "-") or named)


def image_name(reference: str) -> str:
    """An image's name without tag and digest; empty where the text is no such reference."""
    found = _IMAGE.fullmatch(reference)
    return found[1] if found else ""


def dockerfiles(log: Json) -> dict[str, str]:
    """The Dockerfile of each image that a service of the log is built as."""
    services = listed(bag(log), "services")
    pairs = ((image_name(written(one, "image")), written(one, "dockerfile")) for one in services)
    return {image: file for image, file in pairs if image and file}


def region(raw: Json) -> Json:
    """A region that every reader takes: whole numbers from 1, its end behind its start; line 1 where none is known."""
    line = _number(raw, "startLine") or 1
    column, end, last = (_number(raw, name) for name in ("startColumn", "endLine", "endColumn"))
    found = {"startLine": line}
    if _number(raw, "startLine") and column:
        found["startColumn"] = column
    end = end if end > line and _number(raw, "startLine") else line
    if end > line:
        found["endLine"] = end
    if last and _number(raw, "startLine") and (end > line or last >= found.get("startColumn", 1)):
        found["endColumn"] = last
    return found


def _physical(path: str, raw: Json) -> Json:
    return {"artifactLocation": {"uri": path, "uriBaseId": ROOT_ID}, "region": region(raw)}


def _number(holder: Json, name: str) -> int:
    found = holder.get(name)
    return found if type(found) is int and found > 0 else 0


def _file_path(uri: str) -> str:
    """The path of a `file:` URI, a rooted path or one with a drive; empty for others."""
    path = uri.replace("\\", "/")
    if path[:5].lower() == "file:":
        path = path[5:]
        if path.startswith("//"):
            path = "/" + path[2:].partition("/")[2]
    elif not path.startswith("/") and not _DRIVE.match(path):
        return ""
    return path if path.startswith("/") else f"/{path}"


def _tame(path: str) -> str:
    kept: list[str] = []
    for segment in re.split(r"[?#]", path)[0].split("/"):
        plain = unquote(segment)
        if plain == "..":
            del kept[-1:]
        elif plain not in {"", "."}:
            kept.append(quote(unquote_to_bytes(segment), safe=""))
    return "/".join(kept)
