"""When two results are the same observation, what they then say together, and the order of results."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote

from devsecops.sarif import repair
from devsecops.sarif.joins import canonical, distinct, join
from devsecops.sarif.plain import Plain

Json = dict[str, Any]
Key = tuple[Any, ...]
Order = tuple[int, Key]
"""A grade, which is the severity rank and more than all ranks where it is settled; what it is told from others by."""

_RANKS: Final = {"error": 1, "warning": 3, "note": 4, "none": 5}
_FINER: Final = {("error", "critical"): 0, ("warning", "unknown"): 2}
"""`model.Severity.rank` by level, and by level and the finer word of our property bag."""
_SETTLED: Final = 10
_BASELINED: Final = frozenset({"unchanged", "updated", "absent"})
_PHYSICAL: Final = {"physicalLocation"}
_DETAILS: Final = frozenset({"charOffset", "charLength", "byteOffset", "byteLength"})


def order_of_plain(found: Plain) -> Order:
    """The same as `order_of`."""
    physical = found.locations[0].physicalLocation
    artifact, region = physical.artifactLocation, physical.region
    uri = unquote(artifact.uri) if "%" in artifact.uri else artifact.uri
    prints = _as_text(found.partialFingerprints) if found.partialFingerprints else ""
    key = (
        "", uri, region.startLine, region.startColumn, "", found.ruleId, found.message.text, prints,
        region.endLine, region.endColumn, artifact.uriBaseId, "fail", b"",
    )  # fmt: skip
    return _RANKS[found.level], key


def united(first: Json, second: Json) -> Json:
    """One result of two that are the same observation, with what either says; the graver word stands."""
    first, second = _with_same_graphs(first, second)
    rest, other = ({key: one[key] for key in one if key not in _SPECIAL} for one in (first, second))
    found: Json = join(rest, other)
    if "locations" in found:  # as many in both, and about the same places
        pairs = zip(first.get("locations") or (), second.get("locations") or (), strict=False)
        found["locations"] = [join(*pair) for pair in pairs] or found["locations"]
    found["level"] = min(first["level"], second["level"], key=_RANKS.__getitem__)
    ranks = [one["rank"] for one in (first, second) if "rank" in one]
    if ranks:
        found["rank"] = max(ranks)
    states = {one["baselineState"] for one in (first, second) if "baselineState" in one}
    if states:
        found["baselineState"] = min(states, key=repair.BASELINE_STATES.index)
    if "suppressions" in first and "suppressions" in second:  # one that is not suppressed counts
        both = first["suppressions"] and second["suppressions"]
        found["suppressions"] = distinct([*first["suppressions"], *second["suppressions"]]) if both else []
    return found


def in_form(found: Json) -> Json:
    """A result as it is written: what can change when it is seen again has its place among the first."""
    return {name: found[name] for name in _FIRST if name in found} | found


_FIRST: Final = (
    *("ruleId", "ruleIndex", "level", "message", "kind", "rank"),
    *("partialFingerprints", "suppressions", "baselineState"),
)
"""Members in the order in which `to_sarif` writes them, too."""
_SPECIAL: Final = ("level", "rank", "baselineState", "suppressions")


def _with_same_graphs(first: Json, second: Json) -> tuple[Json, Json]:
    """Both results with the graphs of either, and what walks them with the indices there."""
    if first.get("graphs") == second.get("graphs"):
        return first, second
    listed = [one.get("graphs") or [] for one in (first, second)]
    graphs = distinct([*listed[0], *listed[1]])
    numbers = {canonical(graph): at for at, graph in enumerate(graphs)}
    found = []
    for one, own in zip((first, second), listed, strict=True):
        result = {**one, "graphs": graphs}
        walks = [dict(walk) for walk in one.get("graphTraversals") or ()]
        for walk in walks:
            at = walk.get("resultGraphIndex")
            if type(at) is int and 0 <= at < len(own):
                walk["resultGraphIndex"] = numbers[canonical(own[at])]
        found.append(result | {"graphTraversals": walks} if walks else result)
    return found[0], found[1]


def order_of(found: Json) -> Order:
    """What a result is sorted by, as `dedupe.order` does; the last part tells it from others.

    Two results of one tool are the same observation when rule, places, message and fingerprints are equal. Snippets,
    levels, code flows and the like are not looked at: they are united.
    """
    places = found.get("locations") or [{}]
    first = places[0] if isinstance(places[0], dict) else {}
    physical = first.get("physicalLocation", {})
    artifact, region = physical.get("artifactLocation", {}), physical.get("region", {})
    path, more = artifact.get("uri", ""), b""
    if len(places) > 1 or first.keys() != _PHYSICAL or not _DETAILS.isdisjoint(region):
        more = canonical([_place(one) for one in places])
    request = found.get("webRequest")
    if request:
        path = str(request.get("target", ""))
        more += canonical([request.get("method"), request.get("parameters"), request.get("body")])
    message = found["message"]
    text = message["text"] if "text" in message else canonical(message).decode()
    service, severity = _ours(found)
    place = (unquote(path) if "%" in path else path, region.get("startLine", 0), region.get("startColumn", 0))
    ends = (region.get("endLine", 0), region.get("endColumn", 0))
    key = (
        *(service, *place, _package(first), found.get("ruleId", ""), text, _prints(found)),
        *(*ends, artifact.get("uriBaseId", ""), found.get("kind", "fail"), more),
    )
    settled = ("suppressions" in found or "baselineState" in found) and _is_settled(found)
    rank = _FINER.get((found["level"], severity), _RANKS[found["level"]])
    return rank + _SETTLED if settled else rank, key


def _ours(found: Json) -> tuple[str, str]:
    """Service and severity, as our property bag says them."""
    bag = found.get("properties")
    ours = bag.get("devsecops") if bag else None
    if not isinstance(ours, dict):
        return "", ""
    return str(ours.get("service", "")), str(ours.get("severity", ""))


def _is_settled(found: Json) -> bool:
    suppressions = found.get("suppressions") or ()
    return found.get("baselineState") in _BASELINED or any(
        isinstance(one, dict) and one.get("status", "accepted") == "accepted" for one in suppressions
    )


def _place(location: object) -> object:
    if not isinstance(location, dict):
        return None
    physical = location.get("physicalLocation", {})
    artifact = physical.get("artifactLocation", {})
    region = physical.get("region") or {}
    numbers = [region.get(name) for name in ("startLine", "startColumn", "endLine", "endColumn", *sorted(_DETAILS))]
    logical = [
        [one.get("fullyQualifiedName"), one.get("name"), one.get("kind")]
        for one in location.get("logicalLocations") or ()
        if isinstance(one, dict)
    ]
    address = physical.get("address")
    return [artifact.get("uri"), artifact.get("uriBaseId"), numbers, logical, address]


def _package(location: Json) -> str:
    for one in location.get("logicalLocations") or ():
        if isinstance(one, dict) and one.get("kind") == "package":
            return str(one.get("fullyQualifiedName", ""))
    return ""


def _prints(found: Json) -> str:
    """The fingerprints as one text; raises TypeError where one is no text."""
    whole, partial = found.get("fingerprints"), found.get("partialFingerprints")
    return _as_text(*(bag for bag in (whole, partial) if bag))


def _as_text(*bags: dict[str, str]) -> str:
    if len(bags) == 1 and len(bags[0]) == 1:
        ((kind, value),) = bags[0].items()
        return kind + value
    return "\0".join(sorted([kind + value for bag in bags for kind, value in bag.items()]))
