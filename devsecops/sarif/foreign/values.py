"""Members of foreign JSON, each of the type that is wanted or empty: nothing here raises."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

_LARGEST: Final = 2**31 - 1


def table(value: object) -> Json:
    """An object; empty where it is none."""
    return value if isinstance(value, dict) else {}


def tables(value: object) -> list[Json]:
    """The objects of a list, without whatever else stands in it."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def string(value: object) -> str:
    """A text; empty where it is none."""
    return value if isinstance(value, str) else ""


def strings(value: object) -> list[str]:
    """The texts of a list, or the one text that stands in its place."""
    listed = value if isinstance(value, list) else [value]
    return [one for one in listed if isinstance(one, str)]


def position(value: object) -> int:
    """A line or column, from 1; 0 where it is none."""
    number = int(value) if isinstance(value, float) and value == value // 1 else value
    return number if isinstance(number, int) and not isinstance(number, bool) and 0 < number <= _LARGEST else 0


def whole(value: object) -> int | None:
    """A whole number of 32 bits."""
    is_one = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST
    return value if is_one and isinstance(value, int) else None


def at(listed: object, index: object) -> Json:
    """The object that an index points to; empty where it dangles."""
    number = whole(index)
    entries = listed if isinstance(listed, list) else []
    return table(entries[number]) if number is not None and 0 <= number < len(entries) else {}


def first(listed: object) -> Json:
    """The first object of a list; empty where there is none."""
    return next(iter(tables(listed)), {})


def bag(holder: Json) -> Json:
    """The property bag of an object."""
    return table(holder.get("properties"))
