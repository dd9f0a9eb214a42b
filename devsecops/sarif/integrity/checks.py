"""What must hold of one object of a run: the checks that the walk makes, by the object's name in SARIF 2.1.0."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from devsecops.sarif.integrity.tables import Json, Place, Tables, at, listed, objects

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LEAST: Final = {
    "startLine": 1,
    "startColumn": 1,
    "endLine": 1,
    "endColumn": 1,
    "charOffset": -1,
    "charLength": 0,
    "byteOffset": -1,
    "byteLength": 0,
}

CACHED: Final[dict[str, tuple[tuple[str, str, tuple[str, ...]], ...]]] = {
    "address": (
        ("index", "addresses", ("absoluteAddress", "relativeAddress", "fullyQualifiedName", "name", "parentIndex")),
        ("parentIndex", "addresses", ()),
    ),
    "artifact": (("parentIndex", "artifacts", ()),),
    "artifactLocation": (("index", "artifacts", ("uri", "uriBaseId")),),
    "logicalLocation": (
        ("index", "logicalLocations", ("fullyQualifiedName", "name", "decoratedName", "kind", "parentIndex")),
        ("parentIndex", "logicalLocations", ()),
    ),
    "resultProvenance": (("invocationIndex", "invocations", ()),),
    "threadFlowLocation": (("index", "threadFlowLocations", ("location", "module", "kinds")),),
    "webRequest": (("index", "webRequests", ("target", "method", "protocol", "version")),),
    "webResponse": (("index", "webResponses", ("statusCode", "reasonPhrase", "protocol", "version")),),
}
"""Object to its indices: the property, the table of the run, and what must be the same where both say it."""


def whole(tables: Tables, holder: Json, name: str, place: Place, least: int = -1) -> int:
    """A whole number of at least `least`; -1 where it is absent or wrong."""
    found = holder.get(name, -1)
    if type(found) is not int or (name in holder and found < least):
        tables.wrong((place, name), f"must be a whole number of at least {least}")
        return -1
    return found


def indexed(tables: Tables, holder: Json, name: str, place: Place, table: str) -> Json:
    """What an index points to; an empty object where there is no index, or a wrong one."""
    index = whole(tables, holder, name, place)
    rows = tables.table(table)
    if index < 0 or rows is None:
        return {}
    if index >= len(rows):
        tables.wrong((place, name), f"{index} is not in run.{table}, which has {len(rows)}")
    return at(rows, index)


def cached(tables: Tables, kind: str, value: Json, place: Place) -> None:
    """The indices of an object are in range, and what it says is what stands there."""
    for name, table, same in CACHED.get(kind, ()):
        row = indexed(tables, value, name, place, table)
        if table == "artifacts":
            row = objects(row, "location")
        for one in same:
            if one in value and one in row and value[one] != row[one]:
                tables.wrong((place, one), f"differs from what stands in run.{table}")


def artifact_location(tables: Tables, value: Json, place: Place) -> None:
    """Section 3.4: the URI is a tame relative one, and its base is known."""
    base = value.get("uriBaseId")
    if base is not None and not (isinstance(base, str) and base in tables.bases):
        tables.wrong((place, "uriBaseId"), "is not in run.originalUriBaseIds")
    uri = value.get("uri")
    if uri is not None:
        uri_text(tables, uri, (place, "uri"), based=base is not None)


def uri_text(tables: Tables, uri: object, place: Place, *, based: bool) -> None:
    """A URI tells nothing of a machine's folders; one that leads out of its base is for `limits` to say."""
    if not isinstance(uri, str):
        tables.wrong(place, "must be text")
    elif "\\" in uri:
        tables.wrong(place, "has a backslash")
    elif based and (_SCHEME.match(uri) or uri.startswith("/")):
        tables.wrong(place, "must be relative where there is a uriBaseId")
    elif uri[:5].lower() == "file:" or (uri.startswith("/") and uri[1:2] != "/"):
        tables.wrong(place, "is an absolute path of a machine")


def region(tables: Tables, value: Json, place: Place) -> None:
    """Section 3.30: lines and columns count from 1, and nothing ends before it starts."""
    said = {name: whole(tables, value, name, place, least) for name, least in _LEAST.items() if name in value}
    start, column = said.get("startLine", -1), said.get("startColumn", 1)
    end = said.get("endLine", start)
    if start < 1 and {"startColumn", "endLine", "endColumn"} & said.keys():
        tables.wrong(place, "has lines or columns and no startLine")
    elif end < start:
        tables.wrong((place, "endLine"), "stands before startLine")
    elif end == start and said.get("endColumn", column) < column:
        tables.wrong((place, "endColumn"), "stands before startColumn")


def said(tables: Tables, value: Json, place: Place) -> None:
    """Section 3.11.2: a message has a text, or the id of one."""
    message = value.get("message")
    if not isinstance(message, dict) or not any(isinstance(message.get(name), str) for name in ("text", "id")):
        tables.wrong((place, "message"), "must have a text or an id")


def graph(tables: Tables, value: Json, place: Place) -> None:
    """Section 3.39: nodes have ids of their own, edges join nodes that are there."""
    nodes = _nodes(value, "nodes")
    edges = [edge for edge in listed(value, "edges") if isinstance(edge, dict)]
    for what, names in (("nodes", nodes), ("edges", [str(edge.get("id")) for edge in edges])):
        if len(names) != len(set(names)):
            tables.wrong((place, what), "two have the same id")
    for number, edge in enumerate(edges):
        for end in ("sourceNodeId", "targetNodeId"):
            if edge.get(end) not in nodes:
                tables.wrong((((place, "edges"), number), end), "is not the id of a node")


def _nodes(holder: Json, name: str) -> list[str]:
    nodes = [node for node in listed(holder, name) if isinstance(node, dict)]
    return [str(node.get("id")) for node in nodes] + [one for node in nodes for one in _nodes(node, "children")]


def traversal(tables: Tables, value: Json, place: Place, graphs: list[Any]) -> None:
    """Section 3.42: it walks edges of exactly one graph, of the run or of the result."""
    if ("runGraphIndex" in value) == ("resultGraphIndex" in value):
        tables.wrong(place, "must have one of runGraphIndex and resultGraphIndex")
        return
    walked = indexed(tables, value, "runGraphIndex", place, "graphs")
    index = whole(tables, value, "resultGraphIndex", place)
    if index >= len(graphs):
        tables.wrong((place, "resultGraphIndex"), f"{index} is not in result.graphs, which has {len(graphs)}")
    walked = walked or at(graphs, index)
    edges = {str(edge.get("id")) for edge in listed(walked, "edges") if isinstance(edge, dict)}
    for number, step in enumerate(listed(value, "edgeTraversals")):
        if walked and isinstance(step, dict) and str(step.get("edgeId")) not in edges:
            tables.wrong((((place, "edgeTraversals"), number), "edgeId"), "is not the id of an edge")


def chain(tables: Tables, name: str, place: Place) -> None:
    """The parents of a table's rows form no circle."""
    rows = tables.table(name) or []
    sound: set[int] = set()
    for number in range(len(rows)):
        path: set[int] = set()
        here = number
        while 0 <= here < len(rows) and here not in sound and here not in path:
            path.add(here)
            parent = at(rows, here).get("parentIndex", -1)
            here = parent if type(parent) is int else -1
        if here in path:
            tables.wrong(((place, name), number), "is a parent of itself")
        sound |= path


Check = Callable[[Tables, Json, Place], None]

CHECKS: Final[dict[str, Check]] = {
    "artifactLocation": artifact_location,
    "graph": graph,
    "notification": said,
    "region": region,
    "result": said,
}
"""By the name of the object. References to rules and tool components stand in `references`."""
