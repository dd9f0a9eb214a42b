"""The join of two JSON values that describe the same thing: associative, commutative and idempotent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec

Json = dict[str, Any]

encode = msgspec.json.Encoder().encode
canonical = msgspec.json.Encoder(order="sorted").encode
"""JSON that is the same for equal values."""

_SETS: Final = frozenset(
    {
        "analysisToolLogFiles",
        "attachments",
        "codeFlows",
        "contents",
        "deprecatedGuids",
        "deprecatedIds",
        "deprecatedNames",
        "fixes",
        "graphTraversals",
        "graphs",
        "locations",
        "relatedLocations",
        "relationships",
        "roles",
        "stacks",
        "supportedTaxonomies",
        "tags",
        "taxa",
        "toolConfigurationNotifications",
        "toolExecutionNotifications",
        "workItemUris",
    }
)
"""Properties whose lists are sets: two of them become their union."""

_IDENTITY: Final = (
    *("byteLength", "byteOffset", "charLength", "charOffset", "endColumn", "endLine", "startColumn", "startLine"),
    *("guid", "id", "index", "name", "parentIndex", "text", "tool", "uri", "uriBaseId"),
)
"""Properties that tell what an object is about: what is said of one thing is never mixed with what is of another."""
_UNITED: Final = frozenset({"", "properties"})
"""Names of properties whose objects are united whatever they are about; empty is what `join` is called for."""


def join(first: Any, second: Any, name: str = "") -> Any:  # noqa: ANN401  # any JSON
    """What both values say.

    Objects that are about the same are united property by property, sets are united, and of all else that differs the
    one that is lesser as JSON stands. Values of the same bytes are kept as they are; else properties and sets end up
    sorted.

    Args:
        first: a value.
        second: another value.
        name: of the property that has the values.
    """
    if encode(first) == encode(second):
        return first
    if isinstance(first, dict) and isinstance(second, dict):
        about = () if name in _UNITED else (_about(first), _about(second))
        if about and about[0] != about[1]:
            return first if about[0] < about[1] else second
        return {
            key: join(first[key], second[key], key)
            if key in first and key in second
            else first[key]
            if key in first
            else second[key]
            for key in sorted(first.keys() | second.keys())
        }
    if isinstance(first, list) and isinstance(second, list) and name in _SETS:
        return distinct([*first, *second])
    return min(first, second, key=_order)


def _about(value: Json) -> bytes:
    return canonical({name: value[name] for name in _IDENTITY if name in value})


def distinct(values: Iterable[Any]) -> list[Any]:
    """Equal values once each, in the order of their canonical JSON."""
    found: dict[bytes, Any] = {}
    for value in values:
        key = canonical(value)
        found[key] = min(found[key], value, key=encode) if key in found else value
    return [found[key] for key in sorted(found)]


def agreed(values: Iterable[Json]) -> Json:
    """The properties that all objects have with equal values."""
    first, *others = values
    return {key: value for key, value in first.items() if all(key in one and one[key] == value for one in others)}


def _order(value: object) -> tuple[int, bytes, bytes]:
    return 0 if isinstance(value, dict) else 1 if isinstance(value, list) else 2, canonical(value), encode(value)
